/** The schedule of a comparison on samples that a plan yields: no Chrome, no clock. */
import { describe, expect, test } from 'vitest';
import type { ComparisonSides, RegressionLine } from '../src/core/comparison.ts';
import type { ScenarioDocument } from '../src/core/document.ts';
import { PacewrightError } from '../src/core/errors.ts';
import type { Contention, Sample, StepSample } from '../src/core/sample.ts';
import type { BudgetLine } from '../src/core/verdict.ts';
import { readCores } from '../src/browser/cores.ts';
import { ComparisonSchedule } from '../src/scenario/comparison-schedule.ts';
import type { SampleResult } from '../src/scenario/sample.ts';
import { SampleFailure } from '../src/scenario/sample-failure.ts';
import type { SampleOrder } from '../src/scenario/sampler.ts';
import { judgeDocument } from '../src/judge/document.ts';
import { seededRandom } from '../src/stats/random.ts';
import { emptyDocument } from './support/measure.ts';

interface Planned {
  readonly metrics?: Record<string, number>;
  readonly contention?: Partial<Contention>;
  readonly visited?: string[];
  readonly served?: string | null;
  readonly bytes?: number;
}

const sides: ComparisonSides = {
  how: 'urls',
  base: { label: 'base', url: 'http://base.test/', commit: null, dirty: false },
  head: { label: 'head', url: 'http://head.test/', commit: null, dirty: false },
  budgets: true,
  identical: 'skip',
  pairs: null,
};

function stepOf(metrics: Record<string, number>): StepSample {
  return {
    name: 'open',
    kind: 'navigation',
    url: 'http://shop.test/',
    metrics,
    missing: {},
    attribution: { lcp: null, inp: null, shifts: [], longTasks: [] },
    settle: { waited: 0, timedOut: false, waitingFor: [] },
    pageErrors: [],
    requests: [],
  };
}

function sampleOf(order: SampleOrder, planned: Planned): Sample {
  const metrics = { 'cpu.main': 200, 'requests.total': 4, duration: 300, ...planned.metrics };
  return {
    index: order.index,
    role: order.role,
    variant: order.variant,
    pair: order.pair,
    phase: order.phase,
    launch: 0,
    startedAt: '2026-11-20T09:00:00.000Z',
    wall: 1000,
    own: 800,
    accepted: order.role === 'measured',
    rejection: null,
    contention: { run: 100, delay: 5, steal: 0, pressure: 0, ...planned.contention },
    flow: { 'cpu.main': metrics['cpu.main'] ?? 0, 'bytes.total': planned.bytes ?? 1000, 'requests.total': 4 },
    steps: [stepOf(metrics)],
  };
}

interface Ran {
  readonly document: ScenarioDocument;
  readonly thrown: unknown;
  readonly orders: SampleOrder[];
  readonly restarts: number[];
}

async function run(
  plan: (order: SampleOrder, attempt: number) => Planned | Error,
  more: {
    sides?: Partial<ComparisonSides>;
    lines?: BudgetLine[];
    regressions?: RegressionLine[];
    workers?: boolean;
    throttled?: boolean;
  } = {},
): Promise<Ran> {
  const document = emptyDocument({ noiseGate: 'on', ...(more.throttled ? { cpuThrottling: 4 } : {}) });
  const orders: SampleOrder[] = [];
  const restarts: number[] = [];
  const schedule = new ComparisonSchedule(document, {
    runSample: (order): Promise<SampleResult> => {
      const planned = plan(order, orders.length);
      orders.push(order);
      if (planned instanceof Error) return Promise.reject(planned);
      return Promise.resolve({
        sample: sampleOf(order, planned),
        visited: planned.visited ?? [`${sides[order.variant].url}page`],
        facts: null,
        served: planned.served === undefined ? order.variant : planned.served,
      });
    },
    readLines: () => more.lines ?? [],
    readRegressions: () => more.regressions ?? [],
    onHead: () => {},
    onSample: () => {},
    sides: { ...sides, ...more.sides },
    restartChrome: () => {
      restarts.push(orders.length);
      return Promise.resolve();
    },
    startsWorkers: () => more.workers ?? false,
    scenarios: 1,
    inconclusive: 'warn',
  });
  const thrown = await schedule.run().then(
    () => undefined,
    (error: unknown) => error,
  );
  return { document, thrown, orders, restarts };
}

