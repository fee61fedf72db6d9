/**
 * memlab 2, fuite 5 and Pacewright on the same pages, with the same number of iterations, one process a page each: what
 * each finds, whether it names what holds the leak, what it reports of pages that do not leak, time and memory.
 *
 * The project does not depend on the two. Install them into a folder of their own:
 *
 *     mkdir FOLDER && cd FOLDER && npm init -y && PUPPETEER_SKIP_DOWNLOAD=1 npm install memlab@2 fuite@5
 *     node bench/leaks/others.ts --tools FOLDER [--chrome /usr/bin/chromium] [--only memlab,fuite] [PAGE …]
 *
 * PAGE is a part of a page's name, `plain/growing-map`; all pages take hours.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { leakPages } from '../../examples/leaks/catalogue.ts';
import { serveLeaks } from '../../examples/leaks/server.ts';
import { findChrome } from '../../src/browser/find.ts';
import { runPacewright } from './pacewright.ts';
import { runTool, type ToolRun } from './run-tool.ts';
import { type Answer, describeRows, score, type Scored, summariseRows, summaryHead } from './score.ts';

interface Ran {
  readonly answer: Answer;
  readonly run: ToolRun;
}

/** @param folder empty, for what the tool writes */
type Tool = (url: string, folder: string) => Promise<Ran>;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    tools: { type: 'string' },
    chrome: { type: 'string' },
    only: { type: 'string', default: 'memlab,fuite,pacewright' },
    iterations: { type: 'string', default: '7' },
  },
});
const { tools: home = '' } = values;
if (!existsSync(path.join(home, 'node_modules/fuite')) || !existsSync(path.join(home, 'node_modules/memlab'))) {
  console.error('--tools FOLDER: npm install memlab@2 fuite@5 there, with PUPPETEER_SKIP_DOWNLOAD=1');
  process.exit(2);
}
const chrome = values.chrome ?? (await findChrome())?.path ?? '';
const iterations = Number(values.iterations);

const open = "await page.click('#open'); await page.waitForSelector('#close');";
const close =
  "await page.click('#close'); await page.waitForFunction(() => document.querySelector('#panel') === null);";

const failure = (run: ToolRun): Answer => ({
  leaks: false,
  text: '',
  pattern: null,
  places: [],
  failed: `exit code ${run.code}: ${run.output.trim().split('\n').at(-1)?.slice(0, 200) ?? ''}`,
});

