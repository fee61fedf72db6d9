/**
 * How often the first finding of a step names the function that was made slow: a busy loop of 10 to 80 ms is put into
 * a random function of a copy of the demo shop, which Vite builds with source maps, and the flow that runs it is
 * diagnosed. Needs a machine that does nothing else.
 *
 * `node bench/attribution.ts [--trials 20] [--seed 1] [--passes 3]`; each trial is a build and some runs of the flow,
 * half a minute.
 */
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import type { Flow } from 'pacewright';
import { buyBoots, checkOut } from '../examples/shop/flows.ts';
import type { RankedFinding } from '../src/analyse/rank-findings.ts';
import { stepFindings } from '../src/report/step-findings.ts';
import type { ChromePool } from '../src/scenario/chrome-pool.ts';
import type { StepFunction } from '../src/scenario/flow.ts';
import { seededRandom } from '../src/stats/random.ts';
import { diagnoseFlow } from '../test/support/diagnose.ts';
import { createPool, measureOnce } from '../test/support/measure.ts';
import { busy, counting, findPlaces, insert, keyOf, type Place } from './attribution/inject.ts';
import { copyShop, type ShopCopy } from './attribution/shop-copy.ts';

const viewport = { width: 1350, height: 940 };
const shortest = 10;
const longest = 80;
/** A function called more often gets its share of the loop in each call. */
const fewCalls = 3;

interface Candidate {
  readonly flow: Flow;
  readonly place: Place;
  readonly step: string;
  readonly calls: number;
}

const { values } = parseArgs({
  options: {
    trials: { type: 'string', default: '20' },
    seed: { type: 'string', default: '1' },
    passes: { type: 'string', default: '3' },
  },
});

/** Serves the shop with statements in some of its functions, and puts the sources back. */
async function withSources<Result>(
  shop: ShopCopy,
  places: readonly Place[],
  statement: (place: Place) => string,
  work: (url: string) => Promise<Result>,
): Promise<Result> {
  const originals = new Map<string, string>();
  for (const file of new Set(places.map((place) => place.file))) {
    const name = path.join(shop.sources, file);
    const text = await readFile(name, 'utf8');
    originals.set(name, text);
    const own = places.filter((place) => place.file === file);
    await writeFile(name, insert(text, own, statement));
  }
  try {
    const server = await shop.serve();
    try {
      return await work(server.url);
    } finally {
      await server.close();
    }
  } finally {
    for (const [name, text] of originals) await writeFile(name, text);
  }
}

/** Which functions run in which step, and how often, from a build that counts. */
async function findCandidates(pool: ChromePool, shop: ShopCopy, places: readonly Place[]): Promise<Candidate[]> {
  const candidates: Candidate[] = [];
  const counted =
    (flow: Flow): Flow =>
    async (given) => {
      const read = (): Promise<Record<string, number>> =>
        given.page.evaluate(() => (globalThis as unknown as { ran?: Record<string, number> }).ran ?? {});
      const step: StepFunction = async (name, actions) => {
        const before = given.page.url() === 'about:blank' ? {} : await read();
        const value = await given.step(name, actions);
        const after = await read();
        for (const place of places) {
          const calls = (after[keyOf(place)] ?? 0) - (before[keyOf(place)] ?? 0);
          if (calls > 0) candidates.push({ flow, place, step: name, calls });
        }
        return value;
      };
      await flow({ ...given, step });
    };
  await withSources(shop, places, counting, async (url) => {
    for (const flow of [buyBoots, checkOut]) {
      const { sample } = await measureOnce(pool, counted(flow), { context: { baseURL: url, viewport } });
      if (sample.steps.length === 0) throw new Error('the flow did not run');
    }
  });
  return candidates;
}

function names({ finding: { location } }: RankedFinding, { file, name, line, endLine }: Place): boolean {
  if (!location || path.posix.basename(location.file) !== file) return false;
  return location.line >= line && location.line <= endLine && (name === '' || location.function === name);
}

const pool = createPool();
const shop = await copyShop();
try {
  const random = seededRandom(Number(values.seed));
  const places = await findPlaces(shop.sources);
  const candidates = await findCandidates(pool, shop, places);
  console.log(`${places.length} functions, ${candidates.length} times one that runs in a step`);
  const trials = Number(values.trials);
  let first = 0;
  let three = 0;
  for (let trial = 1; trial <= trials; trial += 1) {
    const chosen = candidates[Math.floor(random() * candidates.length)];
    const ms = Math.round(shortest + random() * (longest - shortest));
    if (!chosen) break;
    const { flow, place, step, calls } = chosen;
    const each = calls <= fewCalls ? ms : ms / calls;
    const document = await withSources(
      shop,
      [place],
      () => busy(each),
      (url) => diagnoseFlow(pool, flow, { context: { baseURL: url, viewport }, passes: Number(values.passes) }),
    );
    const ranked = stepFindings(document, step);
    const at = ranked.findIndex((one) => names(one, place));
    if (at === 0) first += 1;
    if (at >= 0 && at < 3) three += 1;
    const where = `${place.name || '(anonymous)'} ${place.file}:${place.line}`;
    const loop = calls <= fewCalls ? `${ms} ms in each of ${calls}` : `${ms} ms in all of ${calls}`;
    console.log(`${at === 0 ? 'first ' : at > 0 ? `place ${at + 1}` : 'MISSED'}  ${loop} calls of ${where}, ${step}`);
    for (const { finding } of at === 0 ? [] : ranked.slice(0, 3)) console.log(`        ${finding.title}`);
  }
  console.log(`first finding names function and line: ${first} of ${trials}; one of the first three: ${three}`);
} finally {
  await pool.close();
  await shop.remove();
}
