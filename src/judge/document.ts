/** Judges what a document holds, again or for the first time: its budgets and its comparison. */
import type { ScenarioDocument } from '../core/document.ts';
import { judgeComparison } from './comparison.ts';
import { judgeScenario } from './judge.ts';
import { judgeMemory, memoryLines } from './memory.ts';

/**
 * The document with its verdicts and changes, as its samples, its diagnosis and its parameters have them. Sampling has
 * ended, and so has the diagnosis, if there is one.
 * @param about `diagnosed`: false where the diagnosis is still to come, so that lines on its values are open
 * @throws PacewrightError BUDGET_CONFLICT where two equally exact lines demand different things of a step
 */
export function judgeDocument(
  document: ScenarioDocument,
  { diagnosed = true }: { readonly diagnosed?: boolean } = {},
): ScenarioDocument {
  const { memory, budgets, parameters } = document;
  if (memory) return { ...document, verdicts: judgeMemory(memory, memoryLines(document, budgets), parameters) };
  const verdicts = judgeScenario(document, budgets, parameters, { final: true, diagnosed });
  const { comparison } = document;
  if (comparison?.status !== 'compared') return { ...document, verdicts };
  const { looks, changes } = judgeComparison(document, comparison, { final: true });
  return { ...document, verdicts, comparison: { ...comparison, looks, changes } };
}
