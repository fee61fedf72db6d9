/**
 * How the field reads a flame graph, as rules (profiling-guide.md, "Flame Graph Interpretation"): a plateau is a
 * function that is slow itself; a wide tower is one whose callees take long together, without a plateau among them;
 * many narrow towers are many small calls.
 */
import type { Finding } from '../core/finding.ts';
import type { SourceLocation } from '../core/source.ts';
import { cleanText } from '../core/text.ts';
import { functionText, ms, percent, some, times as timesText } from './finding-text.ts';
import { frameLocation, type FunctionTimes, type ThreadTimes } from './function-times.ts';
import type { HotLine } from './hot-lines.ts';
import { capAmounts, explainTime, leastTime, ownTime, type StepFacts, totalTime } from './step-facts.ts';

/** More of one rule would be a list of everything. */
const mostPlateaus = 8;
const mostTowers = 3;
const mostCallers = 3;

/** Of its own time; a line with less is one among several. */
const hotLineShare = 0.5;
/** A tower takes this much of the thread's time, itself next to nothing of that, and nothing in it is a plateau. */
const towerShare = 0.2;
const towerOwn = 0.2;
const towerPlateau = 0.25;
/** A callee with this much of a tower is the better name for it. */
const handedOn = 0.7;
/** Towers are narrow when none of them has so much of what lies below their caller, and there are several. */
const narrowTower = 0.25;
const fewestTowers = 8;
/** So many calls of so little each are many small ones: what costs is that they are many. */
const fewestCalls = 500;
const smallCall = 0.1;
/** Below this, ms, the time of a call reads as 0. */
const leastEach = 0.05;

function ofStep(amount: number, { times }: StepFacts): string {
  return times.total > 0 ? `${percent(amount / times.total)} of the main thread's time in this step` : '';
}

/** The largest entries of a map, with their values. */
export function largest(map: ReadonlyMap<string, number>, most: number): [key: string, value: number][] {
  return [...map].toSorted((a, b) => b[1] - a[1]).slice(0, most);
}

function callerText(one: FunctionTimes, { functions }: ThreadTimes): string[] {
  const [first] = largest(one.callers, 1);
  const caller = first && functions.get(first[0]);
  const location = caller ? frameLocation(caller.frame) : null;
  if (!first || !location) return [];
  const share = one.own > 0 ? first[1] / one.own : 0;
  return [
    share >= 0.95
      ? `Called by ${functionText(location)}.`
      : `${percent(share)} of it called by ${functionText(location)}.`,
  ];
}

/** In a minified script all is on one line: there only the column tells one place from another. */
function hotText({ line, column, share }: HotLine, { mapped, line: first }: SourceLocation): string {
  return mapped || line !== first ? `, ${percent(share)} of it on line ${line}` : `, most of all at ${line}:${column}`;
}