/** Its first leak is printed first. It knows of no places. */
async function memlab(url: string, folder: string): Promise<Ran> {
  const scenario = path.join(folder, 'scenario.cjs');
  writeFileSync(
    scenario,
    // The action runs once, and as often again as it is repeated.
    `module.exports = { url: () => ${JSON.stringify(url)}, repeat: () => ${iterations - 1},
      action: async (page) => { ${open} }, back: async (page) => { ${close} } };`,
  );
  const run = await runTool({
    command: process.execPath,
    words: [
      path.join(home, 'node_modules/@memlab/cli/bin/memlab'),
      ...['run', '--scenario', scenario, '--chromium-binary', chrome, '--work-dir', folder, '--skip-warmup'],
    ],
    cwd: folder,
    env: {},
  });
  // eslint-disable-next-line no-control-regex -- it moves the cursor about
  const printed = run.output.replace(/\u001B\[[0-9;]*[A-Za-z]/g, '');
  const count = /MemLab found (\d+) leak/.exec(printed)?.[1];
  const none = /No leaks found/i.test(printed);
  if (count === undefined && !none) return { answer: failure(run), run };
  const [, first = ''] = printed.split(/--Similar leaks in this run: \d+--/);
  return { answer: { leaks: Number(count ?? 0) > 0, text: first, pattern: null, places: [], failed: null }, run };
}

interface FuiteLeaks {
  readonly detected: boolean;
  readonly collections: readonly { readonly preview: string; readonly stacktraces?: readonly { pretty?: string }[] }[];
  readonly objects: readonly { readonly name: string }[];
  readonly eventListeners: readonly unknown[];
  readonly domNodes: unknown;
}

/** It has no order: whatever it lists counts as named. */
async function fuite(url: string, folder: string): Promise<Ran> {
  const scenario = path.join(folder, 'scenario.mjs');
  const output = path.join(folder, 'output.json');
  writeFileSync(scenario, `export async function iteration(page) { ${open} ${close} }`);
  const run = await runTool({
    command: process.execPath,
    words: [
      path.join(home, 'node_modules/fuite/src/cli.cjs'),
      ...['-o', output, '-i', String(iterations), '-b', '--no-sandbox', '-s', scenario, url],
    ],
    cwd: folder,
    env: { PUPPETEER_EXECUTABLE_PATH: chrome },
  });
  const text = existsSync(output) ? readFileSync(output, 'utf8') : '';
  if (text === '') return { answer: failure(run), run };
  const [test] = JSON.parse(text) as { result?: { leaks: FuiteLeaks } }[];
  const leaks = test?.result?.leaks;
  if (!leaks) return { answer: failure(run), run };
  const { collections, objects, eventListeners, domNodes, detected } = leaks;
  const stacks = collections.flatMap(({ stacktraces = [] }) => stacktraces.map(({ pretty = '' }) => pretty));
  const places = [...stacks.join('\n').matchAll(/([^\s/]+\.[jt]sx?):(\d+):\d+/g)].map((at) => ({
    file: at[1] ?? '',
    line: Number(at[2]),
  }));
  const named = [objects.map(({ name }) => name), collections.map(({ preview }) => preview), stacks, eventListeners];
  return {
    answer: { leaks: detected, text: JSON.stringify([named, domNodes]), pattern: null, places, failed: null },
    run,
  };
}

async function pacewright(url: string): Promise<Ran> {
  const { answers, run } = await runPacewright([url], iterations);
  return { answer: answers.get(url)?.answer ?? failure(run), run };
}

const known: Readonly<Record<string, Tool>> = { memlab, fuite, pacewright };
const chosen = values.only.split(',');
const pages =
  positionals.length === 0
    ? leakPages
    : positionals.flatMap((word) => leakPages.filter(({ kit, name }) => `${kit}/${name}`.includes(word)));
await using server = await serveLeaks();

/** Three figures: of the last minute, of five and of fifteen. */
const load = (): string =>
  loadavg()
    .map((figure) => figure.toFixed(1))
    .join(' ');

const tools = chosen.map((name) => {
  const tool = known[name];
  if (!tool) throw new Error(`no tool ${name}: ${Object.keys(known).join(', ')}`);
  const runs: ToolRun[] = [];
  const rows: Scored[] = [];
  const ask = async (url: string): Promise<Answer> => {
    const folder = mkdtempSync(path.join(tmpdir(), 'pacewright-others-'));
    try {
      const { answer, run } = await tool(`${server.url}${url}`, folder);
      runs.push(run);
      const said = answer.failed ?? (answer.leaks ? 'leaks' : 'clean');
      const cost = `${run.seconds.toFixed(1)} s, ${Math.round(run.peak / 1e6)} MB, load ${load()}`;
      console.log(`${name} ${url}: ${said}, ${cost}`);
      return answer;
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  };
  return { name, runs, rows, ask };
});

// In turns on each page: what else the machine does hits all of them alike. Told as they come: it takes long.
for (const page of pages) {
  for (const { name, rows, ask } of tools) {
    const leaking = page.truth ? await ask(page.url) : undefined;
    const row = score(page, leaking, await ask(page.truth ? `${page.url}?repaired` : page.url));
    rows.push(row);
    console.log(`${name}\n${describeRows([row]).join('\n')}`);
  }
}

for (const { name, rows } of tools) console.log(`\n${name}\n${describeRows(rows).join('\n')}`);
console.log(`\n${summaryHead}`);
for (const { name, rows, runs } of tools) {
  const seconds = runs.reduce((sum, run) => sum + run.seconds, 0) / Math.max(1, runs.length);
  const peak = Math.max(0, ...runs.map((run) => run.peak));
  console.log(summariseRows(name, rows, [seconds.toFixed(1), `${Math.round(peak / 1e6)} MB`]));
}
