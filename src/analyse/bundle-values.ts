/** `bundle.GLOB` from the bundles that a diagnosis kept. Pure. */
import { wantedValues } from '../core/diagnosed-lines.ts';
import type { Diagnosis } from '../core/diagnosis.ts';
import type { BudgetLine } from '../core/verdict.ts';
import { bundleBytes } from './bundle-bytes.ts';

/** The diagnosis with a value for each glob that the lines name: other budgets than those of the run name others. */
export function withBundleValues(diagnosis: Diagnosis, lines: readonly BudgetLine[]): Diagnosis {
  const { bundles, values } = diagnosis;
  if (!bundles) return diagnosis;
  const added = wantedValues(lines).bundles.flatMap((glob) => {
    const metric = `bundle.${glob}`;
    const known = values.some((each) => each.step === null && each.metric === metric);
    const value = known ? null : bundleBytes(bundles, glob);
    return value === null ? [] : [{ step: null, metric, value }];
  });
  return { ...diagnosis, values: [...values, ...added] };
}
