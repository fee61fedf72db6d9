import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import Handlebars from 'handlebars';
import { describe, expect, it } from 'vitest';
import { niceTicks } from '../src/report/chart-scale.ts';
import { partsChart } from '../src/report/chart-parts.ts';
import { sampleChart } from '../src/report/chart-samples.ts';
import { renderIndex, renderReport } from '../src/report/html.ts';
import { summariseRun } from '../src/report/index-page.ts';
import { range } from '../src/report/view-format.ts';
import { runOutcome } from '../src/report/run-outcome.ts';
import { judgedLines } from '../src/report/view-lines.ts';
import type { Point } from '../src/report/view-series.ts';
import { attacks, hostileRun } from './fixtures/runs/hostile.ts';
import * as runs from './fixtures/runs/runs.ts';

const templates = new URL('../src/report/templates/', import.meta.url);

/** The words a reader sees, without markup. */
function textOf(html: string): string {
  return html
    .replace(/<(style|script)>[\s\S]*?<\/\1>/g, '')
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ');
}

describe('the verdict of a run', () => {
  it.each([
    ['passing', runs.passingRun, 'pass', 'All 7 budget lines pass'],
    ['failing', runs.failingRun, 'fail', '2 of 13 budget lines fail'],
    ['inconclusive', runs.inconclusiveRun, 'unsure', '1 of 2 budget lines passes, 1 inconclusive'],
    ['noisy', runs.noisyRun, 'unsure', 'The machine was too noisy; none of 7 budget lines was measured'],
    ['failed flow', runs.failedFlowRun, 'fail', 'The scenario failed; none of 7 budget lines was measured'],
    ['interrupted', runs.interruptedRun, 'unsure', 'Interrupted: none of 7 budget lines was measured'],
    ['no budgets', runs.noBudgetsRun, 'none', 'Nothing was judged: no budget line applies'],
    ['unreachable', runs.unreachableRun, 'fail', 'Nothing was measured; 1 other test did not pass'],
  ] as const)('%s', (_, make, tone, headline) => {
    expect(runOutcome(make())).toMatchObject({ tone, headline });
  });

  it('orders lines worst first', () => {
    const order = judgedLines(runs.failingRun()).map((line) => `${line.status} ${line.metric.id}`);
    expect(order.slice(0, 6)).toEqual([
      'fail bytes.script',
      'fail LCP',
      'inconclusive LCP',
      'warn layouts',
      'not measured timing.reviews',
      'pass bytes.total',
    ]);
  });
});

