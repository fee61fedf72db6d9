/** Stored baselines without commands: what is taken, how a run differs, what a file may say. */
import { describe, expect, test } from 'vitest';
import { type Baseline, type BaselineScenario, notExact } from '../src/core/baseline.ts';
import type { RegressionLine } from '../src/core/comparison.ts';
import type { ScenarioDocument } from '../src/core/document.ts';
import { formatError, isPacewrightError } from '../src/core/errors.ts';
import type { Sample } from '../src/core/sample.ts';
import { compareWithBaseline, takeBaseline } from '../src/judge/baseline.ts';
import { formatBaseline, parseBaseline } from '../src/store/baseline.ts';
import { makeScenario, shopSteps } from './fixtures/runs/make.ts';

type Values = Readonly<Record<string, number>>;

/** A scenario with one step "open" whose samples have these values; the flow has the same ones. */
function scenarioOf(samples: readonly Values[], change: (sample: Sample, index: number) => Sample = (each) => each) {
  const scenario = makeScenario({ title: 'buy', steps: shopSteps.slice(0, 1), samples: samples.length - 1 }, 1);
  return {
    ...scenario,
    titlePath: ['shop', 'buy'],
    samples: scenario.samples.map((sample, index) => {
      const metrics = { ...samples[index] };
      const steps = sample.steps.map((step) => ({ ...step, name: 'open', metrics }));
      return change({ ...sample, role: 'measured', steps, flow: metrics }, index);
    }),
  } satisfies ScenarioDocument;
}

const same = (values: Values, times = 5): Values[] => Array.from({ length: times }, () => values);

describe('what is taken from a run', () => {
  test('counts that are the same in every sample; 0 is not written, times are not, what varied is said', () => {
    const samples = [4, 4, 5, 4, 4].map((layouts) => ({
      layouts,
      'bytes.total': 1000,
      'bytes.media': 0,
      nodes: 12,
      CLS: 0.02,
      heap: 1000,
      LCP: 900,
      'cpu.main': 50,
      'longtasks.count': 1,
    }));
    const values = { layouts: notExact, 'bytes.total': 1000, nodes: 12, CLS: 0.02 };
    expect(takeBaseline(scenarioOf(samples), null)).toEqual({
      scenario: { scenario: 'shop › buy', project: 'desktop', flow: values, steps: { open: values } },
      leftOut: [
        { step: 'open', metric: 'layouts', reason: 'varied: 4 to 5' },
        { step: null, metric: 'layouts', reason: 'varied: 4 to 5' },
      ],
    });
  });

  test('only what was asked for', () => {
    const taken = takeBaseline(scenarioOf(same({ layouts: 4, 'bytes.total': 7, 'requests.total': 2 })), [
      'bytes.*',
      'layouts',
    ]);
    expect(taken.scenario?.flow).toEqual({ layouts: 4, 'bytes.total': 7 });
  });

  test('a value that some samples lack is not exact', () => {
    const { scenario, leftOut } = takeBaseline(scenarioOf([{ nodes: 4 }, {}, { nodes: 4 }, { nodes: 4 }]), null);
    expect(scenario?.flow).toEqual({ nodes: notExact });
    expect(leftOut[0]?.reason).toBe('measured in 3 of 4 samples');
  });

  test('warm-ups, rejected samples and those of base do not count; fewer than three are none', () => {
    const spoil: readonly Partial<Sample>[] = [
      { role: 'warm-up' },
      { accepted: false },
      { variant: 'base', pair: 0, phase: 'screening' },
    ];
    const samples = [...[9, 8, 7].map((nodes) => ({ nodes })), ...same({ nodes: 4 }, 3)];
    const spoilt = (sample: Sample, index: number) => ({ ...sample, ...spoil[index] });
    expect(takeBaseline(scenarioOf(samples, spoilt), null).scenario?.flow).toEqual({ nodes: 4 });
    expect(takeBaseline(scenarioOf(samples.slice(0, 5), spoilt), null)).toEqual({ scenario: null, leftOut: [] });
  });
});

