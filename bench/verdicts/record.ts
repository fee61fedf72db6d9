/** Records pools: real pairs of the demo shop in Chrome, under load of our own, with a fault of known size on head. */
import { mkdirSync, rmSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { chromium } from '@playwright/test';
import { readFaultArguments, startShop, type Shop } from '../../examples/shop/server.ts';
import { rankAll } from '../../examples/shop/src/rank.ts';
import { defaultOptions, readOptions } from '../../src/config/options.ts';
import type { Variant } from '../../src/core/comparison.ts';
import type { Contention, Sample } from '../../src/core/sample.ts';
import { comparisonParametersFor } from '../../src/judge/comparison-parameters.ts';
import { gateSample } from '../../src/judge/noise.ts';
import { ChromePool } from '../../src/scenario/chrome-pool.ts';
import { runSample } from '../../src/scenario/sample.ts';
import { SampleFailure } from '../../src/scenario/sample-failure.ts';
import { median } from '../../src/stats/quantile.ts';
import { seededRandom } from '../../src/stats/random.ts';
import { findFlow, type RecordedFlow } from './flows.ts';
import { appendPair, packJournal, readContention, readGatingValues, readJournal, startJournal } from './journal.ts';
import { startLoad } from './load.ts';
import { type LoadCondition, type Pool, writePool } from './pool.ts';

export interface RecordOrder {
  readonly flow: string;
  readonly condition: LoadCondition;
  /** `none`, a fault of the shop (`hero=50`), or `compute=5%`: of the main-thread CPU of the flow's target step. */
  readonly effect: string;
  readonly pairs: number;
  readonly seed: number;
}

const { pairsPerLaunch, looks } = comparisonParametersFor(1);
const options = readOptions(defaultOptions);

/** `shop-idle`, `shop-bursts-work-5pc`: what the order is called in file names. */
export function nameOrder({ flow, condition, effect }: RecordOrder): string {
  const load = condition.split(' ')[1] ?? condition;
  const fault = effect === 'none' ? '' : `-${effect.replace('=', '-').replace('%', 'pc')}`;
  return `${flow}-${load}${fault}`;
}

class Recorder {
  readonly chromes = new ChromePool(chromium, { headless: true, extraFlags: [] });
  private readonly recorded: RecordedFlow;
  private index = 0;

  constructor(recorded: RecordedFlow) {
    this.recorded = recorded;
  }

  async take(url: string, role: Sample['role'] = 'measured'): Promise<Sample> {
    const { sample } = await runSample(this.chromes, {
      index: this.index++,
      role,
      flow: this.recorded.flow(url),
      options,
      keepRequests: false,
      warmUrls: [],
      samplesPerLaunch: Infinity,
      oneCore: true,
      present: (_name, actions) => actions(),
      onPopup: () => {},
    });
    return sample;
  }

  /** A pair in one start of Chrome, however often Chrome dies on the way. */
  async takePair(urls: Readonly<Record<Variant, string>>, first: Variant): Promise<Record<Variant, Sample>> {
    const second = first === 'base' ? 'head' : 'base';
    for (let attempt = 1; ; attempt += 1) {
      try {
        const one = await this.take(urls[first]);
        const two = await this.take(urls[second]);
        if (one.launch === two.launch) return { [first]: one, [second]: two } as Record<Variant, Sample>;
      } catch (error) {
        if (!(error instanceof SampleFailure) || !error.infrastructure || attempt >= 3) throw error;
        await this.chromes.close();
      }
    }
  }
}

const calibrationSamples = 7;

/** ms of CPU time that a million steps of the fault `compute` take: the loop of the page, in the same engine. */
function timeMillion(): number {
  rankAll(20);
  const millions = 100;
  const before = process.cpuUsage();
  rankAll(millions);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000 / millions;
}

/** The size of a `work=5%` or `compute=5%`, from the target step as it is; other effects are as they are written. */
async function sizeEffect(order: RecordOrder, recorder: Recorder, url: string): Promise<Pool['about']['effect']> {
  if (order.effect === 'none') return null;
  const [fault = '', value = ''] = order.effect.split('=');
  if (!value.endsWith('%')) return { fault, size: Number(value), aim: null, step: null };
  const { target } = findFlow(order.flow);
  const aim = Number(value.slice(0, -1)) / 100;
  const cpu: number[] = [];
  for (let taken = 0; taken < calibrationSamples; taken += 1) {
    const sample = await recorder.take(url);
    const main = sample.steps.find((step) => step.name === target)?.metrics['cpu.main'];
    if (main !== undefined) cpu.push(main);
  }
  const each = fault === 'compute' ? timeMillion() : 1;
  return { fault, size: Math.round(((median(cpu) * aim) / each) * 10) / 10, aim, step: target };
}

function reportProgress(name: string, done: number, order: RecordOrder, since: { at: number; done: number }): void {
  const each = (performance.now() - since.at) / (done - since.done);
  const left = (each * (order.pairs - done)) / 60_000;
  process.stderr.write(`\r${name}: ${done} of ${order.pairs} pairs, ${left.toFixed(1)} min left   `);
}

// What is usual on the machine is what a run of this length would have seen.
const gateMemory = 2 * (looks.at(-1) ?? 24);

/**
 * Records one pool into a folder, or goes on with an interrupted one. Returns the path, or null when interrupted.
 * @throws what measuring throws; the journal keeps all pairs up to then
 */
export async function recordPool(order: RecordOrder, folder: string, stop: AbortSignal): Promise<string | null> {
  const name = nameOrder(order);
  mkdirSync(folder, { recursive: true });
  const journal = join(folder, `${name}.journal.jsonl`);
  const recorder = new Recorder(findFlow(order.flow));
  const shops: Shop[] = [];
  try {
    const base = await startShop({ log: false });
    shops.push(base);
    await recorder.take(base.url, 'warm-up');
    let known = readJournal(journal);
    if (!known) {
      const effect = await sizeEffect(order, recorder, base.url);
      startJournal(journal, {
        name,
        flow: order.flow,
        condition: order.condition,
        effect,
        chrome: recorder.chromes.peek()?.version ?? 'unknown',
        cpu: cpus()[0]?.model ?? 'unknown',
        cores: cpus().length,
        date: new Date().toISOString().slice(0, 10),
        seed: order.seed,
        recipe: `npm run bench:verdicts -- record --flow ${order.flow} --condition "${order.condition}" --effect ${order.effect} --pairs ${order.pairs} --seed ${order.seed}`,
      });
      known = readJournal(journal);
    }
    if (!known) throw new Error(`${journal} cannot be read back`);
    const { effect } = known.head;
    const faults = effect ? readFaultArguments([`${effect.fault}=${effect.size}`]) : {};
    const head = await startShop({ log: false, faults });
    shops.push(head);
    await recorder.take(head.url, 'warm-up');
    using _load = startLoad(order.condition, known.head.seed);
    await recordPairs({ order, name, journal, recorder, stop, urls: { base: base.url, head: head.url } }, known);
  } finally {
    await recorder.chromes.close();
    for (const shop of shops) await shop.close();
  }
  const finished = readJournal(journal);
  if (!finished || finished.pairs.length < order.pairs) return null;
  const path = writePool(join(folder, name), packJournal(finished));
  rmSync(journal);
  return path;
}

interface Recording {
  readonly order: RecordOrder;
  readonly name: string;
  readonly journal: string;
  readonly recorder: Recorder;
  readonly stop: AbortSignal;
  readonly urls: Readonly<Record<Variant, string>>;
}

async function recordPairs(
  recording: Recording,
  journalled: NonNullable<ReturnType<typeof readJournal>>,
): Promise<void> {
  const { order, name, journal, recorder, urls } = recording;
  const known = journalled.pairs;
  const coin = seededRandom(journalled.head.seed);
  for (const _ of known) coin();
  const since = { at: performance.now(), done: known.length };
  const before = (known.at(-1)?.launch ?? -1) + 1;
  const usual: Contention[] = [];
  for (let done = known.length; done < order.pairs && !recording.stop.aborted; done += 1) {
    // Whole launches also after an interruption; what ran before them (warm-ups) is in none.
    if ((done - since.done) % pairsPerLaunch === 0) {
      await recorder.chromes.close();
      // As in a comparison: the first flow of a launch takes a tenth longer, and does not count.
      await recorder.take(urls[done % 2 === 0 ? 'base' : 'head'], 'warm-up');
    }
    const first = coin() < 0.5 ? 'base' : 'head';
    const { base, head } = await recorder.takePair(urls, first);
    // The signal that stops us may have ended the load as well.
    if (recording.stop.aborted) break;
    const seen = usual.slice(-gateMemory);
    const accepted = [base, head].every((sample) => gateSample(sample.contention, seen, { oneCore: true }) === null);
    if (accepted) usual.push(base.contention, head.contention);
    appendPair(journal, {
      launch: before + Math.floor((done - since.done) / pairsPerLaunch),
      first,
      accepted,
      base: readGatingValues(base),
      head: readGatingValues(head),
      contention: { base: readContention(base), head: readContention(head) },
      walls: [base.wall, head.wall].map(Math.round),
    });
    reportProgress(name, done + 1, order, since);
  }
  process.stderr.write('\n');
}
