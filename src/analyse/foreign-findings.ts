/** Time in code that is not the application's own: libraries by package and caller, third parties by host. */
import type { Finding } from '../core/finding.ts';
import type { SourceLocation } from '../core/source.ts';
import { cleanText } from '../core/text.ts';
import { functionText, ms, percent, some } from './finding-text.ts';
import { frameLocation, type FunctionTimes, type ThreadTimes } from './function-times.ts';
import { largest } from './function-findings.ts';
import { packageOf } from './module-names.ts';
import { explainTime, leastTime, type StepFacts } from './step-facts.ts';

const mostPackages = 5;
const mostHosts = 5;
/** Of the cost of a package: whoever calls for so much of it is who to ask. */
const callerShare = 0.5;

function hostOf(script: string | null): string | null {
  return /^[a-z]+:\/\/([^/?#]+)/i.exec(script ?? '')?.[1] ?? null;
}

type KeyOf = (one: FunctionTimes) => string | null;

interface Group {
  readonly name: string;
  readonly functions: readonly FunctionTimes[];
  readonly own: number;
}

function groupFunctions({ functions }: ThreadTimes, keyOf: KeyOf): Group[] {
  const grouped = Map.groupBy(functions.values(), (one) => keyOf(one) ?? '');
  return [...grouped]
    .filter(([name]) => name !== '')
    .map(([name, members]) => ({
      name,
      functions: members.toSorted((a, b) => b.own - a.own),
      own: members.reduce((sum, { own }) => sum + own, 0),
    }))
    .toSorted((a, b) => b.own - a.own);
}

function groupTime(keyOf: KeyOf, name: string): (times: ThreadTimes) => number {
  return ({ functions }) => {
    let sum = 0;
    for (const one of functions.values()) if (keyOf(one) === name) sum += one.own;
    return sum;
  };
}

const libraryOf: KeyOf = ({ frame: { origin, file } }) =>
  origin === 'library' ? (packageOf(file ?? '')?.name ?? null) : null;
const strangerOf: KeyOf = ({ frame }) => (frame.origin === 'third-party' ? hostOf(frame.script) : null);

/** Who of the application calls for most of a group's time, and how much of it. */
function mainCaller(group: Group, { functions }: ThreadTimes): { location: SourceLocation; time: number } | null {
  const callers = new Map<string, number>();
  for (const one of group.functions) {
    for (const [key, time] of one.callers) callers.set(key, (callers.get(key) ?? 0) + time);
  }
  const [first] = largest(callers, 1);
  const caller = first && functions.get(first[0]);
  const location = caller ? frameLocation(caller.frame) : null;
  return first && location ? { location, time: first[1] } : null;
}

function hottest(group: Group): string[] {
  const named = group.functions.slice(0, 4).flatMap((one) => {
    const place = frameLocation(one.frame);
    return place && one.own > 0 ? [`${functionText(place)} ${ms(one.own)}`] : [];
  });
  return named.length > 0 ? [`Most of it in ${some(named, 3)}.`] : [];
}

/** What packages cost, and which function of the application asked for it. */
export function findLibraryCost(facts: StepFacts): Finding[] {
  return groupFunctions(facts.times, libraryOf)
    .filter(({ own }) => own >= leastTime(facts))
    .slice(0, mostPackages)
    .flatMap((group): Finding[] => {
      const caller = mainCaller(group, facts.times);
      const called = caller !== null && caller.time >= callerShare * group.own;
      const first = group.functions[0];
      const location = called ? caller.location : first ? frameLocation(first.frame) : null;
      const name = cleanText(group.name, 80);
      return [
        {
          rule: 'library-cost',
          title: called
            ? `${name} takes ${ms(group.own)}, called by ${functionText(caller.location)}`
            : `${name} takes ${ms(group.own)}`,
          cost: { value: group.own, unit: 'ms' },
          explains: explainTime(facts, groupTime(libraryOf, group.name), { 'cpu.script': group.own }),
          location,
          details: [
            ...hottest(group),
            ...(caller && !called
              ? [`${percent(caller.time / group.own)} of it called by ${functionText(caller.location)}.`]
              : []),
          ],
          advice: called
            ? `Ask less of ${name} there: fewer or smaller calls, or their results kept; else replace it by something smaller.`
            : `${name} works on what the application gave it earlier (rendering, timers): give it less to do, and less often.`,
          evidence: 'flame',
          source: 'profile',
        },
      ];
    });
}

/** What scripts of other sites cost on the main thread, by host. */
export function findThirdParties(facts: StepFacts): Finding[] {
  return groupFunctions(facts.times, strangerOf)
    .filter(({ own }) => own >= leastTime(facts))
    .slice(0, mostHosts)
    .map((group): Finding => {
      const host = cleanText(group.name, 80);
      const first = group.functions[0];
      return {
        rule: 'third-party',
        title: `Scripts of ${host} take ${ms(group.own)} of the main thread`,
        cost: { value: group.own, unit: 'ms' },
        explains: explainTime(facts, groupTime(strangerOf, group.name), { 'cpu.script': group.own }),
        location: first ? frameLocation(first.frame) : null,
        details: hottest(group),
        advice: 'Load it later (after the page is usable, or on a user action), in a worker, or not at all.',
        evidence: 'flame',
        source: 'profile',
      };
    });
}
