/** What a scenario can be told through `use`, with defaults and their reasons. */
import { networkPresets } from '../browser/throttle.ts';
import type { MeasureOptions, NetworkConditions } from '../core/document.ts';
import { PacewrightError } from '../core/errors.ts';
import { suggest } from '../core/nearest.ts';

/** Options beside Playwright's own, for `use` in the config, in a project or in `test.use`. */
export interface PacewrightOptions {
  /** How many samples: `'auto'` looks after 5, 8, 12 and 20 and stops when all is decided; a number is kept to. */
  samples: number | 'auto';
  /** Folder or file with budgets, relative to the config file. */
  budgets: string;
  /** `cold`: nothing is cached; `warm`: the flow's pages were visited once before, uncounted. */
  cache: 'cold' | 'warm';
  /** Slow-down of the CPU, 1 for none. CPU times are not judged when it is on. */
  cpuThrottling: number;
  /** A preset's name or own conditions; null for the network as it is. */
  network: string | Omit<NetworkConditions, 'name'> | null;
  /** When the heap is collected and read: at the end of the flow, or after every step (which slows the next one). */
  heap: 'flow' | 'steps';
  /** ms a step's actions may take. */
  stepTimeout: number;
  /**
   * ms a step may take to settle, ms without requests and long tasks that count as quiet, and globs of URLs that are
   * not waited for (long polling, say).
   */
  settle: { timeout?: number; quiet?: number; ignore?: string[] };
  /** `on`: samples that the machine disturbed are repeated; `off`: its readings are recorded only. */
  noiseGate: 'on' | 'off';
  /** What an inconclusive budget line does to the test. */
  inconclusive: 'warn' | 'fail';
  /**
   * Which steps are run again after the samples, to find causes: all, those that fail a gate, or none. `'auto'`: all,
   * and those that fail in a comparison, which is to be quick.
   */
  diagnose: 'auto' | 'all' | 'failures' | 'off';
  /** Whether a diagnosis of all steps includes Lighthouse. */
  lighthouse: 'on' | 'off';
}

export const defaultOptions: PacewrightOptions = {
  samples: 'auto',
  budgets: 'budgets',
  cache: 'cold',
  cpuThrottling: 1,
  network: null,
  heap: 'flow',
  stepTimeout: 30_000,
  settle: {},
  noiseGate: 'on',
  inconclusive: 'warn',
  diagnose: 'auto',
  lighthouse: 'on',
};

// Quiet: an application that answers a response with a request does so within some 20 ms here; 100 ms leaves room for
// a busy machine and costs less than a third of a fast page's load. 10 s is what Lighthouse waits at most twice over.
const defaultQuiet = 100;
const defaultSettleTimeout = 10_000;

// A longer timer than 2^31 ms fires at once, and a flow's limit is ten times these two; no step takes an hour.
const longestTimeout = 3_600_000;

function invalid(key: string, got: unknown, allowed: string): PacewrightError {
  // JSON has no NaN and no Infinity.
  const shown = typeof got === 'number' ? String(got) : JSON.stringify(got);
  return new PacewrightError('CONFIG_INVALID', `use.${key} is ${shown}; allowed: ${allowed}.`, {
    next: `correct \`${key}\` in playwright.config.ts, in the project or in test.use`,
  });
}

function checkNumber(key: string, value: unknown, least: number, whole = false): number {
  if (typeof value !== 'number' || !Number.isFinite(value) || value < least || (whole && !Number.isInteger(value))) {
    throw invalid(key, value, `a ${whole ? 'whole ' : ''}number of at least ${least}`);
  }
  return value;
}

function checkTimeout(key: string, value: unknown): number {
  const ms = checkNumber(key, value, 1);
  if (ms > longestTimeout) throw invalid(key, value, `a number from 1 to ${longestTimeout}`);
  return ms;
}

function checkChoice<Choice extends string>(key: string, value: unknown, choices: readonly Choice[]): Choice {
  const found = choices.find((choice) => choice === value);
  if (found === undefined) throw invalid(key, value, choices.map((choice) => `'${choice}'`).join(' or '));
  return found;
}

function checkTexts(key: string, value: unknown): string[] {
  if (!Array.isArray(value) || value.some((each) => typeof each !== 'string'))
    throw invalid(key, value, 'a list of texts');
  return value.map(String);
}

