/** Long tasks, long animation frames and the slowest interaction: what kept the page from answering, and who did. */
import type { Finding } from '../core/finding.ts';
import type { SourceLocation } from '../core/source.ts';
import { cleanText, redactUrl } from '../core/text.ts';
import { functionText, ms, percent, some } from './finding-text.ts';
import { frameLocation, type FunctionTimes, type ThreadTimes } from './function-times.ts';
import { asNumber, asText } from './json-values.ts';
import { duration, member } from './main-events.ts';
import { capAmounts, leaders, longTask, type LongTask, type StepFacts, type TimedWindow } from './step-facts.ts';
import type { TraceEvent } from './trace-data.ts';

const mostTasks = 3;
const mostFrames = 2;
/** A function with so much of a window's time is its cause; with less, whoever started the work is who to ask. */
const causeShare = 0.5;
/** With less, nobody in particular is. */
const startShare = 0.25;
/** An interaction faster than this feels immediate (RAIL: 100 ms), so that only a budget asks for less. */
const promptly = 100;

interface Cause {
  readonly location: SourceLocation;
  readonly time: number;
  /** Whether it is busy itself, rather than what it calls. */
  readonly itself: boolean;
}

function causeOf({ times, ...window }: TimedWindow): Cause | null {
  const { hottest, widest } = leaders(times);
  const named = (one: FunctionTimes | null, time: number, itself: boolean): Cause[] => {
    const location = one ? frameLocation(one.frame) : null;
    return location && time > 0 ? [{ location, time, itself }] : [];
  };
  const length = duration(window);
  const plateau = hottest && hottest.own >= causeShare * length ? named(hottest, hottest.own, true) : [];
  const tower = widest && widest.total >= startShare * length ? named(widest, widest.total, false) : [];
  return [...plateau, ...tower][0] ?? null;
}

/** Own time of the functions with most of it, and of what Chrome did beside them. */
function shares(times: ThreadTimes): string[] {
  const functions = [...times.functions.values()]
    .filter(({ own }) => own >= 1)
    .toSorted((a, b) => b.own - a.own)
    .flatMap((one) => {
      const place = frameLocation(one.frame);
      return place ? [`${functionText(place)} ${ms(one.own)}`] : [];
    });
  const words = {
    style: 'style',
    layout: 'layout',
    paint: 'paint',
    parse: 'parsing',
    gc: 'garbage collection',
  } as const;
  const rest = Object.entries(words).flatMap(([category, word]) => {
    const time = times.categories.get(category as keyof typeof words) ?? 0;
    return time >= 1 ? [`${word} ${ms(time)}`] : [];
  });
  return [
    ...(functions.length > 0 ? [`Busiest in it: ${some(functions, 3)}.`] : []),
    ...(rest.length > 0 ? [`Beside scripts: ${rest.join(', ')}.`] : []),
  ];
}

function byCause(cause: Cause | null, length: number): string {
  if (!cause) return '';
  const share = percent(Math.min(1, cause.time / Math.max(length, 1)));
  return cause.itself
    ? `, ${share} of it in ${functionText(cause.location)}`
    : `, ${share} of it in ${functionText(cause.location)} and what it calls`;
}

export function findLongTasks(facts: StepFacts): Finding[] {
  // A task that neither the page nor we can say anything of is one of the tool that drives the page.
  const sorted = facts.longTasks
    .filter((task) => task.blocking > 0 || shares(task.times).length > 0)
    .toSorted((a, b) => duration(b) - duration(a));
  const longest = sorted[0];
  return sorted.slice(0, mostTasks).map((task: LongTask): Finding => {
    const length = duration(task);
    const cause = causeOf(task);
    return {
      rule: 'long-task',
      title: `A task of ${ms(length)} blocks the main thread${byCause(cause, length)}`,
      cost: { value: length, unit: 'ms' },
      explains: capAmounts(
        {
          TBT: task.blocking,
          'longtasks.count': 1,
          'longtasks.longest': task === longest ? length : 0,
        },
        facts.recording.sample.metrics,
      ),
      location: cause?.location ?? null,
      details: [
        `${ms(task.start)} after the start of the step; ${ms(task.blocking)} of it count as blocking time.`,
        ...shares(task.times),
      ],
      advice: 'Split it: work in pieces of under 50 ms and let the browser answer between them (scheduler.yield()).',
      evidence: 'flame',
      source: 'trace',
    };
  });
}

