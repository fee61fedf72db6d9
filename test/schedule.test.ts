/** The sampling schedule on samples that a list yields: no Chrome, no clock. */
import { describe, expect, test } from 'vitest';
import type { PacewrightOptions } from '../src/config/options.ts';
import type { ScenarioDocument } from '../src/core/document.ts';
import { PacewrightError } from '../src/core/errors.ts';
import type { Contention, Sample, StepSample } from '../src/core/sample.ts';
import type { BudgetLine } from '../src/core/verdict.ts';
import { flowMetrics } from '../src/scenario/flow-metrics.ts';
import { describeGate } from '../src/scenario/gate.ts';
import { toResult } from '../src/scenario/result.ts';
import type { PageFacts } from '../src/scenario/prepare-sample.ts';
import type { SampleResult } from '../src/scenario/sample.ts';
import { SampleFailure } from '../src/scenario/sample-failure.ts';
import type { SampleWorld } from '../src/scenario/sampler.ts';
import { Schedule } from '../src/scenario/schedule.ts';
import { emptyDocument } from './support/measure.ts';

type Request = Parameters<SampleWorld['runSample']>[0];
/** What a sample is to be: metrics of its one step, or the error that it ends with. */
type Planned = { readonly metrics?: Record<string, number>; readonly contention?: Partial<Contention> } | Error;

const quiet: Contention = { run: 100, delay: 5, steal: 0, pressure: 0 };
const busy: Partial<Contention> = { delay: 900 };
const facts: PageFacts = { viewport: '1280×720', scale: 2, userAgent: 'Chrome\u202e', slowdown: null };

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

function sampleOf(request: Request, planned: Exclude<Planned, Error>): Sample {
  const metrics = { LCP: 500, 'requests.document': 1, ...planned.metrics };
  return {
    index: request.index,
    role: request.role,
    variant: 'head',
    pair: null,
    phase: null,
    launch: 0,
    startedAt: '2026-11-20T09:00:00.000Z',
    wall: 1000,
    own: 800,
    accepted: request.role === 'measured',
    rejection: null,
    contention: { ...quiet, ...planned.contention },
    flow: { 'requests.total': 1 },
    steps: [stepOf(metrics)],
  };
}

function line(more: Partial<BudgetLine> = {}): BudgetLine {
  return {
    scenario: 'test',
    project: null,
    step: 'open',
    metric: 'LCP',
    statistic: 'p50',
    limit: 2500,
    tolerance: null,
    level: 'error',
    source: { file: 'budgets/test.json', line: 1, column: 1 },
    ...more,
  };
}

interface Ran {
  readonly document: ScenarioDocument;
  readonly thrown: unknown;
  readonly requests: Request[];
  readonly told: string[];
}

/** Runs a schedule whose nth sample (the warm-up is 0) is what `plan` says. */
async function run(
  plan: (attempt: number) => Planned,
  more: { options?: Partial<PacewrightOptions>; lines?: BudgetLine[]; facts?: Partial<PageFacts> } = {},
): Promise<Ran> {
  const document = emptyDocument(more.options);
  const requests: Request[] = [];
  const told: string[] = [];
  const schedule = new Schedule(document, {
    runSample: (request): Promise<SampleResult> => {
      const planned = plan(requests.length);
      requests.push(request);
      if (planned instanceof Error) return Promise.reject(planned);
      return Promise.resolve({
        sample: sampleOf(request, planned),
        visited: ['http://shop.test/?token=1'],
        facts: request.role === 'warm-up' ? { ...facts, ...more.facts } : null,
        served: null,
      });
    },
    readLines: (steps) => {
      told.push(`steps ${steps.join()}`);
      return more.lines ?? [];
    },
    onHead: () => told.push('head'),
    onSample: (sample) => told.push(`${sample.role} ${sample.index}`),
  });
  const thrown = await schedule.run().then(
    () => undefined,
    (error: unknown) => error,
  );
  return { document, thrown, requests, told };
}

const accepted = ({ document }: Ran): number => document.samples.filter((sample) => sample.accepted).length;

function failure(cause: Error, infrastructure: boolean): SampleFailure {
  return new SampleFailure(cause, { infrastructure, step: 'open', screenshot: null });
}
const died = failure(new PacewrightError('CHROME_DIED', 'Chrome ended.', { next: 'doctor' }), true);