function readNetwork(network: PacewrightOptions['network']): NetworkConditions | null {
  if (network === null || network === undefined) return null;
  if (typeof network === 'string') {
    const found = Object.hasOwn(networkPresets, network) ? networkPresets[network] : undefined;
    if (!found) {
      throw new PacewrightError(
        'CONFIG_INVALID',
        `use.network is "${network}". ${suggest(network, Object.keys(networkPresets))}`,
        {
          next: 'name a preset, or give { latency, download, upload } in ms and kbit/s',
        },
      );
    }
    return found;
  }
  return {
    name: 'custom',
    latency: checkNumber('network.latency', network.latency, 0),
    download: checkNumber('network.download', network.download, 1),
    upload: checkNumber('network.upload', network.upload, 1),
  };
}

/** `PACEWRIGHT_SAMPLES`, which `--samples` sets, before the config's number. */
function readSamples(samples: PacewrightOptions['samples'], env: NodeJS.ProcessEnv): number | null {
  const asked = env['PACEWRIGHT_SAMPLES'] || undefined;
  if (asked === 'auto' || (asked === undefined && samples === 'auto')) return null;
  if (asked === undefined) return checkNumber('samples', samples, 1, true);
  if (/^[1-9]\d{0,8}$/.test(asked)) return Number(asked);
  throw new PacewrightError(
    'CONFIG_INVALID',
    `PACEWRIGHT_SAMPLES is "${asked}"; allowed: a whole number of at least 1, or auto.`,
    {
      next: 'correct the environment variable, or remove it',
    },
  );
}

const diagnoses = ['auto', 'all', 'failures', 'off'] as const;

/** `PACEWRIGHT_DIAGNOSE`, which `--diagnose` sets, before the config's choice. */
function readDiagnose(diagnose: PacewrightOptions['diagnose'], env: NodeJS.ProcessEnv): MeasureOptions['diagnose'] {
  const asked = env['PACEWRIGHT_DIAGNOSE'] || undefined;
  const chosen = checkChoice('diagnose', asked ?? diagnose, diagnoses);
  if (chosen !== 'auto') return chosen;
  // Most of a comparison's scenarios did not change, and need no cause.
  return env['PACEWRIGHT_COMPARE'] ? 'failures' : 'all';
}

/** A mistyped key would leave its default in force, silently. */
function checkKeys(prefix: string, options: object, allowed: readonly string[]): void {
  const unknown = Object.keys(options).find((key) => !allowed.includes(key));
  if (unknown === undefined) return;
  throw new PacewrightError(
    'CONFIG_INVALID',
    `There is no option "${prefix}${unknown}". ${suggest(unknown, allowed)}`,
    { next: 'correct the key in `use` or in the second argument of `measure`' },
  );
}

/**
 * Options as they came from the config, checked and completed.
 * @throws PacewrightError CONFIG_INVALID naming the key and what is allowed
 */
export function readOptions(options: PacewrightOptions, env: NodeJS.ProcessEnv = {}): MeasureOptions {
  const settle: PacewrightOptions['settle'] | undefined = options.settle;
  checkKeys('', options, Object.keys(defaultOptions));
  checkKeys('settle.', settle ?? {}, ['timeout', 'quiet', 'ignore']);
  // Not part of the measuring options, but wrong it would be found only after the last sample.
  checkChoice('inconclusive', options.inconclusive, ['warn', 'fail']);
  return {
    samples: readSamples(options.samples, env),
    cache: checkChoice('cache', options.cache, ['cold', 'warm']),
    cpuThrottling: checkNumber('cpuThrottling', options.cpuThrottling, 1),
    network: readNetwork(options.network),
    heap: checkChoice('heap', options.heap, ['flow', 'steps']),
    stepTimeout: checkTimeout('stepTimeout', options.stepTimeout),
    settleTimeout: checkTimeout('settle.timeout', settle?.timeout ?? defaultSettleTimeout),
    settleIgnore: checkTexts('settle.ignore', settle?.ignore ?? []),
    noiseGate: checkChoice('noiseGate', env['PACEWRIGHT_NOISE_GATE'] ?? options.noiseGate, ['on', 'off']),
    settleQuiet: checkNumber('settle.quiet', settle?.quiet ?? defaultQuiet, 0),
    diagnose: readDiagnose(options.diagnose, env),
    lighthouse: checkChoice('lighthouse', options.lighthouse, ['on', 'off']),
  };
}
