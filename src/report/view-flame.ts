/** The flame graph of a step: what the page's script draws, and what is said and listed without it. */
import type { ArtifactRecord, FunctionChange, StepDiagnosis } from '../core/diagnosis.ts';
import type { ScenarioDocument } from '../core/document.ts';
import type { Profile, ProfileFrame } from '../core/profile.ts';
import { cleanText } from '../core/text.ts';
import { type FlameTone, flameTones, readFlameData, sumFunctions, toneOf } from './flame-data.ts';
import { type SlowerView, slowerView } from './view-slower.ts';
import { count, listed, name, quantity, share } from './view-format.ts';

export interface FlameView {
  readonly anchor: string;
  readonly title: string;
  readonly sentences: readonly string[];
  readonly warnings: ReadonlyArray<{ readonly word: string; readonly text: string }>;
  /** Functions that got slower; null without a comparison. */
  readonly slower: SlowerView | null;
  /** Packed profiles; empty where there is none. */
  readonly head: string;
  readonly base: string;
  /** Self time by kind of work: the legend of the graph. */
  readonly kinds: ReadonlyArray<{
    readonly tone: FlameTone;
    /** Id of the pattern; empty for kinds that are plain. */
    readonly pattern: string;
    readonly label: string;
    readonly time: string;
    readonly share: string;
  }>;
  readonly caption: string;
  readonly functions: readonly FunctionRow[];
  readonly files: ReadonlyArray<{ readonly href: string; readonly title: string; readonly size: string }>;
}

interface FunctionRow {
  readonly name: string;
  readonly place: string;
  readonly self: string;
  readonly share: string;
  /** Width of the bar of the share, 60 for the largest. */
  readonly bar: number;
  readonly tone: FlameTone;
  readonly total: string;
  readonly calls: string;
  readonly kind: string;
}

const mostFunctions = 15;
const mostNotes = 5;
/** Below this a share of 10 % is only known to about 2 points. */
const fewSamples = 1000;
/** Tree and tasks are told apart beyond this share. */
const tolerated = 0.05;

const toneLabels: Record<FlameTone, string> = {
  script: 'own JavaScript',
  library: 'library',
  'third-party': 'third party',
  entry: 'events and calls',
  style: 'style',
  layout: 'layout',
  paint: 'paint',
  parse: 'parsing and compiling',
  gc: 'garbage collection',
  native: 'native function',
  other: 'other work of Chrome',
};
const plainTones: readonly FlameTone[] = ['script', 'entry', 'other'];

function placeOf({ file, line, column }: Pick<ProfileFrame, 'file' | 'line' | 'column'>): string {
  return [file, line, column].filter((part) => part !== null).join(':');
}

function partText(ratio: number): string {
  return ratio > 0 && ratio < 0.001 ? '<0.1 %' : share(ratio);
}

/** ms of one pass, by thread. */
function threadTimes({ threads, parents, self, passes }: Profile): Array<{ name: string; time: number }> {
  const times = new Map(threads.map(({ root }) => [root, 0]));
  const rootOf = new Int32Array(parents.length);
  parents.forEach((parent, node) => {
    const root = parent < 0 ? node : (rootOf[parent] ?? 0);
    rootOf[node] = root;
    times.set(root, (times.get(root) ?? 0) + (self[node] ?? 0) / 1000 / passes);
  });
  return threads.map((thread) => ({ name: thread.name, time: times.get(thread.root) ?? 0 }));
}

/** How well a share is known that is 10 % of all, in percentage points: 95 % of a binomial's normal approximation. */
function points(samples: number): string {
  return (100 * 1.96 * Math.sqrt((0.1 * 0.9) / samples)).toFixed(1);
}

function sentences(profile: Profile): string[] {
  const [main, ...workers] = threadTimes(profile);
  const { passes, samples, interval } = profile;
  const others = workers.map((worker) => `${quantity(worker.time, 'ms')} in ${worker.name}`);
  const apart = interval > 0 ? `, ${quantity(interval / 1000, 'ms')} apart` : '';
  return [
    `${quantity(main?.time ?? 0, 'ms')} on the ${(main?.name ?? 'thread').toLowerCase()}${others.length > 0 ? ` and ${listed(others, 3)}` : ''}, in one pass: the mean of ${count(passes, 'pass', 'passes')} after the measured samples.`,
    samples > 0
      ? `Chrome’s tasks are exact. JavaScript is sampled (${count(samples, 'sample')}${apart}): a share of 10 % is known to ±${points(samples)} points.`
      : 'Chrome’s tasks are exact; no JavaScript was sampled.',
  ];
}

