/**
 * How often the first finding of a step names the function that was made slow: a busy loop of 10 to 80 ms is put into
 * a random function of a copy of the demo shop, built with Vite and source maps, and one flow is traced.
 * `node bench/attribution.ts [--trials 20] [--seed 1]`; each trial is a build and a flow, some ten seconds.
 */
import path from 'node:path';
import { parseArgs } from 'node:util';
import { chromium } from '@playwright/test';
import { buildProfile } from '../src/analyse/build-profile.ts';
import { findFindings } from '../src/analyse/find-findings.ts';
import { rankFindings, type RankedFinding } from '../src/analyse/rank-findings.ts';
import { readTrace } from '../src/analyse/read-trace.ts';
import { createResolver } from '../src/analyse/source-maps.ts';
import { findChrome } from '../src/browser/find.ts';
import { chromeFlags } from '../src/browser/flags.ts';
import { seededRandom } from '../src/stats/random.ts';
import { type TracedPass, tracePass } from '../test/fixtures/findings/pass.ts';

import { fewCalls, findCandidates, viewport, withSources } from './attribution/candidates.ts';
import { busy, findPlaces, type Place } from './attribution/inject.ts';
import { copyShop } from './attribution/shop-copy.ts';

const shortest = 10;
const longest = 80;
const { values } = parseArgs({
  options: { trials: { type: 'string', default: '20' }, seed: { type: 'string', default: '1' } },
});

async function diagnose(pass: TracedPass, name: string, url: string): Promise<RankedFinding[]> {
  const step = pass.steps.find((one) => one.name === name);
  if (!step) return [];
  const { start, end, sample } = step;
  const chunks = async function* (): AsyncGenerator<Uint8Array> {
    yield pass.trace;
  };
  const trace = await readTrace(chunks());
  const resolver = createResolver(pass.scripts, url);
  const recording = {
    name,
    kind: sample.kind,
    variant: 'head',
    pass: 0,
    start,
    end,
    sample,
    trace: chunks,
    network: [],
    console: [],
  } as const;
  const profile = buildProfile(trace, { start, end, resolver });
  const findings = findFindings({ profile, trace, recording, coverage: null, resolver, scripts: pass.scripts });
  return rankFindings(findings, { values: sample.metrics, failing: [] });
}

function names({ finding: { location } }: RankedFinding, { file, name, line, endLine }: Place): boolean {
  if (!location || path.posix.basename(location.file) !== file) return false;
  return location.line >= line && location.line <= endLine && (name === '' || location.function === name);
}

const chrome = await findChrome();
if (!chrome) throw new Error('no Chrome: run `npx pacewright doctor`');
const browser = await chromium.launch({ executablePath: chrome.path, args: chromeFlags({ headless: true }) });
const shop = await copyShop();
try {
  const random = seededRandom(Number(values.seed));
  const places = await findPlaces(shop.sources);
  const candidates = await findCandidates(browser, shop, places);
  console.log(`${places.length} functions, ${candidates.length} that run in a step`);
  const trials = Number(values.trials);
  let first = 0;
  let three = 0;
  for (let trial = 1; trial <= trials; trial += 1) {
    const chosen = candidates[Math.floor(random() * candidates.length)];
    const ms = Math.round(shortest + random() * (longest - shortest));
    if (!chosen) break;
    const { flow, place, step, calls } = chosen;
    const each = calls <= fewCalls ? ms : ms / calls;
    const ranked = await withSources(
      shop,
      [place],
      () => busy(each),
      async (url) => diagnose(await tracePass(browser, { baseURL: url, viewport }, flow), step, url),
    );
    const at = ranked.findIndex((one) => names(one, place));
    if (at === 0) first += 1;
    if (at >= 0 && at < 3) three += 1;
    const where = `${place.name || '(anonymous)'} ${place.file}:${place.line}`;
    const loop = calls <= fewCalls ? `${ms} ms × ${calls}` : `${ms} ms in ${calls} calls`;
    console.log(`${at === 0 ? 'first ' : at > 0 ? `place ${at + 1}` : 'MISSED'}  ${loop} in ${where}, ${step}`);
    for (const { finding } of at === 0 ? [] : ranked.slice(0, 3)) console.log(`        ${finding.title}`);
  }
  console.log(`first finding names function and line: ${first} of ${trials}; one of the first three: ${three}`);
} finally {
  await browser.close();
  await shop.remove();
}
