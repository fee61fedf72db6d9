/** The public API. */
export { devices, expect } from '@playwright/test';
export { defineConfig, type PacewrightConfig, reporterPath } from './config/define.ts';
export type { PacewrightOptions } from './config/options.ts';
export { profiles } from './config/profiles.ts';
export type { RunDocument, ScenarioDocument } from './core/document.ts';
export type { Sample, StepSample } from './core/sample.ts';
export type { Verdict } from './core/verdict.ts';
export type { Leak, Memory } from './core/leaks.ts';
export { type DetectLeaks, type Measure, test } from './scenario/fixtures.ts';
export type { LeakActionArguments, LeakArguments, LeakScenario } from './scenario/leak-plan.ts';
export type { MeasuredStep, MeasureResult } from './scenario/result.ts';
export type { Flow, FlowArguments } from './scenario/sample.ts';
