/** Lighthouse's results as the documents keep them: cleaned, short, and without what passed. */
import type { FlowResult, Result } from 'lighthouse';
import type { Diagnosis } from '../core/diagnosis.ts';
import type { LighthouseAudit, LighthouseFacts, LighthouseStep } from '../core/lighthouse.ts';
import { lighthouseCategories } from '../core/lighthouse-ids.ts';
import { findMetric } from '../core/metrics.ts';
import { cleanText, redactText } from '../core/text.ts';

/** One part of the flow: what Lighthouse says of a step, or why it says nothing. */
export interface LighthousePart {
  readonly step: string;
  readonly mode: LighthouseStep['mode'];
  readonly lhr: FlowResult.Step['lhr'] | null;
  readonly problem: string | null;
}

type Audit = Result['audits'][string];

/** Where an audit stands in Lighthouse's own report. */
interface Place {
  readonly category: string;
  readonly group: string;
  readonly weight: number;
}

// From this score on Lighthouse's own report counts an audit as passed.
const passingScore = 0.9;
/** A page with a thousand faults has a report to read before one more counts. */
const mostAudits = 60;
const longestDescription = 600;

const groups: Readonly<Record<string, LighthouseAudit['group']>> = {
  metrics: 'metric',
  insights: 'insight',
  diagnostics: 'diagnostic',
};
const groupOrder: readonly LighthouseAudit['group'][] = ['metric', 'insight', 'diagnostic', 'other'];

/**
 * What Lighthouse said, part by part. An audit that is not in its result is not in ours either: nothing is made of it.
 * @param about what is known beside the results; `wall` in ms
 */
export function toLighthouseFacts(
  parts: readonly LighthousePart[],
  about: Pick<LighthouseFacts, 'wall' | 'throttling' | 'problem'>,
): LighthouseFacts {
  const version = parts.find(({ lhr }) => lhr !== null)?.lhr?.lighthouseVersion ?? '';
  return { version: cleanText(version, 40), ...about, steps: parts.map(toStep) };
}

function toStep({ step, mode, lhr, problem }: LighthousePart): LighthouseStep {
  // As in samples, where it is the name that lines and verdicts go by; reports clean it.
  if (!lhr) return { step, mode, scores: [], audits: [], passed: 0, warnings: [], problem };
  const places = placesOf(lhr);
  const listed = [...places].flatMap(([id, place]) => {
    const audit = lhr.audits[id];
    return audit && isListed(audit, place) ? [{ place, audit: toAudit(audit, place) }] : [];
  });
  const error = lhr.runtimeError ? `${lhr.runtimeError.code}: ${lhr.runtimeError.message}` : null;
  return {
    step,
    mode,
    scores: lighthouseCategories.flatMap((id) => {
      const category = lhr.categories[id];
      return category ? [{ category: id, title: cleanText(category.title), score: scoreOf(category, lhr) }] : [];
    }),
    audits: listed
      .toSorted(compareAudits)
      .map(({ audit }) => audit)
      .slice(0, mostAudits),
    passed: [...places.keys()].filter((id) => hasPassed(lhr.audits[id])).length,
    warnings: lhr.runWarnings.slice(0, 10).map((warning) => redactText(warning)),
    problem: problem ?? (error === null ? null : redactText(error)),
  };
}

/** The audits of the categories, each where the first category has it. */
function placesOf(lhr: Result): Map<string, Place> {
  const places = new Map<string, Place>();
  for (const category of lighthouseCategories) {
    for (const { id, group = '', weight } of lhr.categories[category]?.auditRefs ?? []) {
      if (!places.has(id)) places.set(id, { category, group, weight });
    }
  }
  return places;
}

/** Where nothing with a weight could be told, as of performance in a snapshot, Lighthouse's mean of nothing is 0. */
function scoreOf(category: Result.Category, { audits }: Result): number | null {
  const weighs = category.auditRefs.some(({ id, weight }) => weight > 0 && typeof audits[id]?.score === 'number');
  return weighs ? category.score : null;
}

