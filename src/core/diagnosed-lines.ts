/** What the budget lines of a scenario ask of its diagnosis. */
import { findMetric, isDiagnosed } from './metrics.ts';
import type { BudgetLine } from './verdict.ts';

const bundlePrefix = 'bundle.';

export interface WantedValues {
  /** Whether a line names a category or an audit of Lighthouse. */
  readonly lighthouse: boolean;
  /** The globs of `bundle.GLOB`, each once. */
  readonly bundles: readonly string[];
}

/** @param lines those that mean the scenario (`ScenarioDocument.budgets`) */
export function wantedValues(lines: readonly BudgetLine[]): WantedValues {
  const ids = lines.map(({ metric }) => metric).filter((id) => isOfDiagnosis(id));
  const globs = ids.filter((id) => id.startsWith(bundlePrefix)).map((id) => id.slice(bundlePrefix.length));
  return { lighthouse: ids.some((id) => !id.startsWith(bundlePrefix)), bundles: [...new Set(globs)] };
}

/** Whether a scenario has to be diagnosed for its budgets alone, even where only failures are. */
export function needsDiagnosis(
  lines: readonly BudgetLine[],
  { lighthouse }: { readonly lighthouse: 'on' | 'off' },
): boolean {
  const wanted = wantedValues(lines);
  return wanted.bundles.length > 0 || (wanted.lighthouse && lighthouse === 'on');
}

function isOfDiagnosis(id: string): boolean {
  const metric = findMetric(id);
  return metric !== undefined && isDiagnosed(metric);
}