/** Values that vary by some per cent, the same in every run of the test. */
function noise(share: number): () => number {
  const random = seededRandom(7);
  return () => 1 + share * (random() + random() + random() - 1.5);
}

const limit = (metric: string, allowed: number): BudgetLine => ({
  scenario: 'test',
  project: null,
  step: 'open',
  metric,
  statistic: 'p50',
  limit: allowed,
  tolerance: null,
  level: 'error',
  source: { file: 'budgets/test.json', line: 1, column: 1 },
});

const failed = (message: string, infrastructure = false): SampleFailure =>
  new SampleFailure(
    infrastructure ? new PacewrightError('CHROME_DIED', message, { next: 'doctor' }) : new Error(message),
    { infrastructure, step: 'open', screenshot: null },
  );
const pairsOf = ({ document }: Ran): Sample[] => document.samples.filter((sample) => sample.pair !== null);

describe('pairs', () => {
  test('are adjacent, one sample of each variant, in an order that varies', async () => {
    const vary = noise(0.02);
    const ran = await run(() => ({ metrics: { 'cpu.main': 200 * vary() } }));
    expect(ran.thrown).toBeUndefined();
    const samples = pairsOf(ran);
    const firsts = new Set<string>();
    for (let at = 0; at < samples.length; at += 2) {
      const [one, other] = [samples[at], samples[at + 1]];
      expect(one?.pair).toBe(other?.pair);
      expect(new Set([one?.variant, other?.variant])).toEqual(new Set(['base', 'head']));
      firsts.add(one?.variant ?? '');
    }
    expect(firsts).toEqual(new Set(['base', 'head']));
  });

  test('of an unchanged page end at an early look', async () => {
    const vary = noise(0.01);
    const ran = await run(() => ({ metrics: { 'cpu.main': 200 * vary() } }));
    expect(pairsOf(ran).length / 2).toBeLessThanOrEqual(8);
    expect(ran.document.comparison?.changes.find((change) => change.metric === 'cpu.main')).toMatchObject({
      status: 'unchanged',
    });
  });

  test('of a slower page are confirmed by fresh ones in a new Chrome', async () => {
    const vary = noise(0.02);
    const ran = await run(({ variant }) => ({ metrics: { 'cpu.main': (variant === 'head' ? 230 : 200) * vary() } }));
    const confirming = pairsOf(ran).filter((sample) => sample.phase === 'confirmation');
    expect(confirming).toHaveLength(20);
    expect(ran.document.comparison?.changes.find((change) => change.metric === 'cpu.main')).toMatchObject({
      metric: 'cpu.main',
      status: 'regressed',
      gates: true,
      confirmation: { outcome: 'confirmed', pairs: 10 },
    });
    const first = ran.orders.findIndex((order) => order.phase === 'confirmation');
    // The sample before is the discarded one of the new Chrome.
    expect(ran.restarts).toContain(first - 1);
  });

  test('start Chrome again after every five, with a discarded sample', async () => {
    const vary = noise(0.2);
    const ran = await run(() => ({ metrics: { 'cpu.main': 200 * vary() } }), { sides: { pairs: 12 } });
    const between = ran.orders.slice(2).filter((order) => order.role === 'warm-up');
    expect(between).toHaveLength(2);
    expect(ran.restarts).toHaveLength(between.length);
  });

  test('are rejected together when one of the two was disturbed', async () => {
    const vary = noise(0.01);
    const ran = await run(({ pair, variant }) => ({
      metrics: { 'cpu.main': 200 * vary() },
      ...(pair === 2 && variant === 'base' ? { contention: { delay: 2000 } } : {}),
    }));
    const rejected = pairsOf(ran).filter((sample) => !sample.accepted);
    expect(rejected.map((sample) => sample.pair)).toEqual([2, 2]);
    expect(rejected.map((sample) => sample.rejection)).toContain('the other sample of its pair was rejected');
  });

  test('too many rejected pairs end it', async () => {
    const ran = await run(({ role }) => (role === 'measured' ? { contention: { delay: 2000 } } : {}));
    expect(ran.thrown).toMatchObject({ code: 'ENVIRONMENT_TOO_NOISY' });
    expect(ran.document.status).toBe('too noisy');
  });

  test('a Chrome that dies costs the pair it was in', async () => {
    const vary = noise(0.01);
    let deaths = 0;
    const ran = await run(({ pair, variant }) => {
      if (pair === 1 && variant === 'head' && deaths === 0) {
        deaths += 1;
        return failed('Chrome ended.', true);
      }
      return { metrics: { 'cpu.main': 200 * vary() } };
    });
    expect(ran.thrown).toBeUndefined();
    expect(pairsOf(ran).filter((sample) => sample.pair === 1)).toHaveLength(2);
    expect(ran.document.warnings).toMatchObject([{ code: 'SAMPLE_REPEATED' }]);
  });

  test('of a page that starts workers have all cores, in a new Chrome', async () => {
    const alone = await run(() => ({}));
    expect(new Set(alone.orders.map((order) => order.oneCore))).toEqual(new Set([readCores() !== null]));
    const ran = await run(() => ({}), { workers: true });
    expect(ran.document.comparison?.parameters.oneCore).toBe(false);
    const measured = ran.orders.filter((order) => order.pair !== null);
    expect(measured.some((order) => order.oneCore)).toBe(false);
    if (readCores() === null) return;
    // The warm-ups, which showed it, ran on one core; a flow of the new Chrome is discarded.
    expect(ran.orders.slice(0, 3).map(({ role, oneCore }) => [role, oneCore])).toEqual([
      ['warm-up', true],
      ['warm-up', true],
      ['warm-up', false],
    ]);
    expect(ran.restarts[0]).toBe(2);
  });

  test('with a regression of counts say where they end', async () => {
    const vary = noise(0.1);
    const ran = await run(({ variant }) => ({
      metrics: { 'cpu.main': 200 * vary(), 'requests.total': variant === 'head' ? 5 : 4 },
    }));
    expect(pairsOf(ran)).toHaveLength(16);
    const titles = ran.orders.map((order) => order.title);
    expect(titles).toContainEqual(
      expect.stringMatching(/^pair 6 of 8, (base|head) · "open" requests.total \+1 \(exact\)/),
    );
  });

  test('a fixed number is kept to', async () => {
    const vary = noise(0.1);
    const ran = await run(() => ({ metrics: { 'cpu.main': 200 * vary() } }), { sides: { pairs: 3 } });
    expect(pairsOf(ran)).toHaveLength(6);
  });

  test('run without CPU throttling; head alone is then measured with it', async () => {
    const ran = await run(() => ({}), { throttled: true, lines: [limit('requests.total', 10)] });
    expect(
      ran.orders.every(
        (order) =>
          order.throttled ===
          (order.pair === null && order.index > 1 && order.variant === 'head' && order.phase === null && !order.digest),
      ),
    ).toBe(true);
    expect(ran.orders.some((order) => order.throttled)).toBe(true);
    expect(ran.document.verdicts).toMatchObject([{ status: 'pass' }]);
  });
});

