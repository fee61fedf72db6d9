/**
 * How long it takes to read and interpret a heap snapshot, and how much memory: as a ratio to JSON.parse of the same
 * file, where it fits into a string, and to a plain scan of its bytes. Each row is a process of its own.
 *
 *     node bench/heap.ts [MB …]      57 and 500 if none is named
 *
 * The snapshots are real ones, written by V8 in a process that holds as many objects as it takes.
 */
import { execFileSync } from 'node:child_process';
import { createReadStream, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeHeapSnapshot } from 'node:v8';
import { buildGraph } from '../src/heap/graph.ts';
import { readSnapshot } from '../src/heap/read-snapshot.ts';
import { summariseHeap } from '../src/heap/summary.ts';

const self = fileURLToPath(import.meta.url);

class Item {
  readonly name: string;
  readonly tags: readonly unknown[];
  next: Item | null = null;
  constructor(at: number, before: Item | undefined) {
    this.name = `item ${at}`;
    this.tags = [at * 1.5, `tag ${at % 1000}`, before];
  }
}

/** Holds so many objects that the snapshot has about that size: one takes 500 bytes of the file. */
function writeSnapshot(file: string, megabytes: number): void {
  const items: Item[] = [];
  for (let at = 0; at < megabytes * 2000; at += 1) items.push(new Item(at, items[at >> 1]));
  writeHeapSnapshot(file);
  if (items.length === 0) throw new Error('nothing was held');
}

const read = (file: string): AsyncIterable<Uint8Array> => createReadStream(file, { highWaterMark: 1 << 20 });

const ways: Readonly<Record<string, (file: string) => Promise<void>>> = {
  'byte scan': async (file) => {
    let commas = 0;
    for await (const chunk of read(file)) for (const byte of chunk) if (byte === 0x2c) commas += 1;
    if (commas === 0) throw new Error('no snapshot');
  },
  'JSON.parse': async (file) => {
    const { nodes } = JSON.parse(readFileSync(file, 'utf8')) as { nodes: number[] };
    if (nodes.length === 0) throw new Error('no snapshot');
  },
  read: async (file) => {
    await readSnapshot(read(file), { name: file });
  },
  'read, dominators, retained sizes': async (file) => {
    buildGraph(await readSnapshot(read(file), { name: file }));
  },
  'the same and a summary': async (file) => {
    summariseHeap(buildGraph(await readSnapshot(read(file), { name: file })), 12);
  },
};

// A string of V8 holds so many characters at the most.
const longestString = 536_870_888;

async function measure(way: string, file: string): Promise<void> {
  const start = performance.now();
  await ways[way]?.(file);
  const peak = process.resourceUsage().maxRSS * 1024;
  process.stdout.write(JSON.stringify({ ms: performance.now() - start, peak }));
}

function compare(megabytes: number, folder: string): void {
  const file = path.join(folder, `${megabytes}.heapsnapshot`);
  execFileSync(process.execPath, ['--max-old-space-size=12000', self, 'write', file, String(megabytes)]);
  const { size } = statSync(file);
  console.log(`\n${(size / 1e6).toFixed(0)} MB`);
  const names = Object.keys(ways).filter((way) => way !== 'JSON.parse' || size <= longestString);
  const rows = names.map((way) => {
    const text = execFileSync(process.execPath, ['--max-old-space-size=12000', self, 'measure', file, way], {
      encoding: 'utf8',
    });
    return { way, ...(JSON.parse(text) as { ms: number; peak: number }) };
  });
  const scan = rows.find(({ way }) => way === 'byte scan')?.ms ?? Number.NaN;
  const parse = rows.find(({ way }) => way === 'JSON.parse')?.ms;
  for (const { way, ms, peak } of rows) {
    const ratios = [
      `${(ms / scan).toFixed(2)} × byte scan`,
      ...(parse ? [`${(ms / parse).toFixed(2)} × JSON.parse`] : []),
    ];
    console.log(
      `  ${way.padEnd(34)}${ms.toFixed(0).padStart(7)} ms ${(peak / 1e6).toFixed(0).padStart(6)} MB   ${ratios.join(', ')}`,
    );
  }
}

const [command, file = '', way = ''] = process.argv.slice(2);
if (command === 'write') writeSnapshot(file, Number(way));
else if (command === 'measure') await measure(way, file);
else {
  const folder = mkdtempSync(path.join(tmpdir(), 'pacewright-bench-'));
  try {
    const sizes = process.argv.slice(2).map(Number);
    for (const megabytes of sizes.length > 0 ? sizes : [57, 500]) compare(megabytes, folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
