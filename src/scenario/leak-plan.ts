/** What a memory scenario is told, and how often it repeats its action. */
import type { BrowserContext, Page } from '@playwright/test';
import { PacewrightError } from '../core/errors.ts';
import { suggest } from '../core/nearest.ts';
import { fewestIterations } from '../judge/memory-growth.ts';

export interface LeakArguments {
  /** A fresh page in a fresh context, with all that `use` sets on contexts; the same one for all iterations. */
  readonly page: Page;
  readonly context: BrowserContext;
}

export interface LeakActionArguments extends LeakArguments {
  /** Which repetition this is, from 0, warm-ups included: for test data of its own, say. */
  readonly iteration: number;
  readonly warmUp: boolean;
}

export interface LeakScenario {
  /** Brings the page to where the action begins; runs once. */
  readonly setup?: (about: LeakArguments) => Promise<unknown>;
  /** Does something and undoes it: it ends in the state it began in. */
  readonly action: (about: LeakActionArguments) => Promise<unknown>;
  /** How often the action is repeated and looked at, 7 if absent; up to 13 where growth is unclear after that. */
  readonly iterations?: number;
  /** Repetitions before that, uncounted: what is loaded or compiled once is there after them. 2 if absent. */
  readonly warmUps?: number;
  /** Whether heap snapshots stay in the run folder. They hold all that the page held, passwords included. */
  readonly snapshots?: 'keep' | 'drop';
}

export interface LeakPlan {
  readonly warmUps: number;
  readonly iterations: number;
  /** Where growth is unclear. */
  readonly most: number;
}

// 7 tell a bounded cache of up to six entries from one that grows; each costs the action, a collection and some 100 ms.
const defaults = { iterations: 7, warmUps: 2, most: 13 };
/** One warm-up loads what is lazy, the second makes V8 allocate its feedback. */
const fewestWarmUps = 2;
const mostRepeats = 200;

/** @throws PacewrightError SCENARIO_INVALID naming what is wrong */
export function readPlan(scenario: LeakScenario): LeakPlan {
  const invalid = (message: string, next: string): PacewrightError =>
    new PacewrightError('SCENARIO_INVALID', message, { next });
  const allowed = ['setup', 'action', 'iterations', 'warmUps', 'snapshots'];
  const unknown = Object.keys(scenario).find((key) => !allowed.includes(key));
  if (unknown !== undefined)
    throw invalid(`detectLeaks knows no "${unknown}". ${suggest(unknown, allowed)}`, 'correct the key');
  if (typeof scenario.action !== 'function')
    throw invalid('detectLeaks needs an action.', 'write detectLeaks({ setup, action })');
  const count = (key: 'iterations' | 'warmUps', least: number): number => {
    const value = scenario[key] ?? defaults[key];
    if (Number.isInteger(value) && value >= least && value <= mostRepeats) return value;
    throw invalid(
      `detectLeaks: ${key} is ${String(value)}; allowed: a whole number from ${least} to ${mostRepeats}.`,
      `correct \`${key}\``,
    );
  };
  const iterations = count('iterations', fewestIterations);
  return { iterations, warmUps: count('warmUps', fewestWarmUps), most: Math.max(iterations, defaults.most) };
}
