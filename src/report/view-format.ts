/** How numbers and foreign text look in every kind of report. Nothing here knows where it will be printed. */
import type { MetricDefinition, StepKind, Unit } from '../core/metrics.ts';
import { findMetric } from '../core/metrics.ts';
import { cleanText } from '../core/text.ts';
import { formatLimit, formatPercent, formatQuantity } from '../core/units.ts';

/** Stands where there is no value. */
export const nothing = '–';

/** A name from the page or the scenario: one printable line. */
export function name(text: string): string {
  return cleanText(text, 120) || '(no name)';
}

/** A message that may have several lines (Playwright's call logs): each cleaned, 12 at most. */
export function lines(text: string): string[] {
  const all = text.slice(0, 20_000).split(/\r?\n/);
  const shown = all
    .slice(0, 12)
    .map((line) => cleanText(line))
    .filter((line) => line !== '');
  return all.length > 12 ? [...shown, `… ${all.length - 12} more lines`] : shown;
}

/** The metric's row of the table; for an id that the table does not know, a stand-in that shows the bare number. */
export function metricOf(id: string): MetricDefinition {
  const known = findMetric(id);
  if (known) return { ...known, id: name(known.id), label: name(known.label) };
  return {
    id: name(id),
    label: name(id),
    unit: 'score',
    group: 'timing',
    direction: 'lower',
    flow: 'none',
    kinds: [],
    nature: 'wall',
    description: "Not in this version's metric table.",
    source: 'unknown',
  };
}

export function quantity(value: number | null, unit: Unit): string {
  return value === null || !Number.isFinite(value) ? nothing : formatQuantity(value, unit);
}

/** A limit: `2.5 s`, and `>= 0.9` where more is better. */
export function limit(value: number, metric: Pick<MetricDefinition, 'unit' | 'direction'>): string {
  return Number.isFinite(value) ? formatLimit(value, metric) : nothing;
}

/** `2.78–3.05 s`: the unit once where both ends share it. `separator` is for output that must be plain ASCII. */
export function range(low: number, high: number, unit: Unit, separator = '–'): string {
  const from = quantity(low, unit);
  const to = quantity(high, unit);
  if (from === to) return to;
  // a dash before a minus sign reads as two
  if (low < 0 && separator === '–') return `${from.replace('-', '−')} to ${to.replace('-', '−')}`;
  const [, suffix] = / (\S+)$/.exec(to) ?? [];
  return suffix !== undefined && from.endsWith(` ${suffix}`)
    ? `${from.slice(0, -suffix.length - 1)}${separator}${to}`
    : `${from}${separator}${to}`;
}

export function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

/** A margin with its sign and its share of what is allowed: `−410 ms (−16 %)`; negative is beyond the budget. */
export function margin(value: number | null, allowed: number, unit: Unit, minus = '−'): string {
  if (value === null) return nothing;
  const sign = value < 0 ? minus : '+';
  const size = `${sign}${quantity(Math.abs(value), unit)}`;
  if (allowed === 0 || value === 0) return size;
  return `${size} (${percent(value / allowed, minus)})`;
}

/** Without the share: `−410 ms`. */
export function shortMargin(value: number | null, unit: Unit, minus = '−'): string {
  return value === null ? nothing : `${value < 0 ? minus : '+'}${quantity(Math.abs(value), unit)}`;
}

export function percent(ratio: number, minus = '−'): string {
  return formatPercent(ratio).replace('-', minus);
}

/** A share from 0 to 1 without a sign: `12 %`. */
export function share(ratio: number | null): string {
  return ratio === null ? 'unknown' : formatPercent(ratio).replace('+', '');
}

/** `1 sample`, `12 samples`. */
export function count(amount: number, noun: string, plural = `${noun}s`): string {
  return `${amount} ${amount === 1 ? noun : plural}`;
}

/** `2026-11-20 09:00 UTC`; what is not a date is shown as text. */
export function instant(iso: string): string {
  const match = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d)/.exec(iso);
  return match ? `${match[1]} ${match[2]} UTC` : name(iso);
}

/** Seconds and minutes between two instants: `1 min 12 s`. */
export function elapsed(milliseconds: number): string {
  if (!Number.isFinite(milliseconds) || milliseconds < 0) return nothing;
  const seconds = Math.round(milliseconds / 1000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

const kindWords: Record<StepKind, string> = {
  navigation: 'navigation',
  'soft-navigation': 'soft navigation',
  interaction: 'interaction',
  script: 'script',
};

export function kindWord(kind: StepKind): string {
  return kindWords[kind];
}

/** `file:line:column`. */
export function placeText(place: { file: string; line?: number | undefined; column?: number | undefined }): string {
  return cleanText([place.file, place.line, place.column].filter((part) => part !== undefined).join(':'), 160);
}

/** `a, b and 3 more`. */
export function listed(items: readonly string[], most: number): string {
  const shown = items.slice(0, most).join(', ');
  return items.length > most ? `${shown} and ${items.length - most} more` : shown;
}
