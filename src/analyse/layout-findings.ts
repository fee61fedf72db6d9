/** Layouts and style recalculations: those that JavaScript forced, with the line that did, and very large ones. */
import type { Finding } from '../core/finding.ts';
import type { SourceLocation } from '../core/source.ts';
import { functionText, ms, placeText, some, times as timesText } from './finding-text.ts';
import { asNumber } from './json-values.ts';
import { above, duration, member, type Span, stackOf } from './main-events.ts';
import { capAmounts, leastTime, type StepFacts, type Window } from './step-facts.ts';

const mostForced = 5;
const mostUpdates = 3;
/** So often in one step, it is a loop that writes and reads in turn, whatever it costs on this machine. */
const thrash = 10;
const thrashShare = 0.25;
/** An update of fewer is an ordinary one (Lighthouse warned of 800 elements in a page). */
const manyElements = 300;

/** Spans in which JavaScript runs; layout inside of them was asked for by it. */
const scripts = new Set(['FunctionCall', 'EvaluateScript', 'v8.evaluateModule', 'RunMicrotasks', 'EventDispatch']);

interface Forced {
  readonly span: Span;
  readonly location: SourceLocation;
  readonly callers: readonly SourceLocation[];
}

function forcedSpans({ spans, locate }: StepFacts): Forced[] {
  return spans.flatMap((span): Forced[] => {
    if (span.name !== 'Layout' && span.name !== 'UpdateLayoutTree') return [];
    if (![...above(span)].some(({ name }) => scripts.has(name))) return [];
    const [first, ...others] = stackOf(span.args());
    return first ? [{ span, location: locate(first), callers: others.slice(0, 3).map(locate) }] : [];
  });
}

function within(span: Span, window: Window): boolean {
  return span.start >= window.start && span.end <= window.end;
}

function sum(spans: readonly Span[]): number {
  return spans.reduce((total, span) => total + duration(span), 0);
}

function explainSpans(facts: StepFacts, spans: readonly Span[]): Record<string, number> {
  const { longTasks, interaction, beforeLcp, beforeFcp } = facts;
  const inside = (windows: readonly Window[]): number =>
    sum(spans.filter((span) => windows.some((window) => within(span, window))));
  const layouts = spans.filter(({ name }) => name === 'Layout');
  const styles = spans.filter(({ name }) => name === 'UpdateLayoutTree');
  return capAmounts(
    {
      'cpu.main': sum(spans),
      'cpu.layout': sum(layouts),
      'cpu.style': sum(styles),
      layouts: layouts.length,
      styles: styles.length,
      duration: sum(spans),
      TBT: longTasks.reduce((total, task) => total + (task.blocking * inside([task])) / Math.max(duration(task), 1), 0),
      INP: interaction ? inside([interaction]) : 0,
      LCP: inside(beforeLcp),
      FCP: inside(beforeFcp),
    },
    facts.recording.sample.metrics,
  );
}

function lineKey({ file, line, function: name }: SourceLocation): string {
  return `${file}:${line}:${name ?? ''}`;
}

/** Forced layouts by the line that asked for a size right after a change. */
export function findForcedReflows(facts: StepFacts): Finding[] {
  const forced = forcedSpans(facts);
  const all = facts.spans.filter(({ name }) => name === 'Layout').length;
  return [...Map.groupBy(forced, ({ location }) => lineKey(location)).values()]
    .map((group) => ({ group, spans: group.map(({ span }) => span) }))
    .map(({ group, spans }) => ({
      group,
      spans,
      cost: sum(spans),
      layouts: spans.filter(({ name }) => name === 'Layout').length,
    }))
    .filter(({ cost, layouts }) => cost >= leastTime(facts) || (layouts >= thrash && layouts >= thrashShare * all))
    .toSorted((a, b) => b.cost - a.cost)
    .slice(0, mostForced)
    .flatMap(({ group, spans, cost, layouts }): Finding[] => {
      const [first] = group;
      if (!first) return [];
      const { location, callers } = first;
      const styles = spans.length - layouts;
      const parts = [
        layouts > 0 ? timesText(layouts, 'layout') : '',
        styles > 0 ? timesText(styles, 'style recalculation') : '',
      ].filter((part) => part !== '');
      return [
        {
          rule: 'forced-reflow',
          title: `${functionText(location)} forces ${parts.join(' and ')}: ${ms(cost)}`,
          cost: { value: cost, unit: 'ms' },
          explains: explainSpans(facts, spans),
          location,
          details: [
            ...(callers.length > 0 ? [`Called by ${some(callers.map(functionText), 2)}.`] : []),
            ...(layouts >= thrash
              ? [`It writes and reads in turn: ${layouts} of the step's ${timesText(all, 'layout')}.`]
              : []),
          ],
          advice:
            layouts >= thrash
              ? 'Read all sizes first, then write all styles: one layout instead of one a turn.'
              : 'It reads a size right after a change of the page: read before the change, or in the next frame.',
          evidence: 'flame',
          source: 'trace',
        },
      ];
    });
}

/** Layouts and style recalculations of very many elements that no line of JavaScript waited for. */
export function findLargeUpdates(facts: StepFacts): Finding[] {
  return facts.spans
    .filter(({ name }) => name === 'UpdateLayoutTree' || name === 'Layout')
    .filter((span) => duration(span) >= leastTime(facts) && ![...above(span)].some(({ name }) => scripts.has(name)))
    .map((span) => {
      const args = span.args();
      const size = span.name === 'Layout' ? member(args, 'beginData')['dirtyObjects'] : args['elementCount'];
      return { span, size: asNumber(size) ?? 0, stack: stackOf(args) };
    })
    .filter(({ size }) => size >= manyElements)
    .toSorted((a, b) => duration(b.span) - duration(a.span))
    .slice(0, mostUpdates)
    .map(({ span, size, stack: [first] }): Finding => {
      const location = first ? facts.locate(first) : null;
      const layout = span.name === 'Layout';
      return {
        rule: layout ? 'large-layout' : 'large-style-recalculation',
        title: `One ${layout ? 'layout' : 'style recalculation'} of ${timesText(size, layout ? 'box' : 'element', layout ? 'boxes' : 'elements')} takes ${ms(duration(span))}`,
        cost: { value: duration(span), unit: 'ms' },
        explains: explainSpans(facts, [span]),
        location,
        details: [
          `${ms(span.start)} after the start of the step.`,
          ...(location ? [`Made out of date in ${placeText(location)}.`] : []),
        ],
        advice: layout
          ? 'Render fewer elements at once, and leave out what is not on screen (content-visibility: auto, a virtual list).'
          : 'Change a class on the elements that change instead of one on their ancestor, and render fewer elements at once.',
        evidence: 'flame',
        source: 'trace',
      };
    });
}
