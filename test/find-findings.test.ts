import { describe, expect, it } from 'vitest';
import { findInsights } from '../src/analyse/engine-insights.ts';
import type { RankedFinding } from '../src/analyse/rank-findings.ts';
import type { FindingRule } from '../src/core/finding.ts';
import type { CallSite, StepCoverage } from '../src/core/recording.ts';
import { findRanked } from './fixtures/findings/find.ts';
import { readFault } from './fixtures/findings/recorded.ts';
import { openTrace, readRecorded } from './fixtures/traces/traces.ts';

async function findIn(name: string, coverage: StepCoverage | null = null): Promise<RankedFinding[]> {
  const { recording, scripts } = readFault(name);
  return findRanked(recording, scripts, coverage);
}

/** Rule, function and line of the first finding. */
function told(
  ranked: readonly RankedFinding[],
): [FindingRule | undefined, string | null | undefined, number | undefined] {
  const finding = ranked[0]?.finding;
  return [finding?.rule, finding?.location?.function, finding?.location?.line];
}

function ofRule(ranked: readonly RankedFinding[], rule: FindingRule): RankedFinding['finding'] | undefined {
  return ranked.find(({ finding }) => finding.rule === rule)?.finding;
}

describe('findings of recorded pages', () => {
  it('name the function that is busy itself, its hottest line, and what it explains', async () => {
    const ranked = await findIn('plateau');
    expect(told(ranked)).toEqual(['hot-function', 'addUp', 2]);
    const [first] = ranked;
    expect(first?.finding.title).toMatch(
      /^addUp \(http:\/\/[^)]*\/app\.js:2:\d+\) takes [67]\d(\.\d)? ms itself, \d+ % of it on line 5$/,
    );
    expect(first?.finding.cost.value).toBeGreaterThan(60);
    // All of the input's answer and of the blocking time but what is below 50 ms.
    expect(first?.metric).toBe('INP');
    expect(first?.finding.explains['INP']).toBeGreaterThan(60);
    expect(first?.finding.explains['TBT']).toBeGreaterThan(15);
    expect(first?.finding.details.join(' ')).toContain('Called by answer (');
  });

  it('name the column of the hottest place in a minified script without a source map, where all is on one line', async () => {
    const { scripts, steps } = readRecorded('bundle');
    const { recording } = readFault('plateau');
    const [{ start, end } = { start: 0, end: 0 }] = steps.toSorted((a, b) => b.end - b.start - (a.end - a.start));
    const withoutMaps = scripts.map((script) => ({ ...script, map: null }));
    const titles = async (sources: typeof scripts): Promise<string[]> =>
      (await findRanked({ ...recording, start, end, trace: () => openTrace('bundle') }, sources))
        .filter(({ finding }) => finding.rule === 'hot-function')
        .map(({ finding }) => finding.title);
    expect((await titles(withoutMaps))[0]).toMatch(/ itself, most of all at 1:\d{2,}$/);
    expect((await titles(scripts))[0]).toMatch(/ itself, \d+ % of it on line \d+$/);
  });

  it('name the function above many that take a little each', async () => {
    const ranked = await findIn('tower');
    const found = ofRule(ranked, 'many-small-calls') ?? ofRule(ranked, 'wide-tower');
    expect(found?.location).toMatchObject({ function: 'build', line: 14 });
    expect(found?.details.join(' ')).toMatch(/Below it: part\d+ \(/);
  });

  it('name the line that forces layout, how often, and what it explains', async () => {
    const ranked = await findIn('thrash');
    expect(told(ranked)).toEqual(['forced-reflow', 'equalise', 11]);
    expect(ranked[0]?.finding.title).toContain('forces 200 layouts and 200 style recalculations');
    expect(ranked[0]?.finding.explains).toMatchObject({ layouts: 200, styles: 200 });
    expect(ranked[0]?.finding.advice).toMatch(/^Read all sizes first/);
  });

  it('tell JSON that is parsed by a function, and an answer that is parsed by the browser', async () => {
    const ranked = await findIn('json');
    expect(told(ranked)).toEqual(['large-json', 'readCache', 3]);
    const answer = ranked.find(({ finding }) => finding.title.startsWith('Reading the JSON of'))?.finding;
    expect(answer?.title).toMatch(/rows\.json\?again \(1\.\d+ MB\) takes [\d.]+ ms of the main thread/);
    expect(answer?.location).toMatchObject({ function: 'load', line: 9 });
  });

  it('name the function whose regular expression takes long, which V8 gives no line for', async () => {
    const ranked = await findIn('expression');
    expect(told(ranked)).toEqual(['hot-function', 'matchNames', 2]);
    const [first] = ranked;
    expect(first?.finding.title).toMatch(/^matchNames \(.*:2:\d+\) takes \d+(\.\d+)? ms itself$/);
    expect(first?.finding.details.join(' ')).toContain('RegExp');
  });

  it('name where an interval was set that keeps firing', async () => {
    const timer = ofRule(await findIn('interval'), 'timers');
    expect(timer?.title).toMatch(/^An interval set in watch \(.*:6:\d+\) fires 30 times: \d+ ms$/);
  });

  it('tell the share of garbage collection', async () => {
    const ranked = await findIn('garbage');
    expect(ofRule(ranked, 'garbage-collection')?.title).toMatch(
      /^Garbage collection takes [\d.]+ ms, [\d.]+ ms of it in churn > from callback/,
    );
  });

  it('count unhandled errors at their place, apart from what is only logged', async () => {
    const ranked = await findIn('errors');
    expect(ranked[0]?.finding).toMatchObject({
      rule: 'page-error',
      explains: { errors: 3 },
      location: { line: 3, column: 9 },
    });
    const logged = ranked.find(({ finding }) => finding.title.includes('the banner could not be read'))?.finding;
    expect(logged?.explains).toEqual({});
  });

  it('name who changed the page before it shifted', async () => {
    const ranked = await findIn('shift');
    expect(told(ranked)).toEqual(['layout-shift', 'insertBanner', 6]);
    expect(ranked[0]?.share).toBeCloseTo(1, 6);
  });

  it('tell a large layout and a large recalculation that nobody forced', async () => {
    const ranked = await findIn('large-update');
    expect(ofRule(ranked, 'large-layout')?.title).toMatch(/^One layout of \d+,\d{3} boxes takes/);
    expect(ofRule(ranked, 'large-style-recalculation')?.title).toMatch(
      /^One style recalculation of 12,\d{3} elements takes/,
    );
  });

  it('name a package and who of the application calls it', async () => {
    const ranked = await findIn('library');
    expect(told(ranked)).toEqual(['library-cost', 'showSorted', 2]);
    expect(ranked[0]?.finding.title).toMatch(
      /^slow-sort takes \d+(\.\d)? ms, called by showSorted \(src\/main\.js:2\)$/,
    );
    expect(ranked[0]?.finding.details.join(' ')).toContain('slowSort (node_modules/slow-sort/index.js:1)');
  });

  it('name a busy function of a worker, which explains no time of the main thread', async () => {
    const ranked = await findIn('worker');
    const found = ofRule(ranked, 'hot-function');
    expect(found?.title).toMatch(/^addUp \(.*\/sums\.js:2:\d+\) takes [56]\d(\.\d)? ms itself, in Worker sums\.js$/);
    expect(Object.keys(found?.explains ?? {})).toEqual(['duration']);
  });

  it('tell polyfills and transforms for old browsers', async () => {
    const found = ofRule(await findIn('legacy-script'), 'legacy-script');
    expect(found?.title).toMatch(
      /^http:.*\/app\.js holds \d polyfills and transforms for old browsers, some [\d.]+ kB$/,
    );
    expect(found?.details[0]).toContain('Array.prototype.flatMap');
    expect(found?.location).toMatchObject({ line: 2 });
  });

  it('explain no more of a metric than it was', async () => {
    for (const name of ['plateau', 'thrash', 'json', 'large-update', 'shift']) {
      const { recording, scripts } = readFault(name);
      for (const { finding } of await findRanked(recording, scripts)) {
        for (const [metric, amount] of Object.entries(finding.explains)) {
          const value = recording.sample.metrics[metric] ?? Number.POSITIVE_INFINITY;
          expect(amount, `${finding.title}: ${metric}`).toBeGreaterThan(0);
          expect(amount, `${finding.title}: ${metric}`).toBeLessThanOrEqual(value);
        }
      }
    }
  });
});

