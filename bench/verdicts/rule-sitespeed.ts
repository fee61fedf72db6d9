/**
 * sitespeed.io's compare plugin: a stored baseline against the current test, one-sided ('greater'), each metric for
 * itself, a change where p < 0.05. Mann–Whitney U without continuity correction by default; Wilcoxon's signed-rank
 * test as an option, over runs paired by their number. The plugin advises 20 runs or more.
 * Source: sitespeedio/sitespeed.io 42.7.0, lib/plugins/compare/index.js, helper.js (`getIsSignificant`),
 * statistical.py, and lib/cli/options/compare.js for the defaults.
 */
import { testMannWhitney, testSignedRanks } from './ranks.ts';
import { chooseSeries, type Rule } from './rule.ts';

export type SitespeedTest = 'mannwhitneyu' | 'wilcoxon';

const significant = 0.05;
const iterations = 20;

/** The p-value for a larger current value; null where both are the same numbers, which the plugin leaves out. */
export function comparePage(base: readonly number[], head: readonly number[], test: SitespeedTest): number | null {
  if (base.length === head.length && base.every((value, at) => value === head[at])) return null;
  if (test === 'mannwhitneyu') return testMannWhitney(head, base);
  return testSignedRanks(head.map((value, at) => value - (base[at] ?? 0)));
}

export function sitespeedRule(test: SitespeedTest): Rule {
  return {
    id: `sitespeed-${test}`,
    label: `sitespeed.io compare, ${test === 'wilcoxon' ? 'Wilcoxon' : 'Mann–Whitney'}, ${iterations} runs`,
    labels: 'coin',
    judge: (draw) => {
      const { base, head } = draw.blocks(iterations);
      const worse = chooseSeries(draw.series, base, head).filter((at) => {
        const p = comparePage(base[at] ?? [], head[at] ?? [], test);
        return p !== null && p < significant;
      });
      return { worse, loads: 2 * iterations, inconclusive: false };
    },
  };
}
