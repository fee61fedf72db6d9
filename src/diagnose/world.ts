/** What a diagnosis asks of its surroundings: the flow of a scenario, run once more. */
import type { HeavyCollector } from '../collect/heavy.ts';
import type { LighthouseOutcome } from '../collect/lighthouse.ts';
import type { Variant } from '../core/comparison.ts';
import type { Sample } from '../core/sample.ts';

export interface PassOrder {
  /** What a live line says meanwhile. */
  readonly title: string;
  readonly variant: Variant;
  /** Whether its times are compared with those of the other variant: then it runs as pairs do. */
  readonly compared: boolean;
  /** Which pass of the scenario it is, from 0: flows make test data of their own by it. */
  readonly pass: number;
  readonly heavy: HeavyCollector;
}

export interface PassResult {
  /** What the light collectors say of the pass; no measured sample. */
  readonly sample: Sample;
  /** URLs as they were navigated to, unredacted: never written. */
  readonly visited: readonly string[];
}

export interface DiagnosisWorld {
  /** Runs the flow once; rejects as a sample does. */
  readonly runPass: (order: PassOrder) => Promise<PassResult>;
  /** Runs the flow once under Lighthouse. @param pass as in `PassOrder` */
  readonly runLighthouse: (pass: number) => Promise<LighthouseOutcome>;
  /** Does something that takes a while; a live line says what. */
  readonly present: <Result>(title: string, work: () => Promise<Result>) => Promise<Result>;
  /** Ends Chrome, so that the next pass or sample starts a new one. */
  readonly restartChrome: () => Promise<void>;
  /** A folder that is empty and is removed afterwards. */
  readonly temporary: string;
  /** Keeps a file as an artefact under a name relative to the run folder; throws what the file system throws. */
  readonly keep: (file: string, name: string) => number;
  /** Aborted when the run is interrupted. */
  readonly signal: AbortSignal;
  readonly now: () => number;
}
