import { describe, expect, it } from 'vitest';
import { type RankContext, rankFindings } from '../src/analyse/rank-findings.ts';
import type { Finding } from '../src/core/finding.ts';
import { makeFinding, place } from './fixtures/runs/diagnosed.ts';

const step: RankContext['values'] = {
  LCP: 900,
  'cpu.main': 200,
  INP: 120,
  TBT: 90,
  'bytes.script': 200_000,
  layouts: 30,
};

/** One line a finding: what it says, and of what it explains how much. */
function order(findings: readonly Finding[], context: RankContext): string[] {
  return rankFindings(findings, context).map(
    ({ finding, metric, share, failing }) =>
      `${finding.title} | ${metric} ${Math.round(100 * share)} %${failing ? ' failing' : ''}`,
  );
}

function named(title: string, change: Partial<Finding>): Finding {
  return makeFinding({ title, location: place(`src/${title}.ts`, 1, title), ...change });
}

const own = named('own', { explains: { 'cpu.main': 30, INP: 30 } });
const library = named('library', {
  rule: 'library-cost',
  explains: { 'cpu.main': 60 },
  location: place('node_modules/react-dom/index.js', 9, 'work', { origin: 'library' }),
});
const hero = named('hero', { rule: 'slow-lcp-resource', explains: { LCP: 500 }, location: null });
const bundle = named('bundle', { rule: 'unused-script', explains: { 'bytes.script': 150_000 }, location: null });

