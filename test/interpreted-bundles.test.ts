/** What a diagnosis makes of scripts and coverage of base and head. */
import { tmpdir } from 'node:os';
import { expect, test } from 'vitest';
import { Interpreter } from '../src/diagnose/interpreter.ts';
import type { RecordedSide } from '../src/diagnose/recorded.ts';
import { readMinified } from './fixtures/bundles/fixture.ts';

const { recording, requests } = readMinified();

function sideOf(variant: RecordedSide['variant'], keeps: (url: string) => boolean): RecordedSide {
  const sent = requests
    .filter(({ url }) => keeps(url))
    .map((one) => ({ ...one, method: 'GET', fromCache: false, failed: null }));
  return {
    variant,
    pageUrl: 'http://app.test',
    steps: [],
    flow: [{ name: 'open', requests: sent }],
    counted: recording.coverage.map(({ name, scripts, styles }) => ({ name, scripts, styles, stacks: [] })),
    scripts: recording.scripts.filter(({ url }) => keeps(url)),
  };
}

test('budgeted globs get values, and a comparison tells what is new', () => {
  const interpreter = new Interpreter({
    head: sideOf('head', () => true),
    base: sideOf('base', (url) => !url.includes('chart')),
    globs: ['src/**', '*.css', 'node_modules/moment/**'],
    folder: tmpdir(),
  });
  const { bundles, values, findings } = interpreter.scenario();
  expect(values).toEqual([
    { step: null, metric: 'bundle.src/**', value: 1957 },
    { step: null, metric: 'bundle.*.css', value: 590 },
  ]);
  expect(bundles?.changes).toEqual([{ name: 'toolbox', kind: 'package', base: 3328, head: 4400 }]);
  expect(findings.map(({ step, finding }) => `${step}: ${finding.title}`)).toContain(
    'open: toolbox grew by 1.07 kB, from 3.33 kB',
  );
});
