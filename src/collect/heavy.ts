/**
 * Heavy collectors: what a pass of the diagnosis records beside the light ones, which run in it as in a measured
 * sample. They slow the page down, so that no measured sample has any.
 */
import type { BrowserContext, Page } from '@playwright/test';
import { within } from '../browser/limit.ts';
import type { StepSample } from '../core/sample.ts';

/** A fresh page in a fresh context, before the light collectors are attached and before its first navigation. */
export interface ObservedPage {
  readonly page: Page;
  readonly context: BrowserContext;
}

/** A step that has settled, with what the light collectors say of it; its requests are known at the flow's end. */
export interface ObservedStep {
  readonly name: string;
  /** Times of `performance.now()`, ms. */
  readonly start: number;
  readonly end: number;
  readonly sample: StepSample;
}

/** The phases of one run of a flow, in this order. Whatever throws in one ends the collector, not the flow. */
export interface HeavyCollector {
  /** What is missing when it fails, for the reader: `the trace`. */
  readonly what: string;
  attach(world: ObservedPage): Promise<void>;
  /** Before the clock of a step starts. */
  beginStep(name: string): Promise<void>;
  endStep(step: ObservedStep): Promise<void>;
  /** After the last step, while the page still is there. */
  endFlow(): Promise<void>;
  /** Lets go of what is left; the page may be gone. */
  dispose(): Promise<void>;
}

// Seen: 9 s to hand over a trace of 108 MB. A page that hangs must not hold the flow for ever.
const phaseLimit = 60_000;

type Phase = (collector: HeavyCollector) => Promise<void>;

/**
 * Several collectors as one: they start in their order, outer to inner, and end in the reverse one. One that fails is
 * told to `onProblem`, once, and asked nothing any more but to let go.
 */
export function combineCollectors(
  collectors: readonly HeavyCollector[],
  onProblem: (what: string, error: unknown) => void,
): HeavyCollector {
  let working = [...collectors];
  const each = async (list: readonly HeavyCollector[], phase: Phase): Promise<void> => {
    for (const collector of list) {
      try {
        await within(phaseLimit, phase(collector), () => new Error(`not done after ${phaseLimit / 1000} s`));
      } catch (error) {
        working = working.filter((other) => other !== collector);
        onProblem(collector.what, error);
        await collector.dispose().catch(() => {});
      }
    }
  };
  return {
    what: 'the diagnosis',
    attach: (world) => each(working, (collector) => collector.attach(world)),
    beginStep: (name) => each(working, (collector) => collector.beginStep(name)),
    endStep: (step) => each(working.toReversed(), (collector) => collector.endStep(step)),
    endFlow: () => each(working.toReversed(), (collector) => collector.endFlow()),
    dispose: () => each(working.toReversed(), (collector) => collector.dispose()),
  };
}

/** Remembers when the steps were, and what the light collectors say of them. */
export class StepLog implements HeavyCollector {
  readonly what = 'the steps';
  readonly steps: ObservedStep[] = [];

  async attach(): Promise<void> {}

  async beginStep(): Promise<void> {}

  async endStep(step: ObservedStep): Promise<void> {
    this.steps.push(step);
  }

  async endFlow(): Promise<void> {}

  async dispose(): Promise<void> {}
}
