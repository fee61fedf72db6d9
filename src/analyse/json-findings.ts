/** Large JSON read or written on the main thread. */
import type { Finding } from '../core/finding.ts';
import { redactUrl } from '../core/text.ts';
import { bytes, functionText, ms } from './finding-text.ts';
import type { HotPlace } from './hot-lines.ts';
import { asNumber, asText } from './json-values.ts';
import { member, type Span, stackOf } from './main-events.ts';
import { capAmounts, explainTime, leastTime, type StepFacts } from './step-facts.ts';
import type { TraceEvent } from './trace-data.ts';

const mostPlaces = 3;
/** Bytes of an answer below which a long time is the machine's, not the answer's: Chrome reads 10 MB in some 50 ms. */
const leastAnswer = 20_000;

/** V8 places a call at the name of what is called: minifiers keep both words. */
function callOf({ text, before }: HotPlace): 'JSON.parse' | 'JSON.stringify' | null {
  if (!before.endsWith('JSON.')) return null;
  return text.startsWith('parse(') ? 'JSON.parse' : text.startsWith('stringify(') ? 'JSON.stringify' : null;
}

const advice = {
  'JSON.parse':
    'Ask the server for less, read it in a worker, or in parts: the main thread answers nothing while it reads.',
  'JSON.stringify': 'Write only what changed, or in a worker: the main thread answers nothing while it writes.',
} as const;

/** Calls of JSON.parse and JSON.stringify that take long, by line. */
export function findJsonCalls(facts: StepFacts, places: readonly HotPlace[]): Finding[] {
  const calls = places.flatMap((place) => {
    const call = callOf(place);
    return call ? [{ ...place, call }] : [];
  });
  const byLine = Map.groupBy(calls, ({ call, location }) => `${call} ${location.file}:${location.line}`);
  return [...byLine.values()]
    .flatMap((group) => {
      const [first] = group;
      return first ? [{ first, cost: group.reduce((sum, { time }) => sum + time, 0) / 1000 }] : [];
    })
    .filter(({ cost }) => cost >= leastTime(facts))
    .toSorted((a, b) => b.cost - a.cost)
    .slice(0, mostPlaces)
    .map(({ first: { call, location }, cost }): Finding => {
      // Within the windows of the metrics it has the share that it has of its function.
      const own = (key: string): number => facts.times.functions.get(key)?.own ?? 0;
      const key = [...facts.times.functions.values()]
        .filter(({ frame }) => frame.file === location.file && frame.name === location.function)
        .map((one) => one.key)
        .toSorted((a, b) => own(b) - own(a))[0];
      const share = key === undefined ? 0 : Math.min(1, cost / Math.max(own(key), cost));
      return {
        rule: 'large-json',
        title: `${call} in ${functionText(location)} takes ${ms(cost)}`,
        cost: { value: cost, unit: 'ms' },
        explains:
          key === undefined
            ? capAmounts({ 'cpu.main': cost, 'cpu.script': cost }, facts.recording.sample.metrics)
            : explainTime(facts, ({ functions }) => share * (functions.get(key)?.own ?? 0), { 'cpu.script': cost }),
        location,
        details: [],
        advice: advice[call],
        evidence: 'flame',
        source: 'profile',
      };
    });
}

interface Answer {
  readonly url: string;
  readonly mime: string;
  readonly request: TraceEvent | null;
}

function readAnswers(trace: StepFacts['trace']): Map<string, Answer> {
  const answers = new Map<string, Answer>();
  const requests = new Map<string, TraceEvent>();
  for (const event of trace.select(['ResourceSendRequest', 'ResourceReceiveResponse'])) {
    const data = member(event.args, 'data');
    const id = asText(data['requestId']);
    if (id === null) continue;
    if (event.name === 'ResourceSendRequest') requests.set(id, event);
    else {
      const request = requests.get(id) ?? null;
      const url = asText(request === null ? null : member(request.args, 'data')['url']) ?? '';
      answers.set(id, { url, mime: asText(data['mimeType']) ?? '', request });
    }
  }
  return answers;
}

/**
 * Answers that `response.json()` reads: no JavaScript runs meanwhile, so that no sample names it. Chrome 156 does it in
 * the task that reports the end of the request, before that report.
 */
export function findJsonAnswers(facts: StepFacts): Finding[] {
  const { trace, spans, recording, locate } = facts;
  const { start, end, sample } = recording;
  const answers = readAnswers(trace);
  const tasks = spans.filter(({ name, parent }) => name === 'RunTask' && parent === null);
  const busy = (task: Span): number =>
    spans.reduce(
      (sum, span) =>
        span.parent === task ? sum + Math.min(span.end, task.end) - Math.max(span.start, task.start) : sum,
      0,
    );
  return trace
    .select(['ResourceFinish'])
    .flatMap(({ ts, args }): Finding[] => {
      if (ts < start || ts > end) return [];
      const data = member(args, 'data');
      const answer = answers.get(asText(data['requestId']) ?? '');
      if (!answer || !/\bjson\b/i.test(answer.mime)) return [];
      const at = (ts - start) / 1000;
      const task = tasks.findLast((one) => one.start <= at && one.end >= at);
      const cost = task ? at - task.start - busy(task) : 0;
      if (cost < leastTime(facts)) return [];
      const [first] = answer.request ? stackOf(answer.request.args) : [];
      const location = first ? locate(first) : null;
      const size = asNumber(data['decodedBodyLength']);
      if (size !== null && size < leastAnswer) return [];
      return [
        {
          rule: 'large-json',
          title: `Reading the JSON of ${redactUrl(answer.url, 100)}${size === null ? '' : ` (${bytes(size)})`} takes ${ms(cost)} of the main thread`,
          cost: { value: cost, unit: 'ms' },
          explains: capAmounts({ 'cpu.main': cost, duration: cost }, sample.metrics),
          location,
          details: location ? [`Asked for by ${functionText(location)}.`] : [],
          advice: advice['JSON.parse'],
          evidence: 'waterfall',
          source: 'trace',
        },
      ];
    })
    .toSorted((a, b) => b.cost.value - a.cost.value)
    .slice(0, mostPlaces);
}