describe('the HTML report', () => {
  it('folds lines that pass with room, where there are many', () => {
    const run = runs.failingRun();
    const [scenario] = run.scenarios;
    if (!scenario) throw new Error('a run without scenarios');
    const passed = judgedLines(runs.passingRun()).map(({ verdict }) => verdict);
    const many = { ...scenario, verdicts: [...scenario.verdicts, ...passed, ...passed, ...passed] };
    const html = renderReport({ ...run, scenarios: [many, ...run.scenarios.slice(1)] });
    const table = /<section aria-labelledby="lines">[\s\S]*?<\/section>/.exec(html)?.[0] ?? '';
    const [open = '', folded = ''] = table.split('<details>');
    const rows = (part: string): number => part.split('<tr data-row>').length - 1;
    expect(rows(open)).toBe(12);
    expect(rows(folded)).toBe(judgedLines({ ...run, scenarios: [many, ...run.scenarios.slice(1)] }).length - 12);
    expect(textOf(folded)).not.toMatch(/ fail | inconclusive /);
    expect(renderReport(runs.passingRun())).not.toContain('more lines that pass');
  });

  it('says of each failing line its step, metric, statistic, limit, value, interval, margin, rule and reason', () => {
    const html = renderReport(runs.failingRun());
    const card = textOf(
      /<article class="card fail">(?:(?!<\/article>)[\s\S])*LCP p75[\s\S]*?<\/article>/.exec(html)?.[0] ?? '',
    );
    for (const part of [
      'open the shop',
      'LCP p75',
      'limit 2.5 s',
      '2.74 s',
      '95 % interval 2.63–2.88 s, from 12 samples',
      '−241 ms',
      '(9.6 %) over the limit',
      'tolerance factors',
      'decided after 12 samples',
      'budgets/shop.json:5',
    ]) {
      expect(card).toContain(part);
    }
  });

  it('shows what was not measured, with the reason, and never as a pass', () => {
    const text = textOf(renderReport(runs.failingRun()));
    expect(text).toContain('no performance.measure or mark called &quot;reviews&quot;');
    expect(text).toContain('no click, tap or key press in the step');
  });

  it('marks rejected samples by shape and says why they were rejected', () => {
    const html = renderReport(runs.failingRun());
    expect(html).toMatch(/<g class="rejected"><path d="M[\d. ]+l6 6m-6 0l6 -6"/);
    expect(textOf(html)).toContain('Sample 4: the main thread waited for a core during 61 % of its time');
  });

  it('draws the four parts of LCP and the three of INP, with their values in words', () => {
    const text = textOf(renderReport(runs.passingRun()));
    expect(text).toMatch(
      /Time to first byte [\d.]+ ms 4 % Resource load delay .* Resource load time .* Element render delay/,
    );
    expect(text).toMatch(/Input delay [\d.]+ ms 10 % Processing [\d.]+ ms 65 % Presentation delay/);
  });

  it('puts lines that too few samples left undecided in one place, with their values', () => {
    const run = runs.inconclusiveRun();
    const reason = '1 sample: too few to judge, the first look is at 5';
    const html = renderReport({
      ...run,
      scenarios: run.scenarios.map((scenario) => ({
        ...scenario,
        verdicts: scenario.verdicts.map((verdict) => ({ ...verdict, status: 'inconclusive', rule: 'none', reason })),
      })),
    });
    expect(textOf(html).split(reason)).toHaveLength(2);
    expect(textOf(html)).toMatch(/LCP p75 of open the shop: [\d.]+ s, limit 1.23 s/);
    expect(textOf(html)).toContain('None of 2 budget lines passes: 2 inconclusive');
  });

  it('shows the screenshot of a failed flow, and only if it is base64', () => {
    expect(renderReport(runs.failedFlowRun())).toContain('<img src="data:image/jpeg;base64,/9j/');
    expect(renderReport(hostileRun())).not.toContain('<img');
  });

  it('warns of a machine that drifted or could not be read', () => {
    const text = textOf(renderReport(runs.noisyRun()));
    expect(text).toContain('A fixed CPU loop took +26 % at the end');
    expect(text).toContain('could not read pressure');
    expect(text).toContain('was above the number of cores');
  });

  it('tells how to reproduce: command, commit, Chrome and flags, seed, budgets with lines', () => {
    const text = textOf(renderReport(runs.passingRun()));
    for (const part of [
      'npx pacewright run --budgets budgets',
      '4f1c0a9d2be1c7a0f5d6e8b90312aa77c1d2e3f4 on cart-drawer',
      '156.0.7204.12 at /usr/bin/chromium',
      '--enable-benchmarking',
      'Seed 1',
      'budgets/shop.json, lines 5, 6, 7, 8, 9, 10, 11',
    ]) {
      expect(text).toContain(part);
    }
  });

  it('stays under 500 kB for 2 scenarios of 5 steps and 20 samples, about 50 metrics a step', () => {
    const run = runs.largeRun();
    const [step] = run.scenarios[0]?.samples[0]?.steps ?? [];
    expect(run.scenarios).toHaveLength(2);
    expect(run.scenarios[0]?.samples.filter((sample) => sample.accepted && sample.role === 'measured')).toHaveLength(
      20,
    );
    expect(Object.keys(step?.metrics ?? {}).length).toBeGreaterThanOrEqual(48);
    // a page of many long addresses, all in the first sample, as it is kept
    for (const busy of run.scenarios.flatMap((scenario) => scenario.samples[0]?.steps ?? [])) {
      const long = busy.requests.map((record) => ({ ...record, url: `${record.url}?${'parameter=1&'.repeat(30)}` }));
      busy.requests = Array.from({ length: 8 }, () => long).flat();
    }
    expect(Buffer.byteLength(renderReport(run))).toBeLessThan(500_000);
  });

  it('allows exactly its own style and script, by hash', () => {
    const html = renderReport(runs.passingRun());
    const policy = /Content-Security-Policy" content="([^"]*)"/
      .exec(html)?.[1]
      ?.replaceAll('&#x27;', "'")
      .replaceAll('&#x3D;', '=');
    for (const element of ['style', 'script']) {
      const [source] = [...html.matchAll(new RegExp(`<${element}>([\\s\\S]*?)</${element}>`, 'g'))].map(
        (match) => match[1] ?? '',
      );
      expect(policy).toContain(
        `${element}-src 'sha256-${createHash('sha256')
          .update(source ?? '')
          .digest('base64')}'`,
      );
    }
    expect(policy).toMatch(/^default-src 'none';/);
    expect(policy).not.toContain('unsafe');
  });

  it('has one heading of the first rank, no rank skipped, and no id twice', () => {
    const html = renderReport(runs.failingRun());
    const ranks = [...html.matchAll(/<h([1-6])/g)].map((match) => Number(match[1]));
    expect(ranks.filter((rank) => rank === 1)).toHaveLength(1);
    expect(ranks.every((rank, place) => place === 0 || rank <= (ranks[place - 1] ?? 0) + 1)).toBe(true);
    const ids = [...html.matchAll(/ id="([^"]*)"/g)].map((match) => match[1]);
    expect(new Set(ids).size).toBe(ids.length);
    for (const [, target] of html.matchAll(/href="#([^"]*)"/g)) expect(ids).toContain(target);
  });

  it('gives every picture a name, or hides it from a screen reader', () => {
    const pictures = renderReport(runs.failingRun()).match(/<svg[^>]*>/g) ?? [];
    expect(pictures.length).toBeGreaterThan(50);
    for (const picture of pictures) expect(picture).toMatch(/aria-hidden="true"|role="img" aria-label="[^"]+"/);
  });

  it('escapes everything: a hostile run adds no element, attribute or address', () => {
    const html = renderReport(hostileRun()).replace(/<(style|script)>[\s\S]*?<\/\1>/g, '');
    const tags = [...html.matchAll(/<\/?([a-z!][^\s/>]*)/gi)].map((match) => match[1]?.toLowerCase());
    for (const tag of ['iframe', 'img', 'base', 'object']) expect(tags).not.toContain(tag);
    expect(html).not.toMatch(/<[^>]*\s(on\w+|srcdoc)=/i);
    expect([...html.matchAll(/(?:href|src)="([^"]*)"/g)].filter((match) => !match[1]?.startsWith('#'))).toEqual([]);
    // eslint-disable-next-line no-control-regex
    expect(html).not.toMatch(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u202a-\u202e\u200b]/);
    expect(html.length).toBeLessThan(400_000);
  });

  it('shows hostile text rather than dropping it', () => {
    const html = renderReport(hostileRun());
    for (const attack of attacks.slice(0, 8)) expect(html).toContain(Handlebars.escapeExpression(attack.slice(0, 12)));
  });
});

describe('the templates', () => {
  it('leave nothing unescaped but our own style and script', () => {
    const raw = readdirSync(templates)
      .filter((file) => file.endsWith('.hbs'))
      .flatMap((file) => readFileSync(new URL(file, templates), 'utf8').match(/\{\{\{.*?\}\}\}|\{\{&.*?\}\}/g) ?? []);
    expect(new Set(raw)).toEqual(new Set(['{{{style}}}', '{{{script}}}']));
  });
});

describe('the list of runs', () => {
  it('is newest first, and links only into the folder of a run', () => {
    const older = { ...summariseRun(runs.passingRun()), id: 'a', startedAt: '2026-11-19T09:00:00.000Z' };
    const newer = { ...summariseRun(runs.failingRun()), id: '../../etc', startedAt: '2026-11-20T09:00:00.000Z' };
    const evil = { ...older, id: 'javascript:alert(1)', startedAt: '2026-11-18T09:00:00.000Z' };
    const html = renderIndex([evil, older, newer]);
    const links = [...html.matchAll(/<a href="([^#"]*)"/g)].map((match) => match[1]);
    expect(links).toEqual(['./..%2F..%2Fetc/index.html', './a/index.html', './javascript%3Aalert(1)/index.html']);
    expect(textOf(html)).toMatch(/2 of 13 budget lines fail .* All 7 budget lines pass/);
  });

  it('says what to do when it is empty', () => {
    expect(textOf(renderIndex([]))).toContain('npx pacewright run');
  });
});

describe('charts', () => {
  const points = (values: readonly number[]): Point[] =>
    values.map((value, index) => ({ index, launch: 0, value, role: 'accepted' }));

  it('puts the axis on round numbers', () => {
    expect(niceTicks(2.31, 3.07, 4)).toEqual([2.4, 2.6, 2.8, 3]);
    expect(niceTicks(0, 0.3, 4)).toEqual([0, 0.1, 0.2, 0.3]);
    expect(niceTicks(5, 5, 4)).toEqual([5]);
  });

  it('draws a limit that is near, and names one that is too far off to draw', () => {
    const input = { label: 'LCP', unit: 'ms', points: points([100, 110, 120]), interval: null } as const;
    const near = sampleChart({ ...input, limits: [{ label: 'limit', value: 130 }] });
    expect(near.limits.map((limit) => limit.label)).toEqual(['≤ 130 ms']);
    const far = sampleChart({ ...input, limits: [{ label: 'limit 900 ms', value: 900 }] });
    expect(far.limits).toEqual([]);
    expect(far.beyond).toEqual(['limit 900 ms lies above']);
  });

  it('says in words what it shows', () => {
    const chart = sampleChart({
      label: 'LCP',
      unit: 'ms',
      points: [...points([100, 110, 140]), { index: 3, launch: 1, value: 300, role: 'rejected' }],
      limits: [{ label: 'limit', value: 130 }],
      interval: null,
    });
    expect(chart.description).toBe(
      '3 samples from 100 ms to 140 ms. 1 of them above the limit. 1 more sample rejected by the noise gate.',
    );
    expect(chart.launches).toHaveLength(1);
  });

  it('stacks parts in proportion', () => {
    const chart = partsChart('INP', [
      ['Input delay', 10],
      ['Processing', 30],
    ]);
    expect(chart?.parts.map(({ x, width, share }) => [x, width, share])).toEqual([
      [0, 246, '25 %'],
      [250, 746, '75 %'],
    ]);
    expect(partsChart('INP', [['Input delay', 0]])).toBeNull();
  });

  it('writes a range with its unit once where both ends have the same', () => {
    expect(range(2780, 3050, 'ms')).toBe('2.78–3.05 s');
    expect(range(980, 1020, 'ms')).toBe('980 ms–1.02 s');
    expect(range(0.05, 0.1, 'score')).toBe('0.05–0.1');
    expect(range(5, 5, 'count')).toBe('5');
  });
});
