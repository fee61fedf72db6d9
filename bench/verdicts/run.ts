/**
 * The proof of the comparison's verdicts: `npm run bench:verdicts -- record | simulate | reduce | publish`.
 * - record: measures pools of pairs in Chrome, base against head, under load and with faults of known size; hours on a
 *   machine that does nothing else. `--all` records what is missing of the whole plan; an interrupted pool goes on.
 * - simulate: draws runs from the pools and has them judged by our rule and by those of other tools.
 * - reduce: writes a small part of some pools to test/fixtures/pools, where the tests replay it.
 * - publish: writes docs/verdicts.md and docs/verdicts.svg from the results.
 */
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { constants, setPriority } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { loadCondition, readPool, reducePool, writePool } from './pool.ts';
import { publishVerdicts } from './publish.ts';
import { nameOrder, type RecordOrder, recordPool } from './record.ts';
import { readResults, writeResult } from './results.ts';
import { studyPool } from './study.ts';

const folder = join(import.meta.dirname, 'pools');

/** What the published tables need: equal sides under each load, and faults of known size. */
function planOrders(pairs: number, faultPairs: number): RecordOrder[] {
  const equal = ['shop', 'checkout'].flatMap((flow) =>
    loadCondition.options.map((condition) => ({ flow, condition, effect: 'none', pairs, seed: 1 })),
  );
  const faults = ['compute=5%', 'compute=10%', 'hero=50', 'script=10', 'requests=1', 'handler=20'];
  const idle = faults.map((effect) => ({
    flow: 'shop',
    condition: 'idle' as const,
    effect,
    pairs: faultPairs,
    seed: 2,
  }));
  const loaded = (['one busy core', 'bursts'] as const).map((condition) => ({
    flow: 'shop',
    condition,
    effect: 'compute=10%',
    pairs: faultPairs,
    seed: 2,
  }));
  return [...equal, ...idle, ...loaded];
}

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    all: { type: 'boolean', default: false },
    flow: { type: 'string', default: 'shop' },
    condition: { type: 'string', default: 'idle' },
    effect: { type: 'string', default: 'none' },
    pairs: { type: 'string', default: '240' },
    'fault-pairs': { type: 'string', default: '100' },
    seed: { type: 'string', default: '1' },
    pools: { type: 'string', default: folder },
    results: { type: 'string', default: join(import.meta.dirname, 'results.json') },
    docs: { type: 'string', default: join(import.meta.dirname, '../../docs') },
    fixtures: { type: 'string', default: join(import.meta.dirname, '../../test/fixtures/pools') },
    only: { type: 'string' },
    runs: { type: 'string', default: '10000' },
    'power-runs': { type: 'string', default: '1000' },
    flips: { type: 'string', default: '999' },
  },
});

async function record(): Promise<void> {
  const pairs = Number(values.pairs);
  const one = { flow: values.flow, effect: values.effect, pairs, seed: Number(values.seed) };
  const orders = values.all
    ? planOrders(pairs, Number(values['fault-pairs']))
    : [{ ...one, condition: loadCondition.parse(values.condition) }];
  const stop = new AbortController();
  process.once('SIGINT', () => stop.abort());
  for (const order of orders) {
    const stem = join(values.pools, nameOrder(order));
    if (values.all && [`${stem}.json`, `${stem}.json.gz`].some((path) => existsSync(path))) continue;
    const path = await recordPool(order, values.pools, stop.signal);
    if (path === null) {
      console.log(`interrupted; the same command goes on with ${stem}.journal.jsonl`);
      process.exitCode = 130;
      return;
    }
    console.log(path);
  }
}

const readFolder = (path: string): string[] =>
  readdirSync(path)
    .filter((name) => /\.json(\.gz)?$/.test(name))
    .toSorted();

function simulate(): void {
  // Hours of arithmetic should not get in the way of anything else on the machine.
  setPriority(constants.priority.PRIORITY_LOW);
  const runs = {
    equal: Number(values.runs),
    power: Number(values['power-runs']),
    flips: Number(values.flips),
    seed: Number(values.seed),
  };
  for (const file of readFolder(values.pools)) {
    const pool = readPool(join(values.pools, file));
    if (values.only !== undefined && pool.about.name !== values.only) continue;
    const result = studyPool(pool, runs, ({ study, label, target, share, tally }) => {
      const about = share === null ? '' : ` ${target?.metric ?? ''} +${(100 * share).toFixed(1)} %`;
      const { failed, found, runs: total } = tally;
      console.log(`${pool.about.name}: ${study}${about}, ${label}: failed ${failed}, found ${found} of ${total}`);
    });
    writeResult(values.results, runs.flips, result);
  }
}

/** Pairs kept of pools of equal sides, and of those with a fault that the tests look for. */
const kept = { none: 60, compute: 40, script: 10, requests: 10 } as const;

function reduce(): void {
  for (const file of readFolder(values.pools)) {
    const pool = readPool(join(values.pools, file));
    const fault = pool.about.effect?.fault ?? 'none';
    if (!Object.hasOwn(kept, fault) || (values.only !== undefined && pool.about.name !== values.only)) continue;
    const small = reducePool(pool, kept[fault as keyof typeof kept]);
    console.log(writePool(join(values.fixtures, pool.about.name), small));
  }
}

function publish(): void {
  const { markdown, chart } = publishVerdicts(readResults(values.results));
  writeFileSync(join(values.docs, 'verdicts.md'), markdown);
  writeFileSync(join(values.docs, 'verdicts.svg'), chart);
}

const command = positionals[0] ?? '';
switch (command) {
  case 'record':
    await record();
    break;
  case 'simulate':
    simulate();
    break;
  case 'reduce':
    reduce();
    break;
  case 'publish':
    publish();
    break;
  default:
    console.error('npm run bench:verdicts -- record | simulate | reduce | publish');
    process.exitCode = 2;
}
