/** What the passes of a diagnosis hand to its interpretation: in memory and temporary files, never in the result. */
import type { Variant } from './comparison.ts';
import type { StepKind } from './metrics.ts';
import type { StepSample } from './sample.ts';

/** A script as Chrome parsed it; inline ones have the URL of their document and a place in it. */
export interface ScriptSource {
  readonly url: string;
  /** Where an inline script starts in its document, from 0. */
  readonly startLine: number;
  readonly startColumn: number;
  /** Empty where it could not be read before its worker ended. */
  readonly source: string;
  /** Text of the source map; null where there is none, or it could not be read. */
  readonly map: string | null;
  /** Why it could not be read; null where there is none, or it was read. */
  readonly mapProblem: string | null;
}

/** One event of the protocol's Network domain, as it came. */
export interface NetworkEvent {
  readonly method: string;
  readonly params: unknown;
}

export interface ConsoleEvent {
  readonly level: 'error' | 'warning' | 'info';
  readonly text: string;
  /** Of the top frame, as delivered; line and column from 0. */
  readonly place: { readonly url: string; readonly line: number; readonly column: number } | null;
}

/** One step in one trace pass. */
export interface StepRecording {
  readonly name: string;
  readonly kind: StepKind;
  readonly variant: Variant;
  readonly pass: number;
  /** Start and end of the step on the trace's clock, µs (Chrome's monotonic clock; Node's hrtime is the same). */
  readonly start: number;
  readonly end: number;
  /** What the light collectors say of this very pass: vitals with attribution, requests. */
  readonly sample: StepSample;
  /** The trace as JSON text, piece by piece, inflated; may be read more than once. */
  readonly trace: () => AsyncIterable<Uint8Array>;
  /** Only in the first pass; empty in others. */
  readonly network: readonly NetworkEvent[];
  readonly console: readonly ConsoleEvent[];
}

/** Ranges of one script that ran, by function, as `Profiler.takePreciseCoverage` tells; offsets in UTF-16 units. */
export interface ScriptCoverage {
  readonly url: string;
  readonly startLine: number;
  readonly startColumn: number;
  readonly functions: readonly {
    readonly name: string;
    readonly isBlockCoverage: boolean;
    readonly ranges: readonly { readonly start: number; readonly end: number; readonly count: number }[];
  }[];
}

export interface StyleCoverage {
  readonly url: string;
  readonly text: string;
  readonly used: readonly { readonly start: number; readonly end: number }[];
}

/** How often one place in a script did something: added a listener, started a timer, kept memory or elements. */
export interface CallSite {
  readonly what: 'listener' | 'timer' | 'interval' | 'element' | 'allocation';
  /** Type of the event, name of the element, or nothing. */
  readonly detail: string;
  /** Times; for elements those alive outside of the document, for allocations the bytes still alive. */
  readonly amount: number;
  readonly function: string;
  readonly url: string;
  /** From 0. */
  readonly line: number;
  readonly column: number;
}

/** The coverage pass of one step. */
export interface StepCoverage {
  readonly name: string;
  readonly scripts: readonly ScriptCoverage[];
  readonly styles: readonly StyleCoverage[];
  readonly sites: readonly CallSite[];
}

/** All that one side of a scenario (head; base too in a comparison) recorded. */
export interface ScenarioRecording {
  readonly variant: Variant;
  readonly steps: readonly StepRecording[];
  readonly coverage: readonly StepCoverage[];
  readonly scripts: readonly ScriptSource[];
  /** Origin of the pages under test, to tell first from third parties. */
  readonly pageUrl: string;
}