describe('what a step leaves behind', () => {
  function coverage(sites: readonly Partial<CallSite>[]): StepCoverage {
    const { scripts } = readFault('plateau');
    const url = scripts[0]?.url ?? '';
    const blank: CallSite = { what: 'listener', detail: 'resize', amount: 1, function: '', url, line: 1, column: 0 };
    return { name: 'go', scripts: [], styles: [], sites: sites.map((site) => ({ ...blank, ...site })) };
  }

  it('names the place that adds listeners, with all their types as one', async () => {
    const ranked = await findIn(
      'plateau',
      coverage([
        { amount: 40, function: 'watch', line: 8, column: 2 },
        { amount: 20, function: 'watch', line: 8, column: 2, detail: 'scroll' },
        { amount: 3, function: 'few', line: 20 },
      ]),
    );
    const found = ofRule(ranked, 'listeners');
    expect(found).toMatchObject({ cost: { value: 60, unit: 'count' }, location: { function: 'watch', line: 9 } });
    expect(found?.details).toEqual(['Of type resize, scroll.']);
    expect(ranked.filter(({ finding }) => finding.rule === 'listeners')).toHaveLength(1);
  });

  it('names the place whose memory is kept', async () => {
    const ranked = await findIn(
      'plateau',
      coverage([
        { what: 'allocation', detail: '', amount: 400_000, function: 'cache', line: 11 },
        { what: 'allocation', detail: '', amount: 30_000, function: 'small', line: 12 },
      ]),
    );
    expect(ofRule(ranked, 'memory-kept')?.title).toMatch(/^400 kB allocated in cache \(.*:12:\d+\) are still alive/);
  });
});

