import { needsDiagnosis } from '../core/diagnosed-lines.ts';
import type { ScenarioDocument } from '../core/document.ts';

/**
 * The steps of a measured scenario that are diagnosed, in the order of the flow: all, those that fail a gate (every one
 * where the flow as a whole does), or none. A budget on what the diagnosis alone knows takes the whole flow.
 */
export function chooseSteps(document: ScenarioDocument): string[] {
  const { diagnose } = document.options;
  const needed = needsDiagnosis(document.budgets, document.options);
  if (document.status !== 'measured' || diagnose === 'off') return [];
  const head = document.samples.filter((sample) => sample.variant === 'head');
  const all = [...new Set(head.flatMap((sample) => sample.steps.map((step) => step.name)))];
  if (diagnose === 'all' || needed) return all;
  const gating = [...document.verdicts, ...(document.comparison?.changes ?? [])].filter(({ gates }) => gates);
  const failing = new Set(gating.map(({ step }) => step));
  return failing.has(null) ? all : all.filter((name) => failing.has(name));
}
