/** The error that makes a test fail for its budgets; every failing line says all that a reader needs. */
import type { Change } from '../core/comparison.ts';
import { findMetric } from '../core/metrics.ts';
import { formatLimit, formatPercent, formatQuantity } from '../core/units.ts';
import { nameSubject, type Verdict } from '../core/verdict.ts';

/** `"open the shop" LCP p75: 612 ms, limit 50 ms, interval 590 ms to 640 ms, margin -562 ms (fail)` */
export function describeGate(verdict: Verdict): string {
  const metric = findMetric(verdict.metric) ?? { unit: 'count', direction: 'lower' };
  const show = (value: number): string => formatQuantity(value, metric.unit);
  const where = verdict.step === null ? 'whole flow' : `"${verdict.step}"`;
  const value = verdict.value === null ? 'not measured' : show(verdict.value);
  const range = verdict.interval ? `, interval ${show(verdict.interval.low)} to ${show(verdict.interval.high)}` : '';
  const margin = verdict.margin === null ? '' : `, margin ${show(verdict.margin)}`;
  return `${where} ${nameSubject(verdict)}: ${value}, limit ${formatLimit(verdict.allowed, metric)}${range}${margin} (${verdict.status})\n    ${verdict.reason}`;
}

/** `"open the shop" cpu.main: +11 %, interval +8 % to +14 %, 210 ms on base, 233 ms on head (regressed)` */
function describeChange(change: Change): string {
  const unit = findMetric(change.metric)?.unit ?? 'count';
  const size = (value: number): string =>
    change.scale === 'ratio' ? formatPercent(value) : `${value > 0 ? '+' : ''}${formatQuantity(value, unit)}`;
  const side = (value: number | null, name: string): string =>
    value === null ? '' : `, ${formatQuantity(value, unit)} on ${name}`;
  const where = change.step === null ? 'whole flow' : `"${change.step}"`;
  const range = change.interval ? `, interval ${size(change.interval.low)} to ${size(change.interval.high)}` : '';
  const value = change.change === null ? 'no value' : size(change.change);
  return `${where} ${change.metric}: ${value}${range}${side(change.base, 'base')}${side(change.head, 'head')} (${change.status})\n    ${change.reason}`;
}

function section(count: number, [one, many]: [string, string], lines: readonly string[], where = ''): string[] {
  if (count === 0) return [];
  return [
    `${count} ${count === 1 ? one : many} not pass${where === '' ? '' : ` ${where}`}:`,
    ...lines.map((line) => `  ${line}`),
  ];
}

/** Thrown after the test's body, so that the body's own assertions run first. */
export class BudgetError extends Error {
  constructor(verdicts: readonly Verdict[], changes: readonly Change[] = []) {
    const parts = [
      ...section(verdicts.length, ['budget line does', 'budget lines do'], verdicts.map(describeGate)),
      ...section(changes.length, ['metric does', 'metrics do'], changes.map(describeChange), 'against base'),
    ];
    super(parts.join('\n'));
    this.name = 'BudgetError';
    // The place is a budget file, not our source.
    this.stack = `${this.name}: ${this.message}`;
  }
}
