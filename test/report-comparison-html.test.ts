import Handlebars from 'handlebars';
import { describe, expect, it } from 'vitest';
import type { Change } from '../src/core/comparison.ts';
import type { RunDocument, ScenarioDocument } from '../src/core/document.ts';
import type { Sample } from '../src/core/sample.ts';
import { forestMark, type PairPoint, pairsChart, pairsFrame } from '../src/report/chart-pairs.ts';
import { renderIndex, renderReport } from '../src/report/html.ts';
import { summariseRun } from '../src/report/index-page.ts';
import { comparisonView } from '../src/report/view-comparison.ts';
import { countPairs, measuredPairs } from '../src/report/view-pairs.ts';
import { seriesOf, stepNames } from '../src/report/view-series.ts';
import { comparisonRun, hostileComparisonRun, largeComparisonRun, unchangedRun } from './fixtures/runs/comparisons.ts';
import { attacks } from './fixtures/runs/hostile.ts';
import { passingRun } from './fixtures/runs/runs.ts';

/** The words a reader sees, without markup. */
function textOf(html: string): string {
  return html
    .replace(/<(style|script)>[\s\S]*?<\/\1>/g, '')
    .replace(/<[^>]*>/g, ' ')
    .replaceAll('&quot;', '"')
    .replace(/\s+/g, ' ');
}

function first(run: RunDocument): ScenarioDocument {
  const [scenario] = run.scenarios;
  if (!scenario) throw new Error('a run without scenarios');
  return scenario;
}

/** The run with its first scenario's changes and samples edited. */
function edited(
  run: RunDocument,
  edit: { change?: (change: Change) => Change; sample?: (sample: Sample) => Sample },
): RunDocument {
  const { change = (same: Change): Change => same, sample = (same: Sample): Sample => same } = edit;
  return {
    ...run,
    scenarios: run.scenarios.map((scenario) => ({
      ...scenario,
      samples: scenario.samples.map(sample),
      comparison: scenario.comparison && {
        ...scenario.comparison,
        changes: scenario.comparison.changes.map(change),
      },
    })),
  };
}

