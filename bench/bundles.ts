/**
 * How long bytes by module take, and how much memory, beside what JSON.parse and @jridgewell/trace-mapping need for the
 * same source map: a script of 10 MB with a map of 20 MB. Each measurement in a process of its own:
 * `node bench/bundles.ts`.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { decodedMappings, TraceMap } from '@jridgewell/trace-mapping';
import { measureBundles } from '../src/analyse/measure-bundles.ts';
import type { ScriptCoverage } from '../src/core/recording.ts';
import { seededRandom } from '../test/fixtures/runs/values.ts';

const modules = 5000;
const scriptBytes = 10_000_000;
const mapBytes = 20_000_000;
const url = 'http://app.test/index.js';
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

function vlq(value: number): string {
  let rest = value < 0 ? (-value << 1) | 1 : value << 1;
  let text = '';
  do {
    text += alphabet[(rest & 31) | (rest > 31 ? 32 : 0)];
    rest >>= 5;
  } while (rest > 0);
  return text;
}

/** One line, a mapping each 5 characters or so, as minified scripts have; texts of sources fill the map up. */
interface Input {
  readonly source: string;
  readonly map: string;
  readonly functions: ScriptCoverage['functions'];
}

function makeInput(): Input {
  const random = seededRandom(1);
  const mappings: string[] = [];
  const functions: ScriptCoverage['functions'][number][] = [];
  let [at, column] = [0, 0];
  for (let module = 0; module < modules; module += 1) {
    const end = Math.round(((module + 1) * scriptBytes) / modules);
    let first = true;
    while (at < end) {
      const step = 2 + Math.floor(random() * 7);
      const place = Math.floor(random() * 60);
      mappings.push(
        vlq(at === 0 ? 0 : column) + vlq(first && module > 0 ? 1 : 0) + vlq(first ? 0 : 1) + vlq(place - 30),
      );
      if (random() < 0.01)
        functions.push({
          name: 'f',
          isBlockCoverage: true,
          ranges: [{ start: at, end: Math.min(end, at + 200), count: random() < 0.4 ? 1 : 0 }],
        });
      column = step;
      at += step;
      first = false;
    }
  }
  const sources = Array.from(
    { length: modules },
    (_, place) => `../../src/pages/part-${place % 97}/module-${place}.tsx`,
  );
  const text = mappings.join(',');
  const each = Math.max(0, Math.floor((mapBytes - text.length - sources.join().length) / modules));
  const sourcesContent = sources.map((source) =>
    `export const name = '${source}';\n`.padEnd(each, 'const value = 1;\n'),
  );
  const whole = { name: '', isBlockCoverage: true, ranges: [{ start: 0, end: scriptBytes, count: 1 }] };
  return {
    source: 'function f(a){return a+1}'.repeat(scriptBytes / 25),
    map: JSON.stringify({ version: 3, names: [], sources, sourcesContent, mappings: text }),
    functions: [whole, ...functions],
  };
}

const tasks: Readonly<Record<string, (input: Input) => number>> = {
  'input only': ({ map }) => map.length,
  'JSON.parse + trace-mapping': ({ map }) => {
    const decoded = decodedMappings(new TraceMap(map));
    return decoded.reduce((sum, line) => sum + line.length, 0);
  },
  'bytes by module': ({ source, map, functions }) => {
    const place = { url, startLine: 0, startColumn: 0 };
    const { files } = measureBundles(
      {
        variant: 'head',
        steps: [],
        coverage: [{ name: 'open', scripts: [{ ...place, functions }], styles: [], sites: [] }],
        scripts: [{ ...place, source, map, mapProblem: null }],
        pageUrl: 'http://app.test/',
      },
      [{ url, type: 'script', party: 'first-party', status: 200, bytes: 3_000_000 }],
    );
    return files[0]?.modules.length ?? 0;
  },
};

interface Measured {
  readonly ms: number;
  readonly peak: number;
  readonly result: number;
}

function measureHere(name: string, folder: string): Measured {
  const task = tasks[name];
  if (!task) throw new Error(`no task ${name}`);
  const read = (file: string): string => readFileSync(path.join(folder, file), 'utf8');
  const functions = JSON.parse(read('functions.json')) as Input['functions'];
  const input = { source: read('index.js'), map: read('index.js.map'), functions };
  const start = performance.now();
  const result = task(input);
  // kB on Linux
  return { ms: performance.now() - start, peak: process.resourceUsage().maxRSS / 1000, result };
}

function runAll(folder: string): Map<string, Measured[]> {
  const runs = new Map<string, Measured[]>();
  for (let round = 0; round < 5; round += 1) {
    for (const name of Object.keys(tasks)) {
      const { stdout, stderr } = spawnSync(process.execPath, [import.meta.filename, name, folder], {
        encoding: 'utf8',
      });
      if (stdout === '') throw new Error(stderr);
      runs.set(name, [...(runs.get(name) ?? []), JSON.parse(stdout) as Measured]);
    }
  }
  return runs;
}

function print(runs: ReadonlyMap<string, readonly Measured[]>): void {
  const median = (name: string, read: (one: Measured) => number): number =>
    (runs.get(name) ?? []).map(read).toSorted((a, b) => a - b)[2] ?? 0;
  const [size, reference] = [median('input only', ({ result }) => result), 'JSON.parse + trace-mapping'];
  console.log(
    `A script of ${scriptBytes / 1e6} MB with a map of ${size / 1e6} MB, ${median(reference, ({ result }) => result)} mappings, ${modules} modules; median of 5 processes.`,
  );
  const time = (name: string): number => median(name, ({ ms }) => ms);
  const memory = (name: string): number => median(name, ({ peak }) => peak) - median('input only', ({ peak }) => peak);
  for (const name of [reference, 'bytes by module'])
    console.log(
      `${name}: ${time(name).toFixed(0)} ms (${(time(name) / time(reference)).toFixed(2)}), ${memory(name).toFixed(0)} MB above the texts themselves (${(memory(name) / memory(reference)).toFixed(2)})`,
    );
}

const [asked, from = ''] = process.argv.slice(2);
if (asked !== undefined) {
  console.log(JSON.stringify(measureHere(asked, from)));
} else {
  const folder = mkdtempSync(path.join(tmpdir(), 'pacewright-bundles-'));
  try {
    const { source, map, functions } = makeInput();
    writeFileSync(path.join(folder, 'index.js'), source);
    writeFileSync(path.join(folder, 'index.js.map'), map);
    writeFileSync(path.join(folder, 'functions.json'), JSON.stringify(functions));
    print(runAll(folder));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
