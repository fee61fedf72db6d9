/** The Lighthouse section of the report: what it says, what it links to, and what it lets in. */
import { describe, expect, test } from 'vitest';
import type { LighthouseAudit, LighthouseFacts, LighthouseStep } from '../src/core/lighthouse.ts';
import type { Diagnosis } from '../src/core/diagnosis.ts';
import { renderReport } from '../src/report/html.ts';
import { renderMarkdown } from '../src/report/markdown.ts';
import { renderTerminal } from '../src/report/terminal.ts';
import { lighthouseView } from '../src/report/view-lighthouse.ts';
import { hostileLighthouse, lighthouseRun, slowShopDiagnosis } from './fixtures/lighthouse/run.ts';

const audit: LighthouseAudit = {
  id: 'cache-insight',
  title: 'Use efficient cache lifetimes',
  score: 0,
  display: 'Est savings of 516 KiB',
  value: null,
  unit: null,
  description: 'A long cache lifetime helps. [Learn more](https://developer.chrome.com/docs/cache).',
  group: 'insight',
  category: 'performance',
  savings: {},
  problem: null,
};

function viewOf(step: Partial<LighthouseStep>, facts: Partial<LighthouseFacts> = {}, more: Partial<Diagnosis> = {}) {
  const whole: LighthouseStep = {
    step: 'open',
    mode: 'navigation',
    scores: [],
    audits: [],
    passed: 0,
    warnings: [],
    problem: null,
    ...step,
  };
  const lighthouse = { version: '13.5.0', wall: 27_000, throttling: 'none', steps: [whole], problem: null, ...facts };
  const [scenario] = lighthouseRun({ ...slowShopDiagnosis, ...more, lighthouse }).scenarios;
  const view = scenario && lighthouseView(scenario, 's1-lighthouse');
  const [part] = view?.parts ?? [];
  if (!view || !part) throw new Error('no view');
  return { view, part };
}

test('every part with its scores in numbers and words, its time, and the report beside it', () => {
  const html = renderReport(lighthouseRun());
  expect(html).toContain('<a href="#s1-lighthouse">Lighthouse</a>');
  expect(html).toMatch(
    /Lighthouse 13\.\d+\.\d+ ran the flow once, after the samples, for 1 min \d+ s; network lighthouse-mobile/,
  );
  expect(html).toContain('href="artifacts/buy-a-pair-of-boots-scenario-1/lighthouse.html"');
  const [scenario] = lighthouseRun().scenarios;
  const parts = scenario && lighthouseView(scenario, 'x')?.parts;
  expect(parts?.map(({ step, mode }) => `${step}: ${mode}`)).toEqual([
    'open the shop: navigation',
    'search: timespan',
    'open a product: timespan',
    'open a product: snapshot of the page at its end',
  ]);
  const [first] = parts ?? [];
  expect(first?.gauges[0]).toMatchObject({ title: 'Performance', status: { word: 'poor', kind: 'fail' } });
  expect(first?.gauges[0]?.arc).toBe(`${first?.gauges[0]?.score} 100`);
  expect(first?.metrics.map(({ title }) => title)).toContain('Largest Contentful Paint');
  expect(first?.insights?.audits.length).toBeGreaterThan(3);
  expect(parts?.at(-1)?.others).toMatchObject([
    {
      title: 'Accessibility',
      audits: [{ title: 'Buttons do not have an accessible name', status: { word: 'does not pass' } }],
    },
  ]);
});