describe('the comparison in the HTML report', () => {
  const html = renderReport(comparisonRun());
  const text = textOf(html);

  it('tells kinds of change apart by icon and word', () => {
    for (const [kind, word] of [
      ['fail', 'regressed'],
      ['warn', 'worse (warns)'],
      ['differs', 'measured a different thing'],
      ['unsure', 'inconclusive'],
      ['missing', 'not measured'],
      ['better', 'improved'],
      ['same', 'unchanged'],
    ] as const) {
      expect(html).toContain(
        `<span class="st ${kind}"><svg aria-hidden="true"><use href="#i-${kind}"/></svg>${word}</span>`,
      );
      expect(html).toContain(`<symbol id="i-${kind}"`);
    }
  });

  it('has the paragraph of the pull request, and says of each gating metric how it was found', () => {
    for (const part of [
      'Compared in one job: cart-drawer (4f1c0a9, with uncommitted changes) with main (1a2b3c4), 34 pairs of samples',
      'at most 1 run in 300 without any change',
      '+15 %, +10 to +20 % with 98 % confidence, from all 34 pairs (signed-rank)',
      'p, for all gating metrics 0.0003 of 24 pairs, at the look that decided',
      'Intervals are from all pairs; p is from those at the look that decided, the number beside it.',
      'after 12 pairs, p 0.0007 of 0.01 allowed; on 10 fresh pairs: confirmed, p 0.001',
      '+8 ms (budgets/shop.json:21); unchanged is below +14 ms',
      'Visible from +14.3 ms',
    ]) {
      expect(text).toContain(part);
    }
  });

  it('says the worst change once', () => {
    expect(text.match(/Worst: /g)).toHaveLength(1);
  });

  it('says nothing of p and pairs where both are from the same', () => {
    const same = textOf(renderReport(unchangedRun()));
    expect(same).toMatch(/confidence, from 5 pairs \(/);
    expect(same).not.toMatch(/pairs, at the look that decided|from all/);
  });

  it('says which pairs were rejected, for which side and why', () => {
    expect(text).toContain('2 pairs rejected for noise, without regard to which side it was (base 1, head 1).');
    expect(text).toContain('Pair 6: head: the main thread waited for a core during 61 % of its time (limit 50 %)');
    expect(html).toMatch(/<path class="rejected" d="M[^"]+"><title>Pair 17: base: the main thread waited/);
  });

  it('puts requests and bytes side by side, and names the requests that differ', () => {
    expect(text).toMatch(/Requests and bytes: \d+ requests \(0\), [\d.]+ MB \(\+[\d.]+ kB\); 1 new, 1 gone, 1 grown/);
    expect(text).toMatch(/script 6 → 6 0 492.6 kB → 502.6 kB \+10 kB/);
    expect(text).toMatch(/grown \/assets\/index-9f3ac21d\.js script open the shop 141\.8 kB → 151\.8 kB \+10 kB/);
    expect(text).toMatch(/gone \/images\/product-3\.avif image open the shop 5\.11 kB −5\.11 kB/);
    expect(text).toMatch(/new \/api\/reviews\?product&#x3D;17 fetch open the shop 4\.21 kB \+4\.21 kB/);
  });

  it('says of new and identical scenarios why they are not compared, and what was judged', () => {
    expect(text).toContain(
      'Base cannot run this scenario, so head alone was measured. base fails in step "search": no element matches',
    );
    expect(text).toContain('Both sides serve the same bytes, so there is nothing to compare.');
    expect(text).toContain('Head was judged against 1 budget line.');
  });

  it('says so of an identical scenario that was not measured at all', () => {
    const run = comparisonRun();
    const [, , same] = run.scenarios;
    const empty = { ...(same ?? first(run)), samples: [], verdicts: [], budgets: [] };
    const alone = textOf(renderReport({ ...run, scenarios: [empty] }));
    expect(alone).toContain('Nothing was compared with main (1a2b3c4): 1 scenario serves the same bytes');
    expect(alone).toContain('No budget line was judged.');
    expect(alone).not.toContain('No budget matches this scenario');
  });

  it('keeps what does not gate apart', () => {
    expect(text).toMatch(
      /Informational, does not gate .* worse open the shop FCP .* improved open the shop cpu\.script/,
    );
    expect(text).toContain('3 other metrics without a clear change');
  });

  it('has no more than ten rows of what does not gate', () => {
    const run = edited(comparisonRun(), {
      change: (change) => ({ ...change, role: 'informational', gates: false, status: 'regressed' }),
    });
    const informational = comparisonView(run)?.scenarios[0]?.informational;
    expect(informational?.rows).toHaveLength(10);
    expect(informational?.summary).toBe('10 more that changed, and 0 other metrics without a clear change');
  });

  it('names the place of a side once where its name is its address', () => {
    const run = comparisonRun();
    const { comparison } = run;
    if (!comparison) throw new Error('a run without a comparison');
    const base = { ...comparison.base, label: 'http://127.0.0.1:43121', commit: null };
    expect(comparisonView({ ...run, comparison: { ...comparison, base } })?.facts[0]?.text).toBe(
      'http://127.0.0.1:43121',
    );
    expect(comparisonView(run)?.facts[0]?.text).toBe('main (1a2b3c4) at http://127.0.0.1:43121/');
  });

  it('unfolds what fails the run, and nothing else', () => {
    const open = [...html.matchAll(/<details class="pairs" open><summary>([\s\S]*?)<\/summary>/g)].map((found) =>
      textOf(found[1] ?? '').trim(),
    );
    expect(open).toEqual(['regressed open the shop, bytes.script +10 kB', 'regressed open the shop, LCP +15 %']);
  });

  it('folds the pairs of what is unchanged, and stays linked with them', () => {
    const scenario = first(comparisonRun());
    const view = comparisonView(comparisonRun())?.scenarios[0];
    const kept = scenario.comparison?.changes.filter(({ role, status }) => role === 'gating' && status === 'unchanged');
    expect(view?.calmDetails).toHaveLength(kept?.length ?? 0);
    expect(view?.details.map(({ status }) => status.word)).not.toContain('unchanged');
    const folded = /<details><summary>\d+ unchanged<\/summary>[\s\S]*?<div id="([^"]+)">/.exec(html);
    expect(folded?.[0]).not.toContain('regressed');
    expect(html).toContain(`href="#${folded?.[1]}"`);
  });

  it('marks scenario and steps in the contents by their worst change', () => {
    const contents = /<nav[\s\S]*?<\/nav>/.exec(html)?.[0] ?? '';
    expect(contents).toMatch(/aria-label="fail"><use href="#i-fail"\/><\/svg>buy a pair of boots/);
    expect(contents).toMatch(/aria-label="warn"><use href="#i-warn"\/><\/svg>search/);
    expect(contents).toMatch(/aria-label="pass"><use href="#i-pass"\/><\/svg>check out/);
    expect(contents).toMatch(/aria-label="pass"><use href="#i-pass"\/><\/svg>the whole flow/);
    const run = edited(comparisonRun(), {
      change: (change) => (change.step === null ? { ...change, status: 'regressed', gates: true } : change),
    });
    expect(renderReport(run)).toMatch(/aria-label="fail"><use href="#i-fail"\/><\/svg>the whole flow/);
  });

  it('is not in the report of a plain run', () => {
    expect(textOf(renderReport(passingRun()))).not.toMatch(/compared|base|pairs/i);
    expect(comparisonView(passingRun())).toBeNull();
  });

  it('shows the samples of head alone as those of the run', () => {
    const scenario = first(comparisonRun());
    const all = scenario.samples.length;
    expect(seriesOf(scenario, 'open the shop', 'LCP')).toHaveLength(all / 2);
    expect(stepNames(scenario)).not.toContain('close the banner');
    expect(text).toContain('34 samples, 2 rejected, 1 warm-up; as many of base');
    // the machine was busy for both
    expect(html).toContain(`${all} samples, 4 rejected; the worst waited`);
  });

  it('stays under 700 kB for 3 scenarios of 5 steps, 34 pairs and 12 gating metrics a step', () => {
    const run = largeComparisonRun();
    expect(first(run).comparison?.changes.filter(({ role }) => role === 'gating')).toHaveLength(60);
    expect(countPairs(first(run))).toEqual({ screening: 24, confirmation: 10, rejected: 2 });
    expect(Buffer.byteLength(renderReport(run))).toBeLessThan(700_000);
  });
});

