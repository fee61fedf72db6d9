/** The error that makes a test fail for its budgets; every failing line says all that a reader needs. */
import { findMetric } from '../core/metrics.ts';
import { formatQuantity } from '../core/units.ts';
import type { Verdict } from '../core/verdict.ts';

/** `"open the shop" LCP p75: 612 ms, limit 50 ms, interval 590 ms to 640 ms, margin -562 ms (fail)` */
export function describeGate(verdict: Verdict): string {
  const unit = findMetric(verdict.metric)?.unit ?? 'count';
  const show = (value: number): string => formatQuantity(value, unit);
  const where = verdict.step === null ? 'whole flow' : `"${verdict.step}"`;
  const value = verdict.value === null ? 'not measured' : show(verdict.value);
  const range = verdict.interval ? `, interval ${show(verdict.interval.low)} to ${show(verdict.interval.high)}` : '';
  const margin = verdict.margin === null ? '' : `, margin ${show(verdict.margin)}`;
  return `${where} ${verdict.metric} ${verdict.statistic}: ${value}, limit ${show(verdict.allowed)}${range}${margin} (${verdict.status})\n    ${verdict.reason}`;
}

/** Thrown after the test's body, so that the body's own assertions run first. */
export class BudgetError extends Error {
  constructor(verdicts: readonly Verdict[]) {
    const count = verdicts.length;
    super(
      `${count} budget ${count === 1 ? 'line does' : 'lines do'} not pass:\n${verdicts.map((verdict) => `  ${describeGate(verdict)}`).join('\n')}`,
    );
    this.name = 'BudgetError';
    // The place is a budget file, not our source.
    this.stack = `${this.name}: ${this.message}`;
  }
}
