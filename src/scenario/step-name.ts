import { PacewrightError } from '../core/errors.ts';

function refuse(message: string, next: string): PacewrightError {
  return new PacewrightError('SCENARIO_INVALID', message, { next });
}

/**
 * Whether a step of that name may begin now, after the steps that are done.
 * @throws PacewrightError SCENARIO_INVALID for one without a name, within another, or called as another
 */
export function checkNewStep(name: unknown, flow: { running: string | null; done: readonly string[] }): void {
  if (typeof name !== 'string' || name.trim() === '')
    throw refuse('A step has no name.', "call step('what the user does', …)");
  if (flow.running !== null) {
    throw refuse(
      `Step "${name}" starts inside step "${flow.running}".`,
      'await each step before the next; steps do not nest',
    );
  }
  if (flow.done.includes(name))
    throw refuse(`Two steps are called "${name}".`, 'give each step a name of its own: budgets and reports go by it');
}