describe('absolute limits', () => {
  const alone = ({ document }: Ran): number =>
    document.samples.filter((sample) => sample.role === 'measured' && sample.pair === null).length;

  test('that the pairs keep by far cost no further sample', async () => {
    const vary = noise(0.02);
    const lines = [limit('requests.total', 4), limit('cpu.main', 400)];
    const ran = await run(() => ({ metrics: { 'cpu.main': 200 * vary() } }), { lines });
    expect(alone(ran)).toBe(0);
    expect(ran.document.comparison?.limits).toBe('in pairs');
    expect(ran.document.status).toBe('measured');
    const { verdicts } = judgeDocument(ran.document);
    expect(verdicts).toEqual(ran.document.verdicts);
    expect(verdicts.map(({ status, rule }) => [status, rule])).toEqual([
      ['pass', 'tolerance factors'],
      ['pass', 'exact'],
    ]);
    expect(verdicts[0]?.reason).toContain('in the pairs');
  });

  test('that are near, or broken, are judged on samples with all cores', async () => {
    const vary = noise(0.02);
    const measure = (): Planned => ({ metrics: { 'cpu.main': 200 * vary() } });
    for (const line of [limit('cpu.main', 250), limit('requests.total', 3)]) {
      const ran = await run(measure, { lines: [line] });
      expect(alone(ran)).toBeGreaterThanOrEqual(3);
      expect(ran.document.comparison?.limits).toBe('alone');
    }
  });

  test('of another budget are left open where the pairs cannot tell', async () => {
    const vary = noise(0.02);
    const ran = await run(() => ({ metrics: { 'cpu.main': 200 * vary() } }), { lines: [limit('cpu.main', 400)] });
    const stricter = judgeDocument({ ...ran.document, budgets: [limit('cpu.main', 220), limit('requests.total', 3)] });
    expect(stricter.verdicts.map(({ status }) => status)).toEqual(['inconclusive', 'fail']);
  });
});