describe('the ranking of findings', () => {
  it('goes by what fails, each with its share of that', () => {
    const findings = [bundle, library, own, hero];
    expect(order(findings, { values: step, failing: ['LCP'], kind: null })).toEqual([
      'hero | LCP 56 % failing',
      'own | INP 25 %',
      'bundle | bytes.script 75 %',
      'library | cpu.main 30 %',
    ]);
    expect(order(findings, { values: step, failing: ['bytes.script'], kind: null })[0]).toBe(
      'bundle | bytes.script 75 % failing',
    );
    expect(order(findings, { values: step, failing: ['cpu.main'], kind: null }).slice(0, 2)).toEqual([
      'own | cpu.main 15 % failing',
      'library | cpu.main 30 % failing',
    ]);
  });

  it('weighs by what is poor where nothing fails: 30 ms of an input before all of a good LCP, a framework last', () => {
    expect(order([bundle, library, hero, own], { values: { ...step, LCP: 300 }, failing: [], kind: null })).toEqual([
      'own | INP 25 %',
      'hero | LCP 100 %',
      'bundle | bytes.script 75 %',
      'library | cpu.main 30 %',
    ]);
  });

  it('names own code before a library, and a place before a remark, at equal cost', () => {
    const same = { explains: { 'cpu.main': 40 }, cost: { value: 40, unit: 'ms' } } as const;
    const findings = [
      named('remark', { ...same, location: null }),
      named('theirs', { ...same, location: place('node_modules/a/a.js', 1, 'theirs', { origin: 'library' }) }),
      named('ours', same),
    ];
    expect(order(findings, { values: step, failing: [], kind: null }).map((line) => line.split(' ')[0])).toEqual([
      'ours',
      'remark',
      'theirs',
    ]);
  });

  it('takes of a metric the share that a place had of it in the slower pass', () => {
    const slow = named('slow', { explains: { INP: 90 } });
    const ranked = (traced: Record<string, number>) =>
      rankFindings([slow], { values: { INP: 60 }, traced, failing: ['INP'], kind: null })[0];
    expect(ranked({ INP: 180 })).toMatchObject({ amount: 30, share: 0.5, finding: { explains: { INP: 30 } } });
    expect(ranked({})).toMatchObject({ amount: 60, share: 1 });
    expect(ranked({ INP: 50 })).toMatchObject({ amount: 60 });
  });

  it('names what never ran before what is large, where a limit on bytes fails', () => {
    const large = named('library', { rule: 'large-script', explains: { 'bytes.script': 20_000 }, location: null });
    const unused = named('unused', { rule: 'unused-script', explains: { 'bytes.script': 21_000 }, location: null });
    const values = { 'bytes.script': 90_000 };
    const first = (failing: string[]): string | undefined =>
      order([large, unused], { values, failing, kind: null })[0]?.split(' ')[0];
    expect(first(['bytes.script'])).toBe('unused');
    expect(first([])).toBe('library');
  });

  it('names a package that is there twice before what is large, though its place is in a library', () => {
    const twice = named('twice', {
      rule: 'duplicate-module',
      explains: { 'bytes.script': 40_000 },
      location: place('node_modules/tables/index.js', 1, 'tables', { origin: 'library' }),
    });
    const unused = named('unused', { rule: 'unused-script', explains: { 'bytes.script': 30_000 }, location: null });
    const context = { values: { 'bytes.script': 90_000 }, failing: ['bytes.script'], kind: null };
    expect(order([unused, twice], context)[0]).toBe('twice | bytes.script 44 % failing');
  });

  it('says that answers wait for one another before it says how long one of them took', () => {
    const network = { source: 'network', location: place('src/boot.ts', 8, 'boot') } as const;
    const slow = named('slow', { ...network, rule: 'slow-response', explains: { duration: 110 } });
    const chain = named('chain', { ...network, rule: 'request-chain', explains: { duration: 180 } });
    expect(order([slow, chain], { values: { duration: 1000 }, failing: ['duration'], kind: null })).toEqual([
      'chain | duration 18 % failing',
      'slow | duration 11 % failing',
    ]);
  });

  it('says that an image is larger than it is shown before that it is large', () => {
    const image = { location: null, cost: { value: 4_400_000, unit: 'bytes' } } as const;
    const large = named('large', {
      ...image,
      rule: 'large-response',
      source: 'network',
      explains: { 'bytes.total': 4_450_000 },
    });
    const shown = named('shown', {
      ...image,
      rule: 'image-size',
      source: 'trace engine',
      explains: { 'bytes.total': 4_430_000 },
    });
    const context = { values: { 'bytes.total': 4_470_000 }, failing: ['bytes.total'], kind: null };
    expect(order([large, shown], context)[0]).toBe('shown | bytes.total 99 % failing');
  });

  it('folds findings of one function into the one that explains most, and keeps what the others said', () => {
    const at = place('src/equalise.ts', 11, 'equaliseCards');
    const findings = [
      named('busy', { location: place('src/equalise.ts', 5, 'equaliseCards'), explains: { INP: 6, 'cpu.script': 6 } }),
      named('forces', { rule: 'forced-reflow', location: at, explains: { INP: 50, layouts: 20 } }),
      named('task', { rule: 'long-task', location: at, explains: { TBT: 40 } }),
    ];
    const ranked = rankFindings(findings, { values: step, failing: ['INP'], kind: null });
    expect(ranked).toHaveLength(1);
    expect(ranked[0]?.finding).toMatchObject({
      rule: 'forced-reflow',
      explains: { INP: 50, layouts: 20, TBT: 40, 'cpu.script': 6 },
    });
    expect(ranked[0]?.finding.details).toEqual(expect.arrayContaining(['busy', 'task']));
  });

  it('prefers the more telling of two that explain nearly the same', () => {
    const at = place('src/read.ts', 3, 'read');
    const findings = [
      named('plateau', { location: at, explains: { 'cpu.main': 50 } }),
      named('json', { rule: 'large-json', location: at, explains: { 'cpu.main': 46 } }),
    ];
    expect(rankFindings(findings, { values: step, failing: [], kind: null })[0]?.finding.title).toBe('json');
    const little = [
      findings[0] ?? own,
      named('json', { rule: 'large-json', location: at, explains: { 'cpu.main': 9 } }),
    ];
    expect(rankFindings(little, { values: step, failing: [], kind: null })[0]?.finding.title).toBe('plateau');
  });

  it('folds two reports of one shift, and keeps the place', () => {
    const shift = { rule: 'layout-shift', cost: { value: 0.1, unit: 'score' }, explains: { CLS: 0.1 } } as const;
    const findings = [named('engine', { ...shift, location: null }), named('script', shift)];
    const ranked = rankFindings(findings, { values: { CLS: 0.1 }, failing: [], kind: null });
    expect(ranked.map(({ finding }) => finding.title)).toEqual(['script']);
    expect(ranked[0]?.finding.details).toContain('engine');
  });

  it('expects listeners of a page that loads, and not of a later step', () => {
    const added = named('added', { rule: 'listeners', explains: { listeners: 143 } });
    const context = { values: { ...step, listeners: 700 }, failing: [] };
    expect(order([added, own], { ...context, kind: 'navigation' })[0]).toContain('own');
    expect(order([added, own], { ...context, kind: 'interaction' })[0]).toContain('added');
    expect(order([added, own], { ...context, failing: ['listeners'], kind: 'navigation' })[0]).toContain('added');
  });

  it('comes out the same whatever order findings come in', () => {
    const findings = [bundle, library, own, hero, named('b', {}), named('a', {})];
    const context = { values: step, failing: ['LCP'], kind: null };
    const once = order(findings, context);
    expect(order(findings.toReversed(), context)).toEqual(once);
    expect(order([...findings.slice(3), ...findings.slice(0, 3)], context)).toEqual(once);
  });

  it('takes metric ids from the page for what they are', () => {
    const odd = named('odd', { explains: { constructor: 5, __proto__: 5, 'timing.x': 5 } });
    expect(order([odd], { values: {}, failing: ['constructor'], kind: null })).toEqual([
      'odd | constructor 0 % failing',
    ]);
  });
});