function hasPassed(audit: Audit | undefined): boolean {
  return audit !== undefined && audit.score !== null && audit.score >= passingScore;
}

function isListed(audit: Audit, { group }: Place): boolean {
  if (group === 'hidden') return false;
  if (audit.scoreDisplayMode === 'error' || groups[group] === 'metric')
    return audit.scoreDisplayMode !== 'notApplicable';
  if (audit.scoreDisplayMode === 'manual' || audit.scoreDisplayMode === 'notApplicable') return false;
  // What only informs is worth a line where Lighthouse found something: of the insights alone.
  if (audit.score === null) return group === 'insights' && (audit.displayValue ?? '') !== '';
  return !hasPassed(audit);
}

function toAudit(audit: Audit, { category, group }: Place): LighthouseAudit {
  const savings = Object.entries(audit.metricSavings ?? {}).filter((entry): entry is [string, number] => {
    const [, value] = entry;
    return value !== undefined && Number.isFinite(value) && value > 0;
  });
  const { scoreDisplayMode, errorMessage } = audit;
  return {
    id: cleanText(audit.id),
    title: cleanText(audit.title),
    score: audit.score,
    // A space that does not break is one of typography; what is searched for or compared is a plain one.
    display: audit.displayValue ? redactText(audit.displayValue.replaceAll('\u00a0', ' ')) : null,
    value: audit.numericValue !== undefined && Number.isFinite(audit.numericValue) ? audit.numericValue : null,
    unit: audit.numericUnit === undefined ? null : cleanText(audit.numericUnit, 40),
    description: cleanText(audit.description, longestDescription),
    group: groups[group] ?? 'other',
    category,
    savings: Object.fromEntries(savings.map(([metric, value]) => [cleanText(metric, 40), value])),
    problem: scoreDisplayMode === 'error' ? redactText(errorMessage ?? 'no reason given') : null,
  };
}

interface Listed {
  readonly place: Place;
  readonly audit: LighthouseAudit;
}

/** By group; within one the metrics as Lighthouse has them, then what costs most time, then what weighs most. */
function compareAudits(a: Listed, b: Listed): number {
  const byGroup = groupOrder.indexOf(a.audit.group) - groupOrder.indexOf(b.audit.group);
  if (byGroup !== 0 || a.audit.group === 'metric') return byGroup;
  return (
    savedTime(b.audit) - savedTime(a.audit) ||
    (a.audit.score ?? passingScore) - (b.audit.score ?? passingScore) ||
    b.place.weight - a.place.weight
  );
}

/** ms: the largest of the savings that are times. */
function savedTime({ savings }: LighthouseAudit): number {
  return Math.max(0, ...Object.entries(savings).map(([metric, value]) => (metric === 'CLS' ? 0 : value)));
}

/**
 * What budgets may name: the score of every category and audit that has one, by step. Where a step has two parts (a
 * timespan, and a snapshot of the page that it left), the first that knows counts. The flow has the lowest of its steps.
 */
export function lighthouseValues(parts: readonly LighthousePart[]): Diagnosis['values'] {
  const values: Diagnosis['values'] = [];
  for (const [step, own] of Map.groupBy(parts, (part) => part.step)) {
    const known = new Map<string, number>();
    for (const { lhr } of own) {
      if (!lhr) continue;
      const categories = Object.values(lhr.categories).map(
        (category) => [category.id, scoreOf(category, lhr)] as const,
      );
      const audits = Object.values(lhr.audits).map(({ id, score }) => [id, score] as const);
      for (const [id, score] of [...categories, ...audits]) {
        const metric = `lighthouse.${id}`;
        if (score !== null && !known.has(metric) && findMetric(metric)) known.set(metric, score);
      }
    }
    for (const [metric, value] of known) values.push({ step, metric, value });
  }
  const ofFlow = [...Map.groupBy(values, ({ metric }) => metric)].map(([metric, all]) => ({
    step: null,
    metric,
    value: Math.min(...all.map(({ value }) => value)),
  }));
  return [...values, ...ofFlow];
}