describe('looks', () => {
  test('a warm-up, then five samples where no budget waits for more', async () => {
    const ran = await run(() => ({}));
    expect(ran.thrown).toBeUndefined();
    expect(ran.document.status).toBe('measured');
    expect(ran.document.samples.map((sample) => sample.role)).toEqual([
      'warm-up',
      ...Array.from({ length: 5 }, () => 'measured'),
    ]);
    expect(ran.document.samples.map((sample) => sample.index)).toEqual([0, 1, 2, 3, 4, 5]);
  });

  test('stops at the first look when every line is decided', async () => {
    const ran = await run((attempt) => ({ metrics: { LCP: 500 + attempt } }), { lines: [line()] });
    expect(accepted(ran)).toBe(5);
    expect(ran.document.verdicts).toMatchObject([{ status: 'pass', samples: 5 }]);
  });

  test('goes to the last look where a line stays open, and says that it is', async () => {
    const ran = await run((attempt) => ({ metrics: { LCP: attempt % 2 ? 400 : 600 } }), {
      lines: [line({ limit: 500 })],
    });
    expect(accepted(ran)).toBe(20);
    expect(ran.document.verdicts).toMatchObject([{ status: 'inconclusive' }]);
    expect(ran.document.status).toBe('measured');
  });

  test('stops at a look only, however early all is decided', async () => {
    // One outlier in the first five leaves it open; the look after that is at eight.
    const ran = await run((attempt) => ({ metrics: { LCP: attempt === 5 ? 4000 : 1500 + attempt } }), {
      lines: [line({ limit: 2500 })],
    });
    expect([8, 12, 20]).toContain(accepted(ran));
  });

  test('a fixed number of samples is kept to', async () => {
    const ran = await run((attempt) => ({ metrics: { LCP: 500 + attempt } }), {
      options: { samples: 3 },
      lines: [line()],
    });
    expect(accepted(ran)).toBe(3);
    expect(ran.document.verdicts).toMatchObject([{ status: 'pass', rule: 'plain statistic', samples: 3 }]);
  });

  test('one sample is enough where one is asked for', async () => {
    expect(accepted(await run(() => ({}), { options: { samples: 1 } }))).toBe(1);
  });
});

describe('what is asked for and told', () => {
  test('the budgets are read after the warm-up, the head goes before all samples', async () => {
    const { told } = await run(() => ({}), { options: { samples: 2 } });
    expect(told).toEqual(['steps open', 'head', 'warm-up 0', 'measured 1', 'measured 2']);
  });

  test('requests are kept for the first measured sample alone; its pages warm the cache, unredacted', async () => {
    const { requests } = await run(() => ({}), { options: { samples: 2 } });
    expect(requests.map((request) => request.keepRequests)).toEqual([false, true, false]);
    expect(requests.map((request) => request.warmUrls)).toEqual([
      [],
      ['http://shop.test/?token=1'],
      ['http://shop.test/?token=1'],
    ]);
  });

  test('titles count what is accepted', async () => {
    const { requests } = await run(() => ({}), { options: { samples: 2 } });
    expect(requests.map((request) => request.title)).toEqual(['warm-up', 'sample 1 of 2', 'sample 2 of 2 · 1 s left']);
  });

  test('what the page says of its device is kept, cleaned', async () => {
    const { document } = await run(() => ({}), { options: { samples: 1 } });
    expect(document.device).toEqual({ viewport: '1280×720', scale: 2, mobile: false, userAgent: 'Chrome' });
  });

  test('budgets that do not fit the flow end it before a measured sample', async () => {
    const document = emptyDocument();
    const wrong = new PacewrightError('BUDGET_UNKNOWN_STEP', 'There is no step "opne".', { next: 'correct it' });
    let samples = 0;
    const schedule = new Schedule(document, {
      runSample: (request) => {
        samples += 1;
        return Promise.resolve({ sample: sampleOf(request, {}), visited: [], facts: null, served: null });
      },
      readLines: () => {
        throw wrong;
      },
      onHead: () => {},
      onSample: () => {},
    });
    await expect(schedule.run()).rejects.toBe(wrong);
    expect(samples).toBe(1);
    expect(document.status).toBe('interrupted');
  });

  test('a first sample apart from the others is warned of', async () => {
    const ran = await run((attempt) => ({ metrics: { LCP: attempt === 1 ? 2000 : 500 + attempt } }), {
      options: { samples: 8 },
      lines: [line()],
    });
    expect(ran.document.warnings).toHaveLength(1);
    expect(ran.document.warnings[0]?.message).toContain('LCP');
  });
});

