/** What becomes of Lighthouse's result: which audits are listed, in which order, and which values budgets see. */
import type { Result } from 'lighthouse';
import { describe, expect, test } from 'vitest';
import { type LighthousePart, lighthouseValues, toLighthouseFacts } from '../src/collect/lighthouse-facts.ts';
import { lighthouseSchema } from '../src/core/lighthouse.ts';

type Audit = Result['audits'][string];

interface PlannedAudit extends Partial<Audit> {
  readonly group?: string;
  readonly weight?: number;
}

/** A result with one category of these audits; `null` stands for one that is named and not there. */
function resultOf(
  audits: Readonly<Record<string, PlannedAudit | null>>,
  {
    category = 'performance',
    score = 0.5,
    ...more
  }: Partial<Result> & { category?: string; score?: number | null } = {},
): Result {
  const refs = Object.entries(audits).map(([id, audit]) => ({
    id,
    weight: audit?.weight ?? 1,
    ...(audit?.group === undefined ? {} : { group: audit.group }),
  }));
  const results = Object.entries(audits).flatMap(([id, audit]) =>
    audit ? [[id, { id, title: id, description: '', score: 0, scoreDisplayMode: 'binary', ...audit }] as const] : [],
  );
  return {
    lighthouseVersion: '13.5.0',
    gatherMode: 'navigation',
    audits: Object.fromEntries(results),
    categories: { [category]: { id: category, title: category, score, auditRefs: refs } },
    runWarnings: [],
    ...more,
  } as unknown as Result;
}

function partOf(lhr: Result | null, more: Partial<LighthousePart> = {}): LighthousePart {
  return { step: 'open', mode: 'navigation', lhr, problem: null, ...more };
}

const about = { wall: 1000, throttling: 'none', problem: null };

function stepOf(lhr: Result | null, more: Partial<LighthousePart> = {}) {
  const facts = toLighthouseFacts([partOf(lhr, more)], about);
  expect(lighthouseSchema.parse(facts)).toEqual(facts);
  const [step] = facts.steps;
  if (!step) throw new Error('no step');
  return step;
}

describe('the facts', () => {
  test('metrics as Lighthouse has them, then insights by what they could save, then the rest by weight', () => {
    const step = stepOf(
      resultOf({
        'heading-order': { weight: 3 },
        'image-alt': { weight: 10 },
        'unused-javascript': { group: 'diagnostics', score: 0.5 },
        'lcp-discovery-insight': { group: 'insights' },
        'cache-insight': { group: 'insights', metricSavings: { LCP: 50, CLS: 900 } },
        'render-blocking-insight': { group: 'insights', metricSavings: { LCP: 0, FCP: 600 } },
        'first-contentful-paint': { group: 'metrics', score: 1, scoreDisplayMode: 'numeric', numericValue: 240 },
        'largest-contentful-paint': { group: 'metrics', scoreDisplayMode: 'numeric' },
      }),
    );
    expect(step.audits.map(({ id, group }) => [id, group])).toEqual([
      ['first-contentful-paint', 'metric'],
      ['largest-contentful-paint', 'metric'],
      ['render-blocking-insight', 'insight'],
      ['cache-insight', 'insight'],
      ['lcp-discovery-insight', 'insight'],
      ['unused-javascript', 'diagnostic'],
      ['image-alt', 'other'],
      ['heading-order', 'other'],
    ]);
    expect(step.audits[2]?.savings).toEqual({ FCP: 600 });
  });

  test('what passed is counted, what is not applicable, manual, hidden or not there is nothing at all', () => {
    const step = stepOf(
      resultOf({
        doctype: { score: 1 },
        'speed-index': { group: 'diagnostics', score: 0.9 },
        charset: { score: null, scoreDisplayMode: 'notApplicable' },
        'focus-traps': { score: null, scoreDisplayMode: 'manual' },
        'max-potential-fid': { group: 'hidden', score: 0 },
        'network-requests': { score: null, scoreDisplayMode: 'informative', displayValue: '12 requests' },
        'lcp-breakdown-insight': { group: 'insights', score: null, scoreDisplayMode: 'informative', displayValue: '3' },
        'removed-audit': null,
      }),
    );
    expect(step.passed).toBe(2);
    expect(step.audits.map(({ id }) => id)).toEqual(['lcp-breakdown-insight']);
  });

  test('an audit that failed is listed with its reason, as the run is whose page could not be loaded', () => {
    const step = stepOf(
      resultOf(
        { 'speed-index': { group: 'metrics', score: null, scoreDisplayMode: 'error', errorMessage: 'no trace' } },
        { runtimeError: { code: 'NO_FCP', message: 'nothing was painted' }, score: null },
      ),
    );
    expect(step.audits).toMatchObject([{ id: 'speed-index', score: null, problem: 'no trace' }]);
    expect(step.problem).toBe('NO_FCP: nothing was painted');
    expect(stepOf(null, { problem: 'late' })).toMatchObject({ problem: 'late', scores: [], audits: [], passed: 0 });
  });

  test('everything is cleaned, redacted and bounded', () => {
    const step = stepOf(
      resultOf(
        {
          'image-alt': {
            title: `\u202e<b>${'t'.repeat(5000)}`,
            displayValue: '0.3\u00a0s of https://a:secret@127.0.0.1/?token=4f5c1e2d3b4a59687786950a1b2c3d4e',
            description: 'd'.repeat(1_000_000),
            numericValue: Number.POSITIVE_INFINITY,
          },
          ...Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`audit-${index}`, {}])),
        },
        { runWarnings: Array.from({ length: 50 }, () => 'password=hunter2 was seen') },
      ),
    );
    expect(step.audits.length).toBeLessThanOrEqual(60);
    expect(step.audits[0]?.title.length).toBeLessThanOrEqual(300);
    expect(step.audits[0]?.description.length).toBeLessThanOrEqual(600);
    expect(step.audits[0]?.value).toBeNull();
    expect(step.audits[0]?.display).toMatch(/^0\.3 s of /);
    expect(step.warnings).toHaveLength(10);
    expect(JSON.stringify(step)).not.toMatch(/secret|4f5c1e2d|hunter2|\u202e/);
  });
});