/** The part of the interaction that took longest, and who is to be asked about it. */
export function findSlowInteraction(facts: StepFacts): Finding[] {
  const { interaction, recording } = facts;
  const inp = recording.sample.attribution.inp;
  if (!interaction || !inp) return [];
  const { inputDelay, processing, presentation } = inp.parts;
  const length = inputDelay + processing + presentation;
  if (length < promptly) return [];
  const cause = causeOf(interaction);
  const type = cleanText(inp.type, 40);
  const target = cleanText(inp.target, 80);
  const parts = [
    {
      name: 'input delay',
      time: inputDelay,
      advice: 'The main thread was busy with something else when the input came: split that work, or start it later.',
    },
    {
      name: 'processing',
      time: processing,
      advice: 'Show the answer first and do the rest after the next paint (scheduler.yield(), a transition, a worker).',
    },
    {
      name: 'presentation',
      time: presentation,
      advice:
        'What changed takes long to lay out and paint: change fewer elements at once, and leave out what is not on screen (content-visibility).',
    },
  ].toSorted((a, b) => b.time - a.time);
  const [worst] = parts;
  if (!worst) return [];
  return [
    {
      rule: 'slow-interaction',
      title: `${type === '' ? 'The input' : `The ${type}`}${target === '' ? '' : ` on ${target}`} is answered after ${ms(length)}, ${ms(worst.time)} of it ${worst.name}${byCause(cause, length)}`,
      cost: { value: length, unit: 'ms' },
      explains: capAmounts(
        { INP: cause ? Math.min(length, Math.max(cause.time, worst.time)) : worst.time },
        recording.sample.metrics,
      ),
      location: cause?.location ?? null,
      details: [
        `Input delay ${ms(inputDelay)}, processing ${ms(processing)}, presentation ${ms(presentation)}.`,
        ...shares(interaction.times),
      ],
      advice: worst.advice,
      evidence: 'flame',
      source: 'trace',
    },
  ];
}

interface FrameScripts {
  readonly start: number;
  readonly end: number;
  readonly blocking: number;
  readonly scripts: readonly string[];
}

function scriptText(event: TraceEvent): string {
  const info = member(event.args, 'animation_frame_script_timing_info');
  const name = cleanText(asText(info['source_location_function_name']) ?? '', 60);
  const url = redactUrl(asText(info['source_location_url']) ?? '', 120);
  const invoker = [asText(info['class_like_name']) ?? '', asText(info['property_like_name']) ?? '']
    .filter((part) => part !== '')
    .join('.');
  return [name, url === '' ? '' : `(${url})`, invoker === '' ? '' : `for ${cleanText(invoker, 60)}`]
    .filter((part) => part !== '')
    .join(' ');
}

/** Long animation frames, which several shorter tasks can make up, with the scripts that ran in them. */
function longFrames({ trace, recording: { start, end } }: StepFacts): FrameScripts[] {
  const open = new Map<string, { from: number; blocking: number; long: boolean; scripts: string[] }>();
  const frames: FrameScripts[] = [];
  for (const event of trace.select(['AnimationFrame', 'AnimationFrame::Script::Execute'])) {
    if (event.ts < start || event.ts > end) continue;
    const id = `${event.pid} ${JSON.stringify((event as unknown as { id2?: unknown }).id2 ?? event.id ?? '')}`;
    const frame = open.get(id);
    if (event.name === 'AnimationFrame' && event.ph === 'b') {
      const info = member(event.args, 'animation_frame_timing_info');
      const blocking = asNumber(info['blocking_duration_ms']) ?? 0;
      open.set(id, { from: event.ts, blocking, long: (asNumber(info['duration_ms']) ?? 0) >= longTask, scripts: [] });
    } else if (event.name === 'AnimationFrame' && event.ph === 'e' && frame) {
      open.delete(id);
      if (frame.long)
        frames.push({
          start: (frame.from - start) / 1000,
          end: (event.ts - start) / 1000,
          blocking: frame.blocking,
          scripts: frame.scripts,
        });
    } else if (event.ph === 'b' && frame) frame.scripts.push(scriptText(event));
  }
  return frames;
}

/** Only frames that no single long task explains: those are told by the task. */
export function findLongFrames(facts: StepFacts): Finding[] {
  return longFrames(facts)
    .filter((frame) => frame.scripts.length > 0 && frame.blocking > 0)
    .filter((frame) => !facts.longTasks.some((task) => task.start < frame.end && task.end > frame.start))
    .toSorted((a, b) => duration(b) - duration(a))
    .slice(0, mostFrames)
    .map((frame): Finding => ({
      rule: 'long-animation-frame',
      title: `A frame takes ${ms(duration(frame))}: several tasks without a picture between them`,
      cost: { value: duration(frame), unit: 'ms' },
      explains: capAmounts({ duration: duration(frame) }, facts.recording.sample.metrics),
      location: null,
      details: [`${ms(frame.start)} after the start of the step.`, `Scripts in it: ${some(frame.scripts, 4)}.`],
      advice: 'Do less before the next picture: put off what it does not show, or split it over several frames.',
      evidence: 'flame',
      source: 'trace',
    }));
}
