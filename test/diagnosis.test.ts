/** Which steps a diagnosis looks at, how many passes it takes, and that nothing in it harms what was measured. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { MeasureOptions, ScenarioDocument } from '../src/core/document.ts';
import type { Sample } from '../src/core/sample.ts';
import { chooseSteps } from '../src/diagnose/choose-steps.ts';
import { runDiagnosis } from '../src/diagnose/run-diagnosis.ts';
import type { DiagnosisWorld, PassOrder } from '../src/diagnose/world.ts';
import { comparisonRun } from './fixtures/runs/comparisons.ts';
import { failingRun, passingRun } from './fixtures/runs/runs.ts';

const steps = ['open the shop', 'search', 'open a product'];

function scenarioOf(run = passingRun(), diagnose: MeasureOptions['diagnose'] = 'all'): ScenarioDocument {
  const [scenario] = run.scenarios;
  if (!scenario) throw new Error('the fixture has no scenario');
  return { ...scenario, options: { ...scenario.options, diagnose } };
}

describe('which steps', () => {
  test('all of them, in their order', () => {
    expect(chooseSteps(scenarioOf())).toEqual(steps);
  });

  test('none where it is switched off, or nothing was measured', () => {
    expect(chooseSteps(scenarioOf(failingRun(), 'off'))).toEqual([]);
    expect(chooseSteps({ ...scenarioOf(), status: 'failed' })).toEqual([]);
  });

  test('those with a line that gates; a broken line of level `warn` is none', () => {
    expect(chooseSteps(scenarioOf(passingRun(), 'failures'))).toEqual([]);
    const failing = scenarioOf(failingRun(), 'failures');
    const gating = new Set(failing.verdicts.filter(({ gates }) => gates).map(({ step }) => step));
    expect(gating.size).toBeGreaterThan(0);
    expect(chooseSteps(failing)).toEqual(steps.filter((step) => gating.has(step)));
  });

  test('every step where a budget asks for what the diagnosis alone knows', () => {
    const document = scenarioOf(passingRun(), 'failures');
    const [line] = document.budgets;
    if (!line) throw new Error('the fixture has no budget');
    const budgets = [{ ...line, metric: 'lighthouse.seo', statistic: 'value' as const, level: 'warn' as const }];
    expect(chooseSteps({ ...document, budgets })).toEqual(steps);
    for (const switchedOff of [{ diagnose: 'off' }, { lighthouse: 'off' }] as const)
      expect(chooseSteps({ ...document, budgets, options: { ...document.options, ...switchedOff } })).toEqual([]);
  });

  test('every step where the flow as a whole fails', () => {
    const document = scenarioOf(passingRun(), 'failures');
    const verdicts = document.verdicts.map((verdict) => ({ ...verdict, gates: verdict.step === null }));
    expect(chooseSteps({ ...document, verdicts })).toEqual(steps);
  });
});

describe('passes', () => {
  let temporary: string;
  beforeEach(() => {
    temporary = mkdtempSync(path.join(tmpdir(), 'diagnosis-test-'));
  });
  afterEach(() => rmSync(temporary, { recursive: true, force: true }));

  /** A world without Chrome, in which each pass takes `wall` ms and a step `cpu` ms of main thread. */
  function makeWorld(about: { wall?: number; cpu?: number; fail?: (pass: number) => boolean } = {}) {
    const { wall = 1000, cpu = 50, fail = () => false } = about;
    const events: string[] = [];
    const titles: string[] = [];
    let clock = 0;
    const aborter = new AbortController();
    const [sample] = scenarioOf().samples;
    if (!sample) throw new Error('the fixture has no sample');
    const changed: Sample = {
      ...sample,
      steps: sample.steps.map((step) => ({ ...step, metrics: { ...step.metrics, 'cpu.main': cpu } })),
    };
    const world: DiagnosisWorld = {
      runPass: async ({ title, pass, variant, compared }: PassOrder) => {
        const what = title.startsWith('diagnosis: trace') ? 'trace' : 'coverage';
        events.push(`${what} ${pass}${variant === 'base' ? ' of base' : ''}${compared ? ', compared' : ''}`);
        titles.push(title);
        clock += wall;
        if (fail(pass)) throw new Error('the flow broke');
        return { sample: changed, visited: [] };
      },
      runLighthouse: async (pass) => {
        events.push(`lighthouse ${pass}`);
        const facts = { version: '13', wall: 1, throttling: '', steps: [], problem: null };
        return { facts, values: [{ step: null, metric: 'lighthouse.seo', value: 1 }], html: null };
      },
      present: (_title, work) => work(),
      restartChrome: async () => void events.push('restart'),
      temporary,
      keep: () => 0,
      signal: aborter.signal,
      now: () => clock,
    };
    return { world, events, titles, aborter };
  }

  test('five, in a Chrome of their own; the next scenario gets a new one', async () => {
    const { world, events, titles } = makeWorld();
    const document = scenarioOf();
    const before = structuredClone(document);
    const diagnosis = await runDiagnosis(document, world);
    expect(events).toEqual([
      'restart',
      'trace 0',
      'trace 1',
      'trace 2',
      'trace 3',
      'trace 4',
      'coverage 5',
      'lighthouse 6',
      'restart',
    ]);
    expect(titles[0]).toBe('diagnosis: trace 1 of 5');
    expect(titles[2]).toBe("diagnosis: trace 3 of 5 · 100 ms of each step's main thread so far");
    expect(diagnosis?.wall).toBe(6000);
    expect(document).toEqual(before);
  });

  test('none where nothing is to be diagnosed: Chrome stays as it is', async () => {
    const { world, events } = makeWorld();
    expect(await runDiagnosis(scenarioOf(passingRun(), 'failures'), world)).toBeNull();
    expect(events).toEqual([]);
  });

  test('fewer when each step holds 10 s of main thread', async () => {
    const { world, events } = makeWorld({ cpu: 5000 });
    await runDiagnosis(scenarioOf(), world);
    expect(events.filter((event) => event.startsWith('trace'))).toHaveLength(2);
  });

  test('fewer when they have taken a minute', async () => {
    const { world, events } = makeWorld({ wall: 40_000 });
    await runDiagnosis(scenarioOf(), world);
    expect(events.filter((event) => event.startsWith('trace'))).toHaveLength(2);
  });

  test('one that fails is noted, and the others go on; two in a row are enough', async () => {
    const once = makeWorld({ fail: (pass) => pass === 1 });
    const diagnosis = await runDiagnosis(scenarioOf(), once.world);
    expect(diagnosis?.passes.map(({ kind, problem }) => `${kind} ${problem}`)).toEqual([
      'trace null',
      'trace the flow broke',
      'trace null',
      'trace null',
      'trace null',
      'coverage null',
      'lighthouse null',
    ]);
    const always = makeWorld({ fail: () => true });
    expect(await runDiagnosis(scenarioOf(), always.world)).toMatchObject({ status: 'failed' });
    expect(always.events).toEqual(['restart', 'trace 0', 'trace 1', 'restart']);
  });

  test('in a comparison that regressed, base and head in turns, as pairs run; each has its coverage', async () => {
    const document = scenarioOf(comparisonRun(), 'failures');
    const regressed = document.comparison?.changes.filter(({ status }) => status === 'regressed') ?? [];
    expect(regressed.length).toBeGreaterThan(0);
    const { world, events } = makeWorld();
    await runDiagnosis(document, world);
    expect(events.slice(0, 5)).toEqual([
      'restart',
      'trace 0 of base, compared',
      'trace 1, compared',
      'trace 2, compared',
      'trace 3 of base, compared',
    ]);
    expect(events.filter((event) => event.startsWith('trace'))).toHaveLength(16);
    expect(events.slice(-3)).toEqual(['coverage 16', 'coverage 17 of base', 'restart']);
  });

  test('in a comparison in which only an absolute limit fails, head alone', async () => {
    const document = scenarioOf(comparisonRun(), 'failures');
    const { comparison, verdicts } = document;
    const changes =
      comparison?.changes.map((change) => ({ ...change, status: 'unchanged' as const, gates: false })) ?? [];
    const { world, events } = makeWorld();
    await runDiagnosis(
      {
        ...document,
        comparison: comparison && { ...comparison, changes },
        verdicts: verdicts.map((verdict) => ({ ...verdict, gates: true })),
      },
      world,
    );
    expect(events.slice(0, 3)).toEqual(['restart', 'trace 0', 'trace 1']);
  });

  test('at least five pairs, however long they take', async () => {
    const { world, events } = makeWorld({ wall: 40_000 });
    await runDiagnosis(scenarioOf(comparisonRun(), 'failures'), world);
    expect(events.filter((event) => event.startsWith('trace'))).toHaveLength(10);
  });

  test('none after the run was interrupted', async () => {
    const { world, events, aborter } = makeWorld();
    aborter.abort();
    const diagnosis = await runDiagnosis(scenarioOf(), world);
    expect(events).toEqual(['restart', 'restart']);
    expect(diagnosis?.notes).toEqual(['The run was interrupted during the diagnosis.']);
  });
});