describe('the noise gate', () => {
  test('a rejected sample is kept, says why, and another takes its place', async () => {
    const ran = await run((attempt) => (attempt === 2 ? { contention: busy } : {}), { options: { noiseGate: 'on' } });
    expect(accepted(ran)).toBe(5);
    expect(ran.document.samples).toHaveLength(7);
    expect(ran.document.samples[2]).toMatchObject({
      index: 2,
      accepted: false,
      rejection: expect.stringContaining('waited for a core'),
    });
    expect(ran.document.status).toBe('measured');
  });

  test('requests are kept for the first accepted sample too, when the first was rejected', async () => {
    const ran = await run((attempt) => (attempt === 1 ? { contention: busy } : {}), {
      options: { noiseGate: 'on', samples: 2 },
    });
    expect(ran.requests.map((request) => request.keepRequests)).toEqual([false, true, true, false]);
  });

  test('too many rejections end it: exit code 3, with what was measured', async () => {
    const ran = await run((attempt) => (attempt > 2 ? { contention: busy } : {}), {
      options: { noiseGate: 'on', samples: 5 },
    });
    expect(ran.thrown).toMatchObject({ code: 'ENVIRONMENT_TOO_NOISY', exitCode: 3 });
    expect(String(ran.thrown)).toContain('4 samples were rejected by the noise gate (2 kept)');
    expect(ran.document).toMatchObject({ status: 'too noisy', samples: { length: 7 } });
  });

  test('off, it records only', async () => {
    const ran = await run(() => ({ contention: busy }), { options: { noiseGate: 'off' } });
    expect(accepted(ran)).toBe(5);
    expect(ran.document.samples).toHaveLength(6);
  });
});

