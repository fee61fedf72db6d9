/**
 * Lighthouse CI: run a few times, hold one number against a limit. Here the limit is what base measured, plus a share.
 * Source: GoogleChrome/lighthouse-ci 0.15.1, packages/utils/src/assertions.js (`getValueForAggregationMethod`;
 * `aggregationMethod` is 'optimistic' by default, the smallest of the values for `maxNumericValue`) and
 * packages/cli/src/collect/collect.js (`numberOfRuns` is 3 by default).
 */
import { median } from '../../src/stats/quantile.ts';
import { chooseSeries, type Rule } from './rule.ts';

export interface LhciOptions {
  readonly runs: number;
  readonly aggregate: 'optimistic' | 'median';
  /** 0.1 allows head to be 10 % worse than base. */
  readonly allowed: number;
}

/** Whether head breaks an assertion `maxNumericValue` of what base measured plus the share allowed. */
export function breaksAssertion(base: readonly number[], head: readonly number[], options: LhciOptions): boolean {
  const aggregate = options.aggregate === 'median' ? median : (values: readonly number[]) => Math.min(...values);
  return aggregate(head) > aggregate(base) * (1 + options.allowed);
}

export function lhciRule(options: LhciOptions): Rule {
  const { runs, aggregate, allowed } = options;
  const percent = Math.round(allowed * 100);
  const chosen = aggregate === 'median' ? `median of ${runs}` : `best of ${runs}`;
  return {
    id: `lhci-${aggregate}-${runs}-${percent}`,
    label: `Lighthouse CI, ${chosen}, +${percent} %`,
    labels: 'coin',
    judge: (draw) => {
      const { base, head } = draw.blocks(runs);
      const worse = chooseSeries(draw.series, base, head).filter((at) =>
        breaksAssertion(base[at] ?? [], head[at] ?? [], options),
      );
      return { worse, loads: 2 * runs, inconclusive: false };
    },
  };
}