describe('a hostile comparison', () => {
  it('adds no element, attribute or address, and is shown as text', () => {
    const whole = renderReport(hostileComparisonRun());
    const html = whole.replace(/<(style|script)>[\s\S]*?<\/\1>/g, '');
    const tags = [...html.matchAll(/<\/?([a-z!][^\s/>]*)/gi)].map((match) => match[1]?.toLowerCase());
    for (const tag of ['iframe', 'img', 'base', 'object']) expect(tags).not.toContain(tag);
    expect(html).not.toMatch(/<[^>]*\s(on\w+|srcdoc)=/i);
    expect([...html.matchAll(/(?:href|src)="([^"]*)"/g)].filter((match) => !match[1]?.startsWith('#'))).toEqual([]);
    // eslint-disable-next-line no-control-regex
    expect(html).not.toMatch(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u202a-\u202e\u200b]/);
    expect(html.length).toBeLessThan(500_000);
    for (const attack of attacks.slice(0, 3)) expect(html).toContain(Handlebars.escapeExpression(attack.slice(0, 12)));
  });

  it('leaves the list of runs as it is', () => {
    const html = renderIndex([summariseRun(hostileComparisonRun())]);
    expect(html.length).toBeLessThan(100_000);
    expect(html.replace(/<(style|script)>[\s\S]*?<\/\1>/g, '')).not.toMatch(/<(img|iframe|base)|<[^>]*\son\w+=/i);
  });
});

describe('the list of runs', () => {
  it('marks comparisons, with their outcome', () => {
    const text = textOf(
      renderIndex([summariseRun(comparisonRun()), summariseRun(unchangedRun()), summariseRun(passingRun())]),
    );
    expect(text).toContain('Compared with main (1a2b3c4) : 2 regressed, 1 worse (warns), 1 measured a different thing');
    expect(text).toContain('Compared with main (1a2b3c4) : 11 unchanged');
    expect(text.match(/Compared with/g)).toHaveLength(2);
  });
});

describe('two groups of values', () => {
  /** Every second pair of head takes twice as long in its LCP, and `more` in what it counts. */
  const split = (layouts: number): RunDocument =>
    edited(comparisonRun(), {
      sample: (sample) =>
        sample.variant === 'base' || (sample.pair ?? 0) % 2 === 0
          ? sample
          : {
              ...sample,
              steps: sample.steps.map((step) => ({
                ...step,
                metrics: {
                  ...step.metrics,
                  LCP: 2 * (step.metrics['LCP'] ?? 0),
                  layouts: (step.metrics['layouts'] ?? 0) + layouts,
                },
              })),
            },
    });

  it('are named with what goes along with them', () => {
    const text = textOf(renderReport(split(3)));
    expect(text).toMatch(
      /values of head fall into two groups: \d+ up to [\d.]+ s, \d+ from [\d.]+ s on\. The number of layouts goes along/,
    );
    expect(text).not.toContain('values of base fall into two groups');
  });

  it('are named even where nothing goes along with them', () => {
    expect(textOf(renderReport(split(0)))).toContain('Neither LCP element nor');
  });
});