describe('the values', () => {
  test('categories and audits that have a score, and of the flow the lowest', () => {
    const values = lighthouseValues([
      partOf(resultOf({ 'image-alt': { score: 1 }, charset: { score: null } }, { score: 0.8 })),
      partOf(resultOf({ 'image-alt': { score: 0 } }, { score: 0.9 }), { step: 'search', mode: 'timespan' }),
      partOf(null, { step: 'lost', problem: 'NO_FCP' }),
    ]);
    expect(values).toEqual([
      { step: 'open', metric: 'lighthouse.performance', value: 0.8 },
      { step: 'open', metric: 'lighthouse.image-alt', value: 1 },
      { step: 'search', metric: 'lighthouse.performance', value: 0.9 },
      { step: 'search', metric: 'lighthouse.image-alt', value: 0 },
      { step: null, metric: 'lighthouse.performance', value: 0.8 },
      { step: null, metric: 'lighthouse.image-alt', value: 0 },
    ]);
  });

  test('a timespan counts before the snapshot of the page that it left', () => {
    const values = lighthouseValues([
      partOf(resultOf({ 'total-blocking-time': { score: 0.4 } }, { score: 0.4 }), { mode: 'timespan' }),
      partOf(resultOf({ 'total-blocking-time': { score: 0.9 }, 'image-alt': { score: 1 } }, { score: 0.9 }), {
        mode: 'snapshot',
      }),
    ]).filter(({ step }) => step === 'open');
    expect(values).toEqual([
      { step: 'open', metric: 'lighthouse.performance', value: 0.4 },
      { step: 'open', metric: 'lighthouse.total-blocking-time', value: 0.4 },
      { step: 'open', metric: 'lighthouse.image-alt', value: 1 },
    ]);
  });

  test('a category in which nothing with a weight has a score has none, though Lighthouse writes 0', () => {
    const lhr = resultOf({ 'cache-insight': { weight: 0, score: 1 }, 'speed-index': { score: null } }, { score: 0 });
    expect(lighthouseValues([partOf(lhr)]).map(({ metric }) => metric)).not.toContain('lighthouse.performance');
    expect(stepOf(lhr).scores).toEqual([{ category: 'performance', title: 'performance', score: null }]);
  });

  test('no name that a budget could not write', () => {
    const lhr = resultOf({ 'audit-of-tomorrow': { score: 0 } }, { category: 'pwa', score: 0.1 });
    expect(lighthouseValues([partOf(lhr)])).toEqual([]);
  });
});
