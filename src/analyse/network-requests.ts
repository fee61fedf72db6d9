/** The requests of a step with their times, and the bytes that the metric counts for them. */
import type { StepRecording } from '../core/recording.ts';
import type { RequestRecord } from '../core/sample.ts';
import { cleanText, redactUrl } from '../core/text.ts';
import { type LoggedRequest, readNetworkLog } from './network-log.ts';
import { readTimes, type RequestTimes } from './network-phases.ts';

export interface TimedRequest {
  readonly request: LoggedRequest;
  readonly times: RequestTimes;
  /** What the light collectors of the same pass say of it: the metric is made of these. */
  readonly record: RequestRecord | null;
  readonly bytes: number;
}

export interface StepRequests {
  /** In order of time. */
  readonly timed: readonly TimedRequest[];
  /** What the light collectors counted and no event told of: Playwright saw it, in a frame or worker of its own. */
  readonly unseen: readonly RequestRecord[];
  /** How many more there were. */
  readonly left: number;
}

/** A page that polls for minutes has no end of them, and a document has to hold all. */
const mostRequests = 2000;

/** Bytes by the rule of the metric, for what the light collectors did not count. */
function countBytes(request: LoggedRequest): number {
  if (request.webSocket || request.failed !== null) return 0;
  if (request.fromMemory || (request.response?.cache ?? 'network') !== 'network') return 0;
  return request.encoded ?? 0;
}

export function readRequests(recording: StepRecording): StepRequests {
  const all = readNetworkLog(recording.network)
    .filter(({ hidden }) => !hidden)
    .map((request) => ({ request, times: readTimes(request) }))
    .toSorted((a, b) => a.times.start - b.times.start);
  // by method and URL in the order of asking, as the light collectors have them
  const counted = Map.groupBy(recording.sample.requests, ({ method, url }) => `${method} ${url}`);
  const timed = all.slice(0, mostRequests).map(({ request, times }): TimedRequest => {
    const record = counted.get(`${cleanText(request.method, 20)} ${redactUrl(request.url)}`)?.shift() ?? null;
    return { request, times, record, bytes: record?.bytes ?? countBytes(request) };
  });
  const left = all.length - timed.length;
  return { timed, unseen: left > 0 ? [] : [...counted.values()].flat(), left };
}
