/** Pacewright on the collection, as its users run it: a scenario a page, started by the command line. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { runDocument } from '../../src/core/document.ts';
import type { Leak, Memory } from '../../src/core/leaks.ts';
import { createProject } from '../../test/support/project.ts';
import type { Answer } from './score.ts';
import { runTool, type ToolRun } from './run-tool.ts';

/** Opens the panel and closes it, `iterations` times. */
const scenario = (url: string, iterations: number): string => `
test(${JSON.stringify(url)}, async ({ detectLeaks }) => {
  await detectLeaks({
    setup: ({ page }) => page.goto(${JSON.stringify(url)}),
    action: async ({ page }) => {
      await page.locator('#open').click();
      await page.locator('#close').click();
      await page.locator('#panel').waitFor({ state: 'detached' });
    },
    iterations: ${iterations},
    snapshots: 'drop',
  });
});
`;

/** The first leak's names, pattern and places. */
function answerOf({ leaks }: Pick<Memory, 'leaks'>): Answer {
  const [first] = leaks;
  if (!first) return { leaks: false, text: '', pattern: null, places: [], failed: null };
  return {
    leaks: true,
    text: [first.title, first.what, first.advice, ...first.path.flatMap(({ name, what }) => [name, what])].join('\n'),
    pattern: first.pattern,
    places: first.location ? [first.location] : [],
    failed: null,
  };
}

export interface PacewrightAnswer {
  readonly answer: Answer;
  readonly leaks: readonly Leak[];
}

/** All pages in one run. @returns what was found, by address, and how the run went */
export async function runPacewright(
  urls: readonly string[],
  iterations: number,
): Promise<{ answers: ReadonlyMap<string, PacewrightAnswer>; run: ToolRun }> {
  using project = createProject({
    'leaks.perf.ts': `import { test } from 'pacewright';\n${urls.map((url) => scenario(url, iterations)).join('')}`,
  });
  const run = await runTool({
    command: process.execPath,
    words: [project.cli, 'run'],
    cwd: project.folder,
    env: { CI: 'true', NO_COLOR: '1' },
  });
  const reports = path.join(project.folder, 'reports');
  const folder = readdirSync(reports, { withFileTypes: true }).findLast((entry) => entry.isDirectory());
  if (!folder) throw new Error(`pacewright wrote no run:\n${run.output}`);
  const document = runDocument.parse(JSON.parse(readFileSync(path.join(reports, folder.name, 'run.json'), 'utf8')));
  const answers = new Map<string, PacewrightAnswer>();
  for (const url of urls) {
    const scenarioDocument = document.scenarios.find(({ titlePath }) => titlePath.at(-1) === url);
    const { memory } = scenarioDocument ?? {};
    const failed = scenarioDocument?.failure?.message ?? (memory?.ended === 'failed' ? 'not analysed' : null);
    answers.set(
      url,
      memory
        ? { answer: { ...answerOf(memory), failed }, leaks: memory.leaks }
        : { answer: { ...answerOf({ leaks: [] }), failed: failed ?? 'no answer' }, leaks: [] },
    );
  }
  return { answers, run };
}
