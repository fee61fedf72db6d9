/**
 * How often a comparison of profiles names the function that got slower first: a busy loop of 10 to 80 ms is put into
 * a random function of a copy of the demo shop, and the flow is traced a few times on both, in turn; with the source
 * maps of the build, and once more without.
 * `node bench/slower.ts [--trials 20] [--passes 3] [--seed 1]`; each trial is a build and twice the passes.
 */
import path from 'node:path';
import { parseArgs } from 'node:util';
import { chromium } from '@playwright/test';
import { buildProfile } from '../src/analyse/build-profile.ts';
import { compareProfiles } from '../src/analyse/compare-profiles.ts';
import { readTrace } from '../src/analyse/read-trace.ts';
import { createResolver } from '../src/analyse/source-maps.ts';
import { findChrome } from '../src/browser/find.ts';
import { chromeFlags } from '../src/browser/flags.ts';
import type { FunctionChange } from '../src/core/diagnosis.ts';
import type { Profile } from '../src/core/profile.ts';
import type { ScriptSource } from '../src/core/recording.ts';
import { seededRandom } from '../src/stats/random.ts';
import { type TracedPass, tracePass } from './attribution/trace-pass.ts';
import { type Candidate, fewCalls, findCandidates, viewport, withSources } from './attribution/candidates.ts';
import { busy, findPlaces, type Place } from './attribution/inject.ts';
import { copyShop } from './attribution/shop-copy.ts';

const shortest = 10;
const longest = 80;

interface Side {
  readonly url: string;
  readonly passes: TracedPass[];
}

async function profiles({ url, passes }: Side, step: string, withMaps: boolean): Promise<Profile[]> {
  const all: Profile[] = [];
  for (const { steps, trace, scripts } of passes) {
    const window = steps.find(({ name }) => name === step);
    if (!window) continue;
    const read = await readTrace(
      (async function* () {
        yield trace;
      })(),
    );
    const known = scripts.map((script): ScriptSource => (withMaps ? script : { ...script, map: null }));
    all.push(buildProfile(read, { start: window.start, end: window.end, resolver: createResolver(known, url) }));
  }
  return all;
}

async function compare(
  sides: Record<'base' | 'head', Side>,
  step: string,
  withMaps: boolean,
): Promise<FunctionChange[]> {
  return compareProfiles(await profiles(sides.base, step, withMaps), await profiles(sides.head, step, withMaps));
}

/** Whether the place is in the function; one in a delivered script is looked up in the map that was not used. */
function names(
  change: FunctionChange | undefined,
  { file, name, line, endLine }: Place,
  { url, passes }: Side,
): boolean {
  if (!change) return false;
  let { location } = change;
  if (!location.mapped) {
    const resolver = createResolver(passes[0]?.scripts ?? [], url);
    location = resolver.resolveFunction(location.script, location.line - 1, location.column - 1, '');
  }
  const isThere = path.posix.basename(location.file) === file && location.line >= line && location.line <= endLine;
  return isThere && (name === '' || location.function === name);
}

function describe({ location, change, kind, interval }: FunctionChange): string {
  const range = interval === null ? '' : `, ${interval.low.toFixed(1)} to ${interval.high.toFixed(1)}`;
  return `${location.function ?? '(top level)'} (${location.file}:${location.line}) ${change.toFixed(1)} ms ${kind}${range}`;
}

const { values } = parseArgs({
  options: {
    trials: { type: 'string', default: '20' },
    passes: { type: 'string', default: '3' },
    seed: { type: 'string', default: '1' },
  },
});
const chrome = await findChrome();
if (!chrome) throw new Error('no Chrome: run `npx pacewright doctor`');
const browser = await chromium.launch({ executablePath: chrome.path, args: chromeFlags({ headless: true }) });
const [plain, changed] = [await copyShop(), await copyShop()];
const base = await plain.serve();
try {
  const random = seededRandom(Number(values.seed));
  const candidates = await findCandidates(browser, changed, await findPlaces(changed.sources));
  const trials = Number(values.trials);
  const right = { mapped: 0, unmapped: 0 };
  for (let trial = 1; trial <= trials; trial += 1) {
    const chosen = candidates[Math.floor(random() * candidates.length)];
    const ms = Math.round(shortest + random() * (longest - shortest));
    if (!chosen) break;
    await attempt(chosen, ms);
  }
  console.log(`first function with maps: ${right.mapped} of ${trials}; without: ${right.unmapped} of ${trials}`);

  async function attempt({ flow, place, step, calls }: Candidate, ms: number): Promise<void> {
    const each = calls <= fewCalls ? ms : ms / calls;
    await withSources(
      changed,
      [place],
      () => busy(each),
      async (url) => {
        const sides = { base: { url: base.url, passes: [] }, head: { url, passes: [] } } satisfies Record<string, Side>;
        for (let pass = 0; pass < Number(values.passes); pass += 1) {
          for (const side of pass % 2 === 0 ? (['base', 'head'] as const) : (['head', 'base'] as const)) {
            const passes: TracedPass[] = sides[side].passes;
            passes.push(await tracePass(browser, { baseURL: sides[side].url, viewport }, flow));
          }
        }
        const where = `${(each * calls).toFixed(0)} ms in ${place.name || '(anonymous)'} ${place.file}:${place.line}, ${step}`;
        for (const kind of ['mapped', 'unmapped'] as const) {
          const found = await compare(sides, step, kind === 'mapped');
          const isRight = names(found[0], place, sides.head);
          if (isRight) right[kind] += 1;
          console.log(`${isRight ? 'first ' : 'MISSED'}  ${kind}: ${where}`);
          for (const change of found.slice(0, isRight ? 1 : 4)) console.log(`        ${describe(change)}`);
        }
      },
    );
  }
} finally {
  await base.close();
  await browser.close();
  await plain.remove();
  await changed.remove();
}