describe('findings of the trace engine', () => {
  it('tell images that are larger than they are shown', async () => {
    const { recording } = readFault('oversized-image');
    const { findings, notes } = await findInsights(recording);
    expect(notes).toEqual([]);
    const image = findings.find(({ rule }) => rule === 'image-size');
    expect(image?.title).toMatch(/^1 image could be [\d.]+ kB smaller in all$/);
    expect(image?.details[0]).toMatch(/photo\.png: 800 × 600 shown as 80 × 60/);
    expect(image?.explains['bytes.image']).toBeGreaterThan(4000);
  });

  it.each([
    ['nothing', ''],
    ['half a trace', '{"traceEvents":[{"name":"RunTask","ph":"X","ts":1,'],
    ['another document', '{"lighthouseVersion":"13"}'],
    ['events of no shape', '{"traceEvents":[1,null,{"name":4},{"cat":"v8","ph":"X","ts":5}]}'],
  ])('give a note for %s', async (_, trace) => {
    const { recording } = readFault('plateau');
    const { findings, notes } = await findInsights({
      ...recording,
      trace: async function* () {
        yield Buffer.from(trace);
      },
    });
    expect(findings).toEqual([]);
    expect(notes.length).toBeLessThanOrEqual(1);
  });

  it('are not asked for where the trace is too large', async () => {
    const { recording } = readFault('plateau');
    const chunk = Buffer.alloc(8_000_000, ' ');
    const { notes } = await findInsights({
      ...recording,
      trace: async function* () {
        for (let at = 0; at < 9; at += 1) yield chunk;
      },
    });
    expect(notes).toEqual(['The DevTools trace engine was not asked about a trace of more than 60 MB.']);
  });
});