function warnings(profile: Profile): FlameView['warnings'] {
  const { samples, taskTime, passes, notes } = profile;
  const [main] = threadTimes(profile);
  const expected = taskTime / 1000 / passes;
  const held = expected > 0 ? (main?.time ?? 0) / expected : 1;
  return [
    ...(samples > 0 && samples < fewSamples
      ? [
          {
            word: 'few samples',
            text: `${count(samples, 'sample')} of JavaScript are too few to tell small shares apart: believe wide boxes only. 10 to 30 s of samples make a good flame graph; a step that does more, or more passes, give them.`,
          },
        ]
      : []),
    ...(Math.abs(held - 1) > tolerated
      ? [
          {
            word: 'does not add up',
            text: `The graph holds ${quantity(main?.time ?? 0, 'ms')}, the main thread’s tasks in the trace are ${quantity(expected, 'ms')} (${share(held)}).`,
          },
        ]
      : []),
    ...notes.slice(0, mostNotes).map((text) => ({ word: 'note', text })),
    ...(notes.length > mostNotes ? [{ word: 'note', text: `… and ${notes.length - mostNotes} more.` }] : []),
  ];
}

function kinds(profile: Profile): FlameView['kinds'] {
  const times = new Map<FlameTone, number>();
  profile.frameOf.forEach((index, node) => {
    const frame = profile.frames[index];
    if (!frame) return;
    const tone = toneOf(frame);
    times.set(tone, (times.get(tone) ?? 0) + (profile.self[node] ?? 0) / 1000 / profile.passes);
  });
  const whole = [...times.values()].reduce((sum, time) => sum + time, 0);
  return flameTones.flatMap((tone) => {
    const time = times.get(tone) ?? 0;
    if (time === 0) return [];
    const pattern = plainTones.includes(tone) ? '' : `flame-${tone}`;
    const [first = '', ...rest] = toneLabels[tone];
    const label = `${first.toUpperCase()}${rest.join('')}`;
    return { tone, pattern, label, time: quantity(time, 'ms'), share: partText(time / whole) };
  });
}

function functionRows(profile: Profile): Pick<FlameView, 'functions' | 'caption'> {
  const rows = sumFunctions(profile);
  const whole = rows.reduce((sum, { self }) => sum + self, 0) || 1;
  const largest = rows[0]?.self || 1;
  const shown = rows.slice(0, mostFunctions);
  return {
    caption: `${shown.length < rows.length ? `${shown.length} of ${rows.length}` : rows.length} functions. Times of one pass.`,
    functions: shown.map(({ frame, self, total }) => ({
      name: frame.name,
      place: placeOf(frame),
      self: quantity(self, 'ms'),
      share: partText(self / whole),
      bar: Math.max(0.5, Math.round((600 * self) / largest) / 10),
      tone: toneOf(frame),
      total: quantity(total, 'ms'),
      calls: frame.calls === null ? '' : String(frame.calls),
      kind: toneLabels[toneOf(frame)],
    })),
  };
}

/** Files beside the report that other tools open: paths within its own folder only. */
function files(artifacts: readonly ArtifactRecord[], step: string): FlameView['files'] {
  return artifacts
    .filter(
      (artifact) =>
        (artifact.step === step || artifact.step === null) && /\.cpuprofile$|trace\.json(\.gz)?$/.test(artifact.path),
    )
    .filter(({ path }) => /^artifacts\/[^\\]+$/.test(path) && !path.split('/').includes('..'))
    .map(({ path, title, bytes }) => ({
      href: path.toWellFormed().split('/').map(encodeURIComponent).join('/'),
      title: cleanText(title, 80) || 'profile',
      size: quantity(bytes, 'bytes'),
    }));
}

const empty = { kinds: [], caption: '', functions: [], head: '', base: '' } as const;

function profileParts(step: StepDiagnosis): Pick<FlameView, 'sentences' | 'warnings' | keyof typeof empty> {
  if (step.profile === null) return { ...empty, sentences: [], warnings: [] };
  const head = readFlameData(step.profile);
  const base = step.baseProfile === null ? undefined : readFlameData(step.baseProfile);
  if (!head) {
    const text = 'The profile of this step cannot be read. Run the scenario again to record it anew.';
    return { ...empty, sentences: [], warnings: [{ word: 'no profile', text }] };
  }
  const lost = step.baseProfile !== null && !base;
  return {
    sentences: sentences(head.profile),
    warnings: [
      ...warnings(head.profile),
      ...(lost ? [{ word: 'no difference', text: 'The profile of base cannot be read.' }] : []),
    ],
    kinds: kinds(head.profile),
    ...functionRows(head.profile),
    head: head.packed,
    base: base?.packed ?? '',
  };
}

/** Null where the diagnosis has no profile of the step. `anchor` is that of the step. */
export function flameView(scenario: ScenarioDocument, step: string, anchor: string): FlameView | null {
  const found = scenario.diagnosis?.steps.find((candidate) => candidate.name === step);
  if (!scenario.diagnosis || !found || (found.profile === null && found.functions.length === 0)) return null;
  const changes: readonly FunctionChange[] = found.functions;
  return {
    anchor: `${anchor}-flame`,
    title: name(step),
    ...profileParts(found),
    slower: found.baseProfile === null && changes.length === 0 ? null : slowerView(changes),
    files: files(scenario.diagnosis.artifacts, step),
  };
}
