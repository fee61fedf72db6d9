/** The document of a scenario before its first sample. */
import { randomInt } from 'node:crypto';
import type { TestInfo } from '@playwright/test';
import { type PacewrightOptions, readOptions } from '../config/options.ts';
import type { ScenarioDocument } from '../core/document.ts';
import { cleanText } from '../core/text.ts';
import { defaultParameters } from '../judge/parameters.ts';
import { portablePath, scenarioId } from './identity.ts';

const maximumSeed = 2 ** 31 - 1;

/**
 * @param about.root what file names are relative to
 * @throws PacewrightError CONFIG_INVALID for options that are not allowed
 */
export function createDocument(about: {
  testInfo: TestInfo;
  options: PacewrightOptions;
  root: string;
  isMobile: boolean;
}): ScenarioDocument {
  const { testInfo, options } = about;
  const file = portablePath(testInfo.file, about.root);
  // The first part of a title path is the file.
  const titlePath = testInfo.titlePath.slice(1).map((title) => cleanText(title));
  const repeat = testInfo.repeatEachIndex;
  const measure = readOptions(options, process.env);
  return {
    id: scenarioId({ file, titlePath, project: testInfo.project.name, repeat }),
    title: cleanText(testInfo.title) + (repeat > 0 ? ` (repeat ${repeat})` : ''),
    titlePath,
    tags: testInfo.tags.map((tag) => cleanText(tag)),
    file,
    line: testInfo.line,
    project: testInfo.project.name,
    device: { viewport: 'unknown', scale: 1, mobile: about.isMobile, userAgent: 'unknown' },
    options: measure,
    parameters: { ...defaultParameters, fixed: measure.samples !== null, inconclusive: options.inconclusive },
    seed: randomInt(maximumSeed),
    status: 'interrupted',
    failure: null,
    samples: [],
    chrome: { version: 'unknown', path: 'unknown', flags: [] },
    budgets: [],
    verdicts: [],
    comparison: null,
    diagnosis: null,
    memory: null,
    warnings: [],
    startedAt: new Date().toISOString(),
    wall: 0,
  };
}