describe('how a run differs', () => {
  const stored = (values: BaselineScenario['flow'], steps = { open: values }): BaselineScenario => ({
    scenario: 'shop › buy',
    project: 'desktop',
    flow: {},
    steps,
  });
  const line = (metric: string, allowed: RegressionLine['allowed'], level: 'warn' | 'error' = 'error') => ({
    scenario: '*',
    project: null,
    step: '*',
    metric,
    allowed,
    level,
    source: { file: 'shop.json', line: 1, column: 1 },
  });
  /** `status gates metric was now`, of the step alone. */
  const differ = (was: BaselineScenario['flow'], now: readonly Values[], lines: readonly RegressionLine[] = []) =>
    compareWithBaseline(stored(was), scenarioOf(now), { only: null, lines })
      ?.differences.filter(({ step }) => step !== null)
      .map(({ status, gates, metric, was: before, now: after }) =>
        [status, gates ? 'gates' : 'passes', metric, before, after].join(' '),
      );

  test('a count may not become worse, and is told when it becomes better', () => {
    expect(differ({ nodes: 12 }, same({ nodes: 12 }))).toEqual([]);
    expect(differ({ nodes: 12 }, same({ nodes: 13 }))).toEqual(['regressed gates nodes 12 13']);
    expect(differ({ nodes: 12 }, same({ nodes: 11 }))).toEqual(['improved passes nodes 12 11']);
  });

  test('what the file does not name was 0', () => {
    expect(differ({}, same({ 'requests.font': 1, 'requests.media': 0 }))).toEqual([
      'regressed gates requests.font 0 1',
    ]);
    expect(differ({ 'requests.font': 1 }, same({ 'requests.font': 0 }))).toEqual(['improved passes requests.font 1 0']);
  });

  test('bytes may grow by 1 % or 1 kB, whichever is more', () => {
    const bytes = (was: number, now: number) => differ({ 'bytes.script': was }, same({ 'bytes.script': now }));
    expect(bytes(10_000, 11_000)).toEqual(['tolerated passes bytes.script 10000 11000']);
    expect(bytes(10_000, 11_001)).toEqual(['regressed gates bytes.script 10000 11001']);
    expect(bytes(500_000, 505_000)).toEqual(['tolerated passes bytes.script 500000 505000']);
    expect(bytes(500_000, 505_001)).toEqual(['regressed gates bytes.script 500000 505001']);
    expect(bytes(500_000, 499_000)).toEqual(['tolerated passes bytes.script 500000 499000']);
    expect(bytes(500_000, 494_000)).toEqual(['improved passes bytes.script 500000 494000']);
  });

  test('scores are compared without the error of doubles', () => {
    expect(differ({ CLS: 0.3 }, same({ CLS: 0.31 }))).toEqual(['tolerated passes CLS 0.3 0.31']);
    expect(differ({ CLS: 0.3 }, same({ CLS: 0.3101 }))).toEqual(['regressed gates CLS 0.3 0.3101']);
  });

  test('budgets against base take the place of the default', () => {
    const now = same({ nodes: 110, 'bytes.script': 10_100 });
    const was = { nodes: 100, 'bytes.script': 10_000 };
    const absolute = (value: number) => ({ kind: 'absolute', value }) as const;
    expect(
      differ(was, now, [line('nodes', { kind: 'share', value: 0.1 }), line('bytes.script', absolute(99))]),
    ).toEqual(['tolerated passes nodes 100 110', 'regressed gates bytes.script 10000 10100']);
    expect(differ(was, now, [line('nodes', null), line('bytes.script', absolute(99), 'warn')])).toEqual([
      'tolerated passes nodes 100 110',
      'regressed passes bytes.script 10000 10100',
    ]);
  });

  test('what varies now fails only where its best sample does', () => {
    const nodes = (values: readonly number[]) =>
      differ(
        { nodes: 12 },
        values.map((each) => ({ nodes: each })),
      );
    expect(nodes([12, 14, 13])).toEqual(['not exact passes nodes 12 12']);
    expect(nodes([13, 14, 13])).toEqual(['regressed gates nodes 12 13']);
    expect(nodes([12, 12])).toEqual(['not exact passes nodes 12 12']);
  });

  test('what was not exact is not compared; what has no value now fails', () => {
    expect(differ({ nodes: notExact }, same({ nodes: 99 }))).toEqual([]);
    expect(differ({ nodes: 12 }, same({ layouts: 0 }))).toEqual(['not measured gates nodes 12 ']);
    expect(differ({ nodes: 12 }, same({ layouts: 0 }), [line('nodes', null)])).toEqual([
      'not measured passes nodes 12 ',
    ]);
  });

  test('steps on one side only, the flow last, and scenarios without a sample', () => {
    const was = { ...stored({ nodes: 1 }, { open: { nodes: 1 }, pay: { nodes: 1 } } as never), flow: { nodes: 1 } };
    const compare = (now: ScenarioDocument) => compareWithBaseline(was, now, { only: null, lines: [] });
    const compared = compare(scenarioOf(same({ nodes: 2 })));
    expect(compared?.differences.map(({ step }) => step)).toEqual(['open', null]);
    expect(compared).toMatchObject({ gone: ['pay'], added: [], unchanged: 0 });
    const other = compareWithBaseline({ ...was, steps: {} }, scenarioOf(same({ nodes: 1 })), { only: null, lines: [] });
    expect(other).toMatchObject({ gone: [], added: ['open'], unchanged: 1, differences: [] });
    expect(compare(scenarioOf(same({ nodes: 2 }), (sample) => ({ ...sample, accepted: false })))).toBeNull();
  });

  test('metrics that are not kept are not compared', () => {
    const compared = compareWithBaseline(stored({}), scenarioOf(same({ nodes: 3, 'bytes.total': 9 })), {
      only: ['bytes.*'],
      lines: [],
    });
    expect(compared?.differences.map(({ metric }) => metric)).toEqual(['bytes.total', 'bytes.total']);
  });
});