describe('samples that fail', () => {
  test('a dead Chrome costs one sample: it is repeated under its number, and noted', async () => {
    const ran = await run((attempt) => (attempt === 2 ? died : {}));
    expect(ran.thrown).toBeUndefined();
    expect(ran.requests.map((request) => request.index)).toEqual([0, 1, 2, 2, 3, 4, 5]);
    expect(ran.document.samples.map((sample) => sample.index)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(ran.document.warnings).toEqual([
      expect.objectContaining({ code: 'SAMPLE_REPEATED', message: expect.stringContaining('Sample 2: Chrome ended.') }),
    ]);
  });

  test('the warm-up is repeated as well', async () => {
    const ran = await run((attempt) => (attempt === 0 ? died : {}), { options: { samples: 1 } });
    expect(ran.requests.map((request) => request.role)).toEqual(['warm-up', 'warm-up', 'measured']);
    expect(ran.document.status).toBe('measured');
  });

  test('a Chrome that dies for the third time fails the scenario', async () => {
    const ran = await run((attempt) => (attempt >= 2 ? died : {}));
    expect(ran.thrown).toBe(died);
    expect(ran.requests).toHaveLength(5);
    expect(ran.document).toMatchObject({
      status: 'failed',
      failure: { code: 'CHROME_DIED', next: 'doctor', step: 'open', sample: 2 },
      samples: { length: 2 },
    });
  });

  test('a flow that throws is not repeated', async () => {
    const threw = failure(
      new Error('locator.click: Timeout\nCall log:\n  - waiting for https://me:pw@shop.test/?token=1'),
      false,
    );
    const ran = await run((attempt) => (attempt === 3 ? threw : {}));
    expect(ran.thrown).toBe(threw);
    expect(ran.document).toMatchObject({
      status: 'failed',
      failure: {
        code: 'FLOW_FAILED',
        message: 'locator.click: Timeout · waiting for https://shop.test/?token=REDACTED',
        step: 'open',
        sample: 3,
      },
      samples: { length: 3 },
    });
  });

  test.each([
    ['net::ERR_CONNECTION_REFUSED', 'PAGE_UNREACHABLE', /server up/],
    ['net::ERR_NAME_NOT_RESOLVED', 'PAGE_UNREACHABLE', /server up/],
    ['net::ERR_CERT_AUTHORITY_INVALID', 'PAGE_UNREACHABLE', /ignoreHTTPSErrors/],
    ['net::ERR_SSL_PROTOCOL_ERROR', 'PAGE_UNREACHABLE', /ignoreHTTPSErrors/],
    ['net::ERR_TOO_MANY_REDIRECTS', 'PAGE_UNREACHABLE', /redirects/],
    ['net::ERR_ABORTED', 'FLOW_FAILED', /flow threw/],
  ])('%s is %s', async (error, code, next) => {
    const { document } = await run(() => failure(new Error(`page.goto: ${error} at http://shop.test/?token=1`), false));
    expect(document.failure).toMatchObject({
      code,
      next: expect.stringMatching(next),
      message: `page.goto: ${error} at http://shop.test/?token=REDACTED`,
      sample: 0,
    });
  });

  test('what is no failure of a sample goes through as it is', async () => {
    const noChrome = new PacewrightError('CHROME_NOT_FOUND', 'No Chrome.', { next: 'install one' });
    const ran = await run(() => noChrome);
    expect(ran.thrown).toBe(noChrome);
    expect(ran.document).toMatchObject({ status: 'interrupted', failure: null });
  });
});

describe('throttling is checked', () => {
  const slow = { cpuThrottling: 4, samples: 1 };

  test.each([3.9, 2])('a loop that became %d times slower will do for 4', async (slowdown) => {
    expect((await run(() => ({}), { options: slow, facts: { slowdown } })).thrown).toBeUndefined();
  });

  test('a loop that did not become slower ends it', async () => {
    const ran = await run(() => ({}), { options: slow, facts: { slowdown: 1.04 } });
    expect(ran.thrown).toMatchObject({ code: 'THROTTLING_OFF', exitCode: 3 });
    expect(String(ran.thrown)).toContain(
      'CPU throttling of 4× was asked for, but a fixed loop in the page became only 1.0× slower.',
    );
    expect(ran.requests).toHaveLength(1);
  });

  const network = { network: { latency: 500, download: 1000, upload: 1000 }, samples: 1 };

  test('a document that painted before the latency was over was not throttled', async () => {
    const ran = await run(() => ({ metrics: { FCP: 449 } }), { options: network });
    expect(ran.thrown).toMatchObject({ code: 'THROTTLING_OFF' });
    expect(String(ran.thrown)).toContain(
      'to add 500 ms to each request, but step "open" painted its document after 449 ms',
    );
  });

  test.each([
    ['one that painted after it was', { FCP: 460 }],
    ['one that the cache answered says nothing', { FCP: 20, 'requests.document': 0 }],
    ['one that painted nothing says nothing', {}],
  ])('%s', async (_name, metrics) => {
    expect((await run(() => ({ metrics }), { options: network })).thrown).toBeUndefined();
  });
});

test('values of a flow follow the rule of each metric: sum, maximum, last; requests between steps count', () => {
  const request = {
    url: '',
    method: 'GET',
    type: 'fetch',
    party: 'first-party',
    status: 200,
    bytes: 10,
    fromCache: false,
    failed: null,
  } as const;
  const steps = [
    { CLS: 0.2, LCP: 500, duration: 100, nodes: 50, 'requests.total': 3, 'bytes.fetch': 5 },
    { CLS: 0.1, duration: 30, nodes: 40, 'requests.total': 1, 'bytes.fetch': 0, INP: 16 },
  ].map((metrics) => stepOf(metrics));
  expect(flowMetrics(steps, [request])).toEqual({
    CLS: 0.2,
    INP: 16,
    duration: 130,
    nodes: 40,
    'requests.total': 5,
    'bytes.fetch': 15,
  });
  expect(flowMetrics([], [request])).toEqual({});
});

test('a failing line says step, metric, statistic, value, limit, interval and margin', () => {
  const verdict = {
    ...line({ statistic: 'p75', limit: 50 }),
    allowed: 50,
    status: 'fail',
    value: 612,
    interval: { low: 590, high: 640, confidence: 0.95, method: 'order statistics' },
    margin: -562,
    samples: 5,
    rule: 'e-process',
    reason: 'five of five samples lie beyond the limit',
    gates: true,
  } as const;
  expect(describeGate(verdict)).toBe(
    '"open" LCP p75: 612 ms, limit 50 ms, interval 590 ms to 640 ms, margin -562 ms (fail)\n    five of five samples lie beyond the limit',
  );
  const missing = { status: 'not measured', value: null, interval: null, margin: null, reason: 'no sample' } as const;
  expect(describeGate({ ...verdict, ...missing, step: null })).toBe(
    'whole flow LCP p75: not measured, limit 50 ms (not measured)\n    no sample',
  );
});

describe('toResult', () => {
  const measured = async () =>
    toResult(
      (await run((attempt) => ({ metrics: { LCP: 500 + attempt } }), { options: { samples: 3 }, lines: [line()] }))
        .document,
    );

  test('statistics of the accepted samples by step and metric; all samples beside them', async () => {
    const result = await measured();
    expect(result.metric('open', 'LCP')).toMatchObject({ values: [501, 502, 503], median: 502, max: 503 });
    expect(result.steps.map((step) => [step.name, step.kind])).toEqual([['open', 'navigation']]);
    expect(result.flow['requests.total']?.values).toEqual([1, 1, 1]);
    expect(result.samples).toHaveLength(4);
    expect(result.verdicts).toMatchObject([{ status: 'pass' }]);
  });

  test.each([
    ['opne', 'LCP', 'There is no step "opne". Did you mean "open"? Allowed: open.'],
    [
      'open',
      'LPC',
      'Step "open" (navigation) has no value for "LPC". Did you mean "LCP"? Allowed: LCP, requests.document.',
    ],
    [
      'open',
      'constructor',
      'Step "open" (navigation) has no value for "constructor". Allowed: LCP, requests.document.',
    ],
  ])('metric(%s, %s) says what there is', async (step, metric, message) => {
    const result = await measured();
    expect(() => result.metric(step, metric)).toThrow(expect.objectContaining({ code: 'ARGUMENT_INVALID', message }));
  });

  test('nothing accepted, nothing to tell', () => {
    expect(toResult(emptyDocument())).toMatchObject({ steps: [], flow: {}, samples: [] });
  });
});