describe('pairs', () => {
  it('are apart when a number is used again for the repetition', () => {
    const scenario = first(comparisonRun());
    const samples = scenario.samples.map((sample) => ({ ...sample, pair: sample.pair === 7 ? 6 : sample.pair }));
    const pairs = measuredPairs({ ...scenario, samples });
    expect(pairs).toHaveLength(36);
    expect(pairs.slice(6, 8).map(({ number, accepted }) => [number, accepted])).toEqual([
      [6, false],
      [6, true],
    ]);
  });

  it('with one side only do not count', () => {
    const scenario = first(comparisonRun());
    const samples = scenario.samples.filter((sample) => sample.pair !== 3 || sample.variant === 'base');
    expect(countPairs({ ...scenario, samples })).toEqual({ screening: 23, confirmation: 10, rejected: 3 });
  });
});

describe('the chart of pairs', () => {
  const amount = (value: number): string => `${Math.round(100 * value)} %`;
  const points = (changes: readonly number[]): PairPoint[] =>
    changes.map((change, number) => ({
      number,
      phase: number < 3 ? 'screening' : 'confirmation',
      launch: Math.floor(number / 2),
      base: 100,
      head: 100 * (1 + change),
      change,
      rejection: '',
    }));
  const input = { unit: 'ms', limit: 0.05, interval: null, amount, frame: 'f' } as const;
  const dotsIn = (path: string | undefined): number => (path?.match(/[Mm]/g) ?? []).length;

  it('tells dots beyond the limit from those within', () => {
    const chart = pairsChart({ ...input, points: points([0.01, 0.06, -0.02, 0.1]) });
    expect([dotsIn(chart?.within), dotsIn(chart?.beyond), dotsIn(chart?.base), dotsIn(chart?.head)]).toEqual([
      2, 2, 4, 4,
    ]);
    expect(chart?.limit?.label).toBe('5 %');
    expect(chart?.description).toBe(
      '4 pairs, 1 of them to confirm: head is worse in 3, beyond the limit in 2; changes from -2 % to 10 %. Base 100 ms to 100 ms, head 98 ms to 110 ms.',
    );
  });

  it('leaves a limit out that would squeeze the dots', () => {
    expect(pairsChart({ ...input, limit: 0.5, points: points([0.01, 0.02]) })?.limit).toBeNull();
  });

  it('does not let a rejected pair set the scale', () => {
    const [kept] = points([0.02]);
    const wild = points([0.01, 0.03, 9]).map((point) => ({ ...point, rejection: point.change === 9 ? 'busy' : '' }));
    const chart = pairsChart({ ...input, points: wild });
    expect(chart?.ticks.map(({ label }) => label)).not.toContain('500 %');
    expect(dotsIn(chart?.head)).toBe(2);
    expect(chart?.description).toContain('1 more pair rejected for noise');
    expect(kept && pairsChart({ ...input, points: [{ ...kept, rejection: 'busy' }] })).toBeNull();
  });

  it('is not drawn where each side always has one value', () => {
    expect(pairsChart({ ...input, points: points([0, 0, 0]) })).toBeNull();
    expect(pairsChart({ ...input, points: points([0.1, 0.1, 0.1]) })).toBeNull();
  });

  it('has a frame with starts of Chrome, fresh pairs and rejected ones', () => {
    const frame = pairsFrame(
      points([0, 0, 0, 0]).map((point) => ({ ...point, rejection: point.number === 1 ? 'busy' : '' })),
    );
    expect(frame.launches.match(/M/g)).toHaveLength(1);
    expect(frame.fresh?.x).toBeGreaterThan(230);
    expect(frame.rejected.map(({ label }) => label)).toEqual(['Pair 1: busy']);
  });
});

describe('the interval of a row', () => {
  it('has the limit at the same place whatever the unit', () => {
    expect(forestMark(0.05, { low: 0, high: 0.1 }, 0.05)).toEqual({ line: 'M44 8H84M44 5v6M84 5v6', dot: 'M64 8h.01' });
    expect(forestMark(20, { low: 0, high: 40 }, 20)).toEqual({ line: 'M44 8H84M44 5v6M84 5v6', dot: 'M64 8h.01' });
  });

  it('ends in arrows where it runs over the edge', () => {
    expect(forestMark(0, { low: -9, high: 9 }, 1)?.line).toBe('M4 8H116M8 4l-4 4l4 4M112 4l4 4l-4 4');
    expect(forestMark(null, null, 1)).toBeNull();
  });
});
