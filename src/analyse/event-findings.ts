/** What keeps firing: timers by where they were set, events by type. */
import type { Finding } from '../core/finding.ts';
import type { SourceLocation } from '../core/source.ts';
import { cleanText } from '../core/text.ts';
import { functionText, ms, times as timesText } from './finding-text.ts';
import { frameLocation } from './function-times.ts';
import { asNumber, asText } from './json-values.ts';
import { duration, member, type Span, stackOf } from './main-events.ts';
import { capAmounts, leastTime, type StepFacts } from './step-facts.ts';

const mostTimers = 3;
const mostTypes = 3;
/** Fewer dispatches of one event are what a user's input makes by itself. */
const manyEvents = 20;
/** A timer that fired so often in one step runs all the time; one that fired once or twice is only how work began. */
const manyFires = 10;
const fewFires = 3;
/** Of the thread's time: a timer that takes less dominates nothing. */
const dominates = 0.1;

interface Timer {
  readonly location: SourceLocation;
  readonly timeout: number;
  readonly repeats: boolean;
  readonly fires: Span[];
}

/** Timers of the step by where they were set; those set before it began have no place. */
function readTimers({ trace, spans, recording: { start, end }, locate }: StepFacts): Timer[] {
  const timers = new Map<string, Timer>();
  const places = new Map<number, Timer>();
  for (const { args, ts } of trace.select(['TimerInstall'])) {
    if (ts < start || ts > end) continue;
    const data = member(args, 'data');
    const [first] = stackOf(args);
    const id = asNumber(data['timerId']);
    if (!first || id === null) continue;
    const location = locate(first);
    const key = `${location.file}:${location.line}:${location.column}`;
    const timer = timers.get(key) ?? {
      location,
      timeout: asNumber(data['timeout']) ?? 0,
      repeats: data['singleShot'] === false,
      fires: [],
    };
    timers.set(key, timer);
    places.set(id, timer);
  }
  for (const span of spans) {
    if (span.name !== 'TimerFire') continue;
    const id = asNumber(member(span.args(), 'data')['timerId']);
    if (id !== null) places.get(id)?.fires.push(span);
  }
  return [...timers.values()];
}

function sum(spans: readonly Span[]): number {
  return spans.reduce((total, span) => total + duration(span), 0);
}

/** Timers that dominate the step, or fire all the time. */
export function findTimers(facts: StepFacts): Finding[] {
  const { metrics } = facts.recording.sample;
  return readTimers(facts)
    .map((timer) => ({ ...timer, cost: sum(timer.fires) }))
    .filter(
      ({ cost, fires }) =>
        (fires.length >= fewFires && cost >= leastTime(facts) && cost >= dominates * facts.times.total) ||
        (fires.length >= manyFires && cost >= 1),
    )
    .toSorted((a, b) => b.cost - a.cost)
    .slice(0, mostTimers)
    .map(({ location, timeout, repeats, fires, cost }): Finding => {
      const longest = fires.reduce((most, span) => Math.max(most, duration(span)), 0);
      return {
        rule: 'timers',
        title: `${repeats ? 'An interval' : 'A timer'} set in ${functionText(location)} fires ${timesText(fires.length, 'time')}: ${ms(cost)}`,
        cost: { value: cost, unit: 'ms' },
        explains: capAmounts({ 'cpu.main': cost, 'cpu.script': cost }, metrics),
        location,
        details: [`After ${ms(timeout)}${repeats ? ' each' : ''}; the longest run takes ${ms(longest)}.`],
        advice: repeats
          ? 'Let an event start the work instead of asking again and again, or stop the interval when nobody looks.'
          : 'Do less in it, or set one timer for all that is waiting instead of one for each.',
        evidence: 'flame',
        source: 'trace',
      };
    });
}

/** Events that are handled very often in one step. */
export function findBusyEvents(facts: StepFacts): Finding[] {
  const { metrics } = facts.recording.sample;
  const dispatches = facts.spans.filter(({ name }) => name === 'EventDispatch');
  const types = Map.groupBy(dispatches, (span) => asText(member(span.args(), 'data')['type']) ?? '');
  return [...types]
    .filter(([type]) => type !== '' && !type.startsWith('__playwright'))
    .map(([type, spans]) => ({ type, spans, cost: sum(spans) }))
    .filter(
      ({ spans, cost }) =>
        spans.length >= manyEvents && cost >= leastTime(facts) && cost >= dominates * facts.times.total,
    )
    .toSorted((a, b) => b.cost - a.cost)
    .slice(0, mostTypes)
    .map(({ type, spans, cost }): Finding => ({
      rule: 'listeners',
      title: `${timesText(spans.length, 'event')} of type ${cleanText(type, 40)} are handled: ${ms(cost)}`,
      cost: { value: cost, unit: 'ms' },
      explains: capAmounts({ 'cpu.main': cost }, metrics),
      location: null,
      details: [`${ms(cost / spans.length)} each.`],
      advice: 'Handle one of them a frame (requestAnimationFrame), or listen only while it matters.',
      evidence: 'flame',
      source: 'trace',
    }));
}

/** Garbage collection: its share, and the function it ran for most. */
export function findCollection(facts: StepFacts): Finding[] {
  const { times, recording } = facts;
  const cost = times.categories.get('gc') ?? 0;
  if (cost < leastTime(facts) || cost < dominates * times.total) return [];
  const [most] = [...times.functions.values()].toSorted((a, b) => b.collection - a.collection);
  const place = most && most.collection >= cost / 2 ? frameLocation(most.frame) : null;
  const collections = facts.spans.filter(({ name }) => name === 'MinorGC' || name === 'MajorGC').length;
  return [
    {
      rule: 'garbage-collection',
      title: `Garbage collection takes ${ms(cost)}${place && most ? `, ${ms(most.collection)} of it in ${functionText(place)}` : ''}`,
      cost: { value: cost, unit: 'ms' },
      explains: capAmounts({ 'cpu.main': cost }, recording.sample.metrics),
      location: place,
      details: collections > 0 ? [`${timesText(collections, 'collection')} in this step.`] : [],
      advice:
        'Make fewer short-lived objects in loops: reuse arrays and objects, and do not copy what can be changed in place.',
      evidence: 'flame',
      source: 'profile',
    },
  ];
}