describe('the file', () => {
  const baseline: Baseline = {
    schemaVersion: 1,
    commit: '4f1c0a9d2',
    dirty: false,
    chrome: ['156.0.7204.12'],
    only: null,
    scenarios: [
      { scenario: 'b', project: '', flow: { nodes: 2 }, steps: {} },
      {
        scenario: 'a',
        project: 'mobile',
        flow: {},
        steps: { pay: { 'requests.total': 1 }, open: { nodes: notExact, CLS: 0.1, 'bytes.total': 5 } },
      },
    ],
  };

  test('has one value a line, in the order of names, and reads as it was written', () => {
    const text = formatBaseline(baseline);
    expect(text).toBe(`{
  "schemaVersion": 1,
  "commit": "4f1c0a9d2",
  "dirty": false,
  "chrome": [
    "156.0.7204.12"
  ],
  "only": null,
  "scenarios": [
    {
      "scenario": "a",
      "project": "mobile",
      "flow": {},
      "steps": {
        "open": {
          "CLS": 0.1,
          "bytes.total": 5,
          "nodes": "not exact"
        },
        "pay": {
          "requests.total": 1
        }
      }
    },
    {
      "scenario": "b",
      "project": "",
      "flow": {
        "nodes": 2
      },
      "steps": {}
    }
  ]
}
`);
    expect(formatBaseline(parseBaseline(text, 'b.json'))).toBe(text);
  });

  function caught(text: string): string {
    try {
      parseBaseline(text, 'b.json');
    } catch (error) {
      if (isPacewrightError(error)) return formatError(error);
      throw error;
    }
    return 'nothing was thrown';
  }
  const head = '"schemaVersion": 1, "commit": null, "dirty": false, "chrome": [], "only": null';
  const ofFlow = (flow: string): string =>
    `{ ${head}, "scenarios": [\n{ "scenario": "a", "project": "", "flow": ${flow}, "steps": {} }] }`;

  test('written by hand: a time is refused with the reason', () => {
    expect(caught(ofFlow('{ "LCP": 2500 }'))).toBe(
      [
        'BASELINE_INVALID b.json:2:45',
        '  LCP depends on how fast the machine is: what another job stored differs by 15 % for no reason of the code.',
        '  Next: remove it: a baseline holds counts (bytes.*, requests.*, layouts, nodes, …); times are compared with base in the same job: `npx pacewright compare`',
      ].join('\n'),
    );
    expect(caught(ofFlow('{ "timing.hero": 1 }'))).toContain('timing.hero depends on how fast the machine is');
    expect(caught(ofFlow('{ "heap": 1 }'))).toContain('heap is never the same in two samples');
  });

  const twice = `{ ${head}, "scenarios": [\n${'{ "scenario": "a", "project": "", "flow": {}, "steps": {} },\n'.repeat(2)}] }`;
  test.each([
    ['1:2', 'Not JSON: close brace expected.', '{'],
    ['1:1', 'Not JSON: value expected.', ''],
    ['1:1', 'The file: Invalid input: expected object, received array.', '[]'],
    ['2:45', 'There is no metric "node". Did you mean "nodes"? Allowed: CLS, layouts', ofFlow('{ "node": 1 }')],
    ['2:57', 'The key "nodes" stands here twice; the first is on line 2.', ofFlow('{ "nodes": 1, "nodes": 2 }')],
    [
      '2:54',
      '"scenarios" › "0" › "flow" › "nodes" is "1 kB". Allowed: a number (0 or more), "not exact".',
      ofFlow('{ "nodes": "1 kB" }'),
    ],
    ['2:54', '"scenarios" › "0" › "flow" › "nodes" is -1. Allowed: a number', ofFlow('{ "nodes": -1 }')],
    [
      '2:47',
      'Unknown key "stepps". Did you mean "steps"? Allowed: scenario, project, flow, steps.',
      ofFlow('{}, "stepps": {}'),
    ],
    ['1:1', '"scenarios" is missing.', `{ ${head} }`],
    ['1:20', 'Its schemaVersion is 7; this version reads 1.', `{ ${head.replace('1', '7')}, "scenarios": [] }`],
    ['1:3', 'Unknown key "onyl". Did you mean "only"?', `{ "onyl": 1, ${head}, "scenarios": [] }`],
    [
      '1:78',
      'LC* depends on how fast the machine is',
      `{ ${head.replace('"only": null', '"only": ["LC*"]')}, "scenarios": [] }`,
    ],
    ['3:1', 'The scenario "a" stands here twice for the project "".', twice],
  ])('wrong at %s: %s', (place, message, text) => {
    expect(caught(text)).toContain(`BASELINE_INVALID b.json:${place}\n  ${message}`);
  });
});
