/** The memory part of a document: before its first iteration, and what it says was looked for. Pure. */
import type { Memory } from '../core/leaks.ts';
import type { LeakPlan } from './leak-plan.ts';

export function emptyMemory({ warmUps }: LeakPlan): Memory {
  return {
    url: '',
    warmUps,
    iterations: 0,
    ended: 'failed',
    counters: [],
    growth: [],
    leaks: [],
    outside: [],
    returned: { same: true, how: 'no iteration was completed' },
    checked: [],
    snapshots: [],
    analysed: 0,
  };
}

/** What was looked for, a line each. */
export function whatWasChecked({ warmUps, iterations, ended, growth }: Memory): string[] {
  const counters = growth.map(({ counter }) => counter).join(', ');
  return [
    `${iterations} iterations after ${warmUps} warm-ups, with garbage collected before each look`,
    ...(counters === '' ? [] : [`the trend over the iterations of: ${counters}`]),
    ...(ended === 'failed'
      ? []
      : [
          'objects that survived from every iteration, by class, by shape and by what holds them',
          'detached DOM trees, listeners, closures, timers, observers, promises, collections, frames and workers that pile up',
          'a history state that grows, history entries for one address, style sheets and CSS rules that pile up',
        ]),
    'whether the action ends in the state it began in',
  ];
}
