/** The command `heap`: what a heap snapshot holds, or what changed between several. */
import path from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import { PacewrightError, exitCodes } from './core/errors.ts';
import { compareHeaps } from './heap/compare.ts';
import { buildGraph, type HeapGraph } from './heap/graph.ts';
import { readSnapshot } from './heap/read-snapshot.ts';
import { summariseHeap } from './heap/summary.ts';
import { renderHeap, renderHeapComparison } from './report/terminal-heap.ts';
import { openSnapshot } from './store/snapshot-file.ts';

interface World {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  readonly cwd: string;
}

const defaultRows = 12;
// Progress is told where reading takes longer than that, in steps of a tenth.
const quiet = 2000;

async function load(world: World, place: string): Promise<HeapGraph> {
  const { chunks, bytes } = openSnapshot(path.resolve(world.cwd, place));
  const start = Date.now();
  let told = start + quiet;
  const snapshot = await readSnapshot(chunks, {
    name: place,
    onProgress: (read) => {
      if (Date.now() < told) return;
      told = Date.now() + quiet;
      world.err(`${place}: ${Math.round(read / 1e6)} MB read, the file has ${Math.round(bytes / 1e6)} MB`);
    },
  });
  return buildGraph(snapshot);
}

function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('a whole number of at least 1 is needed.');
  return value;
}

async function heap(world: World, places: readonly string[], rows: number): Promise<number> {
  const [first, second, third] = places;
  if (first === undefined || places.length > 3) {
    throw new PacewrightError('ARGUMENT_INVALID', `heap takes one, two or three snapshots, not ${places.length}.`, {
      next: 'npx pacewright heap <file>, or heap <before> <after> [<later>]',
    });
  }
  const before = await load(world, first);
  if (second === undefined) {
    world.out(renderHeap(first, summariseHeap(before, rows)));
    return exitCodes.pass;
  }
  const after = await load(world, second);
  const later = third === undefined ? null : await load(world, third);
  world.out(renderHeapComparison(places, compareHeaps(before, after, later, rows)));
  return exitCodes.pass;
}

export function addHeapCommand(program: Command, world: World, finish: (code: number) => void): void {
  program
    .command('heap')
    .description('say what a heap snapshot holds, or what changed between two or three of one process')
    .argument('<snapshot...>', '.heapsnapshot files of Chrome, DevTools, Node or memlab, compressed or not')
    .option('--rows <n>', 'rows of each table', wholeNumber, defaultRows)
    .action(async (places: string[], flags: { rows: number }) => finish(await heap(world, places, flags.rows)));
}