function plateauAdvice(one: FunctionTimes, line: HotLine | null): string {
  const [native] = largest(one.natives, 1);
  if (native && native[1] >= hotLineShare * one.own)
    return `Most of it is ${native[0]}, which the browser runs for it: call that less often, or once for all and keep the result.`;
  if (line && /^(find|findIndex|indexOf|includes|filter)\(/.test(line.text))
    return 'It searches a list over and over: build a Map or Set once and look things up in it.';
  if ((one.frame.calls ?? 0) >= fewestCalls)
    return `It runs ${timesText(one.frame.calls ?? 0, 'time')}: call it less often, or keep what it returned for the same input.`;
  return 'It is busy itself, not in what it calls: do less in it, keep its result, split it over several tasks, or move it to a worker.';
}

/**
 * Own time, but for a function that mostly waited for a core: V8 takes no samples then, and the trace gives all of the
 * pause to the function that was running. Samples are those of the first pass, so they bound the time with some room.
 */
function busyTime(own: number, sampled: number): number {
  const bound = 1.25 * sampled + 2;
  return bound < own / 2 ? bound : own;
}

/** Calls are counted in a pass of their own, so that the time of one is an estimate. */
function callsText(time: number, calls: number): string[] {
  if (calls === 0) return [];
  return [
    time / calls >= leastEach
      ? `${timesText(calls, 'call')}, about ${ms(time / calls)} each.`
      : `${timesText(calls, 'call')}.`,
  ];
}

/** Plateaus: functions of the application that are slow themselves. */
export function findPlateaus(facts: StepFacts): Finding[] {
  const least = leastTime(facts);
  return [...facts.times.functions.values()]
    .filter(({ own, frame }) => own >= least && frame.origin === 'application')
    .flatMap((one) => {
      const location = frameLocation(one.frame);
      return location ? [{ one, location, own: busyTime(one.own, facts.sampled(location)) }] : [];
    })
    .filter(({ own }) => own >= least)
    .toSorted((a, b) => b.own - a.own)
    .slice(0, mostPlateaus)
    .flatMap(({ one, location, own }): Finding[] => {
      const busy = own / one.own;
      const hot = facts.hotLine(location);
      const line = hot && hot.share >= hotLineShare ? hot : null;
      const calls = one.frame.calls ?? 0;
      return [
        {
          rule: 'hot-function',
          title: `${functionText(location)} takes ${ms(own)} itself${line ? hotText(line, location) : ''}`,
          cost: { value: own, unit: 'ms' },
          explains: explainTime(facts, (times) => busy * ownTime(one.key)(times), { 'cpu.script': own }),
          location,
          details: [
            ofStep(own, facts),
            ...callerText(one, facts.times),
            ...(own < one.own
              ? [`The flame graph has ${ms(one.own)}: the rest of it the thread waited for a core.`]
              : []),
            ...callsText(own, calls),
            ...(one.natives.size > 0
              ? [
                  `In the browser for it: ${some(
                    largest(one.natives, 5).map(([name, value]) => `${name} ${ms(value)}`),
                    3,
                  )}.`,
                ]
              : []),
          ].filter((detail) => detail !== ''),
          advice: plateauAdvice(one, line),
          evidence: 'flame',
          source: 'profile',
        },
      ];
    });
}

/** Plateaus in workers: they delay nothing on the main thread but what waits for their answer. */
export function findWorkerPlateaus(facts: StepFacts): Finding[] {
  return facts.others
    .flatMap(({ name, times }) => [...times.functions.values()].map((one) => ({ name, one })))
    .filter(({ one: { own, frame } }) => own >= leastTime(facts) && frame.origin === 'application')
    .toSorted((a, b) => b.one.own - a.one.own)
    .slice(0, mostTowers)
    .flatMap(({ name, one: { frame, own } }): Finding[] => {
      const location = frameLocation(frame);
      if (!location) return [];
      return [
        {
          rule: 'hot-function',
          title: `${functionText(location)} takes ${ms(own)} itself, in ${cleanText(name, 80)}`,
          cost: { value: own, unit: 'ms' },
          explains: capAmounts({ duration: own }, facts.recording.sample.metrics),
          location,
          details: ['The main thread is free meanwhile; what waits for the answer is not.'],
          advice: 'Do less in it, or share it among several workers.',
          evidence: 'flame',
          source: 'profile',
        },
      ];
    });
}

interface Tower {
  readonly one: FunctionTimes;
  /** Callees by time in all, largest first. */
  readonly below: readonly [key: string, value: number][];
}

function findTowers(facts: StepFacts): Tower[] {
  const { times } = facts;
  const least = Math.max(2 * leastTime(facts), towerShare * times.total);
  const wide = [...times.functions.values()]
    .filter(({ total, own, frame }) => frame.origin === 'application' && total >= least && own < towerOwn * total)
    .toSorted((a, b) => b.total - a.total)
    .slice(0, 12);
  return wide.flatMap((one): Tower[] => {
    const below = times.below(one.key);
    const origin = (key: string): string | undefined => times.functions.get(key)?.frame.origin;
    const plateau = Math.max(0, ...below.own.values());
    if (plateau >= towerPlateau * one.total) return [];
    const callees = largest(below.total, 20);
    const better = callees.some(([key, total]) => origin(key) === 'application' && total >= handedOn * one.total);
    return better ? [] : [{ one, below: callees }];
  });
}

/** Wide towers and many narrow ones: functions of the application whose callees take long together. */
export function findWideTowers(facts: StepFacts): Finding[] {
  const { times } = facts;
  return findTowers(facts)
    .slice(0, mostTowers)
    .flatMap(({ one, below }): Finding[] => {
      const location = frameLocation(one.frame);
      if (!location) return [];
      const named = below.flatMap(([key, total]) => {
        const callee = times.functions.get(key);
        const place = callee && frameLocation(callee.frame);
        return place ? [`${functionText(place)} ${ms(total)}`] : [];
      });
      const narrow = below.length >= fewestTowers && (below[0]?.[1] ?? 0) < narrowTower * one.total;
      return [
        {
          rule: narrow ? 'many-small-calls' : 'wide-tower',
          title: narrow
            ? `${functionText(location)} takes ${ms(one.total)} in ${below.length} or more functions, none of which stands out`
            : `${functionText(location)} and what it calls take ${ms(one.total)}, ${ms(one.own)} of it itself`,
          cost: { value: one.total, unit: 'ms' },
          explains: explainTime(facts, totalTime(one.key)),
          location,
          details: [ofStep(one.total, facts), ...(named.length > 0 ? [`Below it: ${some(named, 4)}.`] : [])].filter(
            (detail) => detail !== '',
          ),
          advice: narrow
            ? 'No single function is to blame: do the work for many items at once, for fewer of them, or later.'
            : 'No function in it stands out: call it less often, with less to do, or keep its result.',
          evidence: 'flame',
          source: 'profile',
        },
      ];
    });
}

/** Functions called so often that their number is what costs, told by who calls them. */
export function findManyCalls(facts: StepFacts): Finding[] {
  const { times } = facts;
  return [...times.functions.values()]
    .filter(({ frame, total }) => {
      const calls = frame.calls ?? 0;
      return total >= leastTime(facts) && calls >= fewestCalls && total / calls <= smallCall;
    })
    .toSorted((a, b) => b.total - a.total)
    .slice(0, mostCallers)
    .flatMap((one): Finding[] => {
      const [first] = largest(one.callers, 1);
      const caller = first && times.functions.get(first[0]);
      const callee = frameLocation(one.frame);
      const location = caller ? frameLocation(caller.frame) : callee;
      // How a library works inside is not for who uses it to change.
      if (!location || !callee || location.origin === 'library') return [];
      const calls = one.frame.calls ?? 0;
      const by = location === callee ? '' : `, most of all by ${functionText(location)}`;
      return [
        {
          rule: 'many-small-calls',
          title: `${functionText(callee)} is called ${timesText(calls, 'time')}${by}: ${ms(one.total)}`,
          cost: { value: one.total, unit: 'ms' },
          explains: explainTime(facts, totalTime(one.key)),
          location,
          details: [ofStep(one.total, facts)].filter((detail) => detail !== ''),
          advice: 'Each call is cheap, their number is not: call it once for many items, or keep what it returned.',
          evidence: 'flame',
          source: 'profile',
        },
      ];
    });
}
