/** What the page itself reports: errors, shifts of the layout, a large document. */
import type { Finding } from '../core/finding.ts';
import type { SourceLocation } from '../core/source.ts';
import { redactText } from '../core/text.ts';
import { formatQuantity } from '../core/units.ts';
import { functionText, ms, some, times as timesText } from './finding-text.ts';
import { asArray, asNumber, asObject, asText } from './json-values.ts';
import { member, stackOf } from './main-events.ts';
import { capAmounts, type StepFacts } from './step-facts.ts';
import type { TraceEvent } from './trace-data.ts';

const mostErrors = 4;
const mostShifts = 3;
/** Shifts too small to be seen: 0.001 is a thousandth of the screen moving by all of it. */
const leastShift = 0.001;
/** A change of the page this long before a shift is hardly its cause: the next picture comes in some frames. */
const causeWindow = 500;

/** Unhandled errors and errors on the console, by text and place. */
export function findErrors({ recording, locate }: StepFacts): Finding[] {
  const errors = recording.console.filter(({ level }) => level === 'error');
  const located = errors.map(({ text, place }) => ({
    // What follows is the stack, whose first frame is the place.
    text: redactText(text.split('\n', 1)[0] ?? '', 200),
    location: place && place.url !== '' ? locate(place) : null,
  }));
  // "(1 of 3)" and ids differ from one to the next; the place and the words do not.
  const key = ({ text, location }: (typeof located)[number]): string =>
    location ? `${location.file}:${location.line}` : text.replaceAll(/\d+/g, '0');
  const unhandled = recording.sample.pageErrors;
  const isUnhandled = (text: string): boolean =>
    unhandled.some((error) => error !== '' && text.includes(redactText(error, 200).slice(0, 100)));
  return [...Map.groupBy(located, key).values()]
    .map((group) => ({ group, thrown: group.filter(({ text }) => isUnhandled(text)).length }))
    .toSorted((a, b) => b.thrown - a.thrown || b.group.length - a.group.length)
    .slice(0, mostErrors)
    .flatMap(({ group, thrown }): Finding[] => {
      const [first] = group;
      if (!first) return [];
      const where = first.location ? ` in ${functionText(first.location)}` : '';
      return [
        {
          rule: 'page-error',
          title: `${thrown > 0 ? timesText(thrown, 'unhandled error') : timesText(group.length, 'console error')}${where}: ${first.text}`,
          cost: { value: group.length, unit: 'count' },
          explains: capAmounts({ errors: thrown }, recording.sample.metrics),
          location: first.location,
          details: [...new Set(group.slice(1).map(({ text }) => text))]
            .filter((text) => text !== first.text)
            .slice(0, 3),
          advice:
            thrown > 0
              ? 'Handle it where it arises: what should have run after it did not.'
              : 'See what it says: an error that is logged in every run hides the next one.',
          evidence: 'console',
          source: 'page',
        },
      ];
    });
}

interface Change {
  readonly at: number;
  readonly location: SourceLocation;
}

/** Changes of the page by scripts, which make layout or style out of date. */
function pageChanges({ trace, recording: { start, end }, locate }: StepFacts): Change[] {
  return trace.select(['InvalidateLayout', 'ScheduleStyleRecalculation']).flatMap(({ ts, args }): Change[] => {
    if (ts < start || ts > end) return [];
    const [first] = stackOf(args);
    return first ? [{ at: ts, location: locate(first) }] : [];
  });
}

function nodeNames({ args }: TraceEvent): string[] {
  return asArray(member(args, 'data')['impacted_nodes'])
    .map((node) => redactText(asText(asObject(node)['debug_name']) ?? '', 80))
    .filter((name) => name !== '');
}

/** Unexpected shifts, with the script that changed the page right before. */
export function findShifts(facts: StepFacts): Finding[] {
  const { trace, recording } = facts;
  const { start, end, sample } = recording;
  const changes = pageChanges(facts);
  const shifts = trace.select(['LayoutShift']).flatMap((event) => {
    const data = member(event.args, 'data');
    const score = asNumber(data['weighted_score_delta']) ?? asNumber(data['score']) ?? 0;
    const counts = event.ts >= start && event.ts <= end && data['had_recent_input'] !== true;
    return counts && score >= leastShift ? [{ event, score }] : [];
  });
  return shifts
    .toSorted((a, b) => b.score - a.score)
    .slice(0, mostShifts)
    .map(({ event, score }): Finding => {
      const cause = changes.findLast(({ at }) => at <= event.ts && at >= event.ts - causeWindow * 1000);
      const reported = sample.attribution.shifts.find((shift) => Math.abs(shift.score - score) < 1e-6);
      const nodes = reported?.nodes.filter((node) => node !== '') ?? nodeNames(event);
      const what = nodes.length > 0 ? some(nodes.slice(0, 5), 2) : 'The page';
      return {
        rule: 'layout-shift',
        title: `${what} moved by surprise (${formatQuantity(score, 'score')})${cause ? `, after a change by ${functionText(cause.location)}` : ''}`,
        cost: { value: score, unit: 'score' },
        explains: capAmounts({ CLS: score }, sample.metrics),
        location: cause?.location ?? null,
        details: [
          `${ms((event.ts - start) / 1000)} after the start of the step.`,
          ...(cause ? [`The page was changed ${ms((event.ts - cause.at) / 1000)} before.`] : []),
        ],
        advice:
          'Keep the place free before it is filled (width, height or min-height), or insert below what is seen, or on a user action.',
        evidence: 'filmstrip',
        source: 'trace',
      };
    });
}

/** Lighthouse 12 failed a body of 1400 elements; with text between them that is about twice as many nodes. */
const manyNodes = 3000;

export function findLargeDocument({ recording: { sample } }: StepFacts): Finding[] {
  const nodes = Object.hasOwn(sample.metrics, 'nodes') ? (sample.metrics['nodes'] ?? 0) : 0;
  if (nodes < manyNodes) return [];
  return [
    {
      rule: 'large-dom',
      title: `${timesText(nodes, 'DOM node')} are alive at the end of the step`,
      cost: { value: nodes, unit: 'count' },
      explains: { nodes },
      location: null,
      details: [],
      advice:
        'Render what is on screen and a little more (a virtual list, pages), and let go of elements that were removed.',
      evidence: 'metrics',
      source: 'page',
    },
  ];
}