describe('words', () => {
  test.each([
    [1, '100', 'good'],
    [0.9, '90', 'good'],
    [0.89, '89', 'needs improvement'],
    [0.5, '50', 'needs improvement'],
    [0.49, '49', 'poor'],
    [0, '0', 'poor'],
    [null, '–', 'no score'],
  ])('a score of %s is %s, %s', (score, shown, word) => {
    const { part } = viewOf({ scores: [{ category: 'seo', title: 'SEO', score }] });
    expect(part.gauges).toMatchObject([{ title: 'SEO', score: shown, status: { word } }]);
  });

  test('savings by metric, and not what Lighthouse sums up of them', () => {
    const savings = { LCP: 550, FCP: 0, CLS: 0.12, TBT: 1200 };
    const { part } = viewOf({ audits: [{ ...audit, display: 'Est savings of 1,200 ms', savings }] });
    expect(part.insights?.audits).toMatchObject([
      { display: '', savings: 'could save 1.2 s of TBT, 550 ms of LCP, 0.12 of CLS' },
    ]);
    expect(viewOf({ audits: [audit] }).part.insights?.audits).toMatchObject([
      { display: 'Est savings of 516 KiB', savings: '' },
    ]);
  });

  test('a description is a sentence or two; its link leads to documentation or is plain text', () => {
    const about = (description: string) => {
      const { part } = viewOf({ audits: [{ ...audit, description }] });
      const [first] = part.insights?.audits ?? [];
      return [first?.about, first?.link?.href ?? null];
    };
    expect(about(audit.description)).toEqual([
      'A long cache lifetime helps.',
      'https://developer.chrome.com/docs/cache',
    ]);
    expect(about('[Defer](https://web.dev/a) the `script`.')).toEqual(['Defer the script.', 'https://web.dev/a']);
    for (const url of [
      'http://web.dev/',
      'https://web.dev.evil.example/',
      'https://web.dev:8443/',
      'javascript:alert',
    ]) {
      expect(about(`[Go](${url}) there.`)).toEqual(['Go there.', null]);
    }
    const long = `${'First sentence that is long enough to be kept alone. '.repeat(3)}${'and more '.repeat(40)}`;
    expect(about(long)[0]).toMatch(/^First sentence.*alone\.$/);
    expect(about('word '.repeat(100))[0]).toMatch(/ …$/);
    expect(about('x'.repeat(500))[0]?.length).toBeLessThan(230);
  });

  test('problems are visible: of the flow, of a part, of an audit', () => {
    const { view, part } = viewOf(
      {
        problem: 'NO_FCP: nothing was painted',
        warnings: ['slow'],
        audits: [{ ...audit, score: null, problem: 'no trace' }],
      },
      { problem: 'interrupted' },
    );
    expect(view.problem).toBe('interrupted');
    expect(part).toMatchObject({ problem: 'NO_FCP: nothing was painted', warnings: ['slow'] });
    expect(part.insights?.audits).toMatchObject([{ status: { word: 'failed', kind: 'missing' }, problem: 'no trace' }]);
  });

  test('a link to nothing but an artefact of the run', () => {
    const artifact = { step: null, title: 'x', bytes: 1 };
    for (const path of [
      '../artifacts/a/lighthouse.html',
      'https://web.dev/lighthouse.html',
      'artifacts/../x/lighthouse.html',
    ]) {
      expect(viewOf({}, {}, { artifacts: [{ ...artifact, path }] }).view.report).toBeNull();
    }
    expect(
      viewOf({}, {}, { artifacts: [{ ...artifact, path: 'artifacts/a/lighthouse.html' }] }).view.report,
    ).toMatchObject({
      href: 'artifacts/a/lighthouse.html',
    });
  });
});

test('nothing where Lighthouse did not run', () => {
  const html = renderReport(lighthouseRun({ ...slowShopDiagnosis, lighthouse: null }));
  expect(html).not.toContain('class="step lh"');
  expect(html).not.toContain('-lighthouse"');
});

test('budgets on scores read as at least, in every kind of report', () => {
  const run = lighthouseRun();
  const terminal = renderTerminal(run, { color: false, width: 100, reportPath: 'reports/x/index.html' });
  expect(terminal).toMatch(/FAIL +open the shop +lighthouse\.performance +>= 0\.9 +0\.\d+ +- +-0\.\d+/);
  expect(terminal).toMatch(
    /lighthouse\.performance: 0\.\d+, limit >= 0\.9, 0\.\d+ \(\d+ %\) short of the limit, one value/,
  );
  expect(terminal).toMatch(/WARN +the whole flow +lighthouse\.accessibility +>= 0\.99/);
  expect(renderMarkdown(run)).toMatch(/\| lighthouse\.performance \| 0\.\d+ \| >= 0\.9 \| – \|/);
  const html = renderReport(run);
  expect(html).toContain('lighthouse.performance</a></h3>');
  expect(html).toContain('limit &gt;&#x3D; 0.9');
  expect(html).toContain('One value, from the diagnosis.');
  const missing = lighthouseRun({ ...slowShopDiagnosis, values: [], lighthouse: null, passes: [] });
  const words = renderTerminal(missing, { color: false, width: 100, reportPath: 'reports/x/index.html' });
  expect(words).toContain('NO VALUE');
  expect(words).toContain("Lighthouse did not run: `lighthouse` is 'off'");
});

test('what comes from an enemy enters as text', () => {
  const html = renderReport(lighthouseRun(hostileLighthouse()));
  expect(html).not.toMatch(/<script>(?!document|\(|'use|const|\n)[^<]*entered/);
  expect(html).not.toMatch(/<(img|iframe|base|meta http-equiv=refresh)[^>]*(leak|entered|127\.0\.0\.1:9)/);
  for (const [, target] of html.matchAll(/(?:href|src)="([^"]*)"/g)) expect(target).toMatch(/^#/);
  expect(html.length).toBeLessThan(600_000);
});