describe('no pairs', () => {
  test('where both serve the same bytes', async () => {
    const ran = await run(() => ({ served: 'same' }));
    expect(ran.document.comparison).toMatchObject({ status: 'identical', changes: [] });
    expect(pairsOf(ran)).toHaveLength(0);
    expect(ran.document.status).toBe('measured');
  });

  test('but where these are more bytes on the way: other headers, a weaker compression', async () => {
    const ran = await run(({ variant }) => ({ served: 'same', bytes: variant === 'head' ? 4000 : 1000 }));
    expect(ran.document.comparison?.status).toBe('compared');
  });

  test('but where asked for all the same', async () => {
    const ran = await run(() => ({ served: 'same' }), { sides: { identical: 'measure' } });
    expect(ran.document.comparison?.status).toBe('compared');
    expect(pairsOf(ran).length).toBeGreaterThan(0);
  });

  test('where it is not known what was served, there are pairs', async () => {
    const ran = await run(() => ({ served: null }));
    expect(ran.document.comparison?.status).toBe('compared');
  });

  test('where base cannot run the flow: it is new, and head is measured alone', async () => {
    const ran = await run(({ variant }) => (variant === 'base' ? failed('no such button') : {}));
    expect(ran.thrown).toBeUndefined();
    expect(ran.document.comparison).toMatchObject({ status: 'new' });
    expect(ran.document.comparison?.note).toContain('in step "open": no such button');
    expect(ran.document.samples.filter((sample) => sample.accepted)).toHaveLength(5);
    expect(ran.document.failure).toBeNull();
  });

  test('a base that fails once is tried again', async () => {
    let attempts = 0;
    const ran = await run(({ variant }) => (variant === 'base' && (attempts += 1) === 1 ? failed('flaky') : {}));
    expect(ran.document.comparison?.status).toBe('compared');
  });

  test('where the server of base is down, the scenario fails', async () => {
    const ran = await run(({ variant }) =>
      variant === 'base' ? failed('page.goto: net::ERR_CONNECTION_REFUSED at http://base.test/') : {},
    );
    expect(ran.document.failure).toMatchObject({
      code: 'PAGE_UNREACHABLE',
      message: expect.stringContaining('On base'),
    });
  });

  test('where the flow opens one address for both', async () => {
    const ran = await run(() => ({ visited: ['http://head.test/'] }));
    expect(ran.thrown).toMatchObject({ code: 'SCENARIO_INVALID', message: expect.stringContaining('base is served') });
  });

  test('a flow that fails on base in mid-comparison fails, and says where', async () => {
    const ran = await run(({ variant, pair }) => (variant === 'base' && pair === 3 ? failed('gone') : {}));
    expect(ran.document).toMatchObject({ status: 'failed', failure: { message: 'On base: gone', step: 'open' } });
  });
});
