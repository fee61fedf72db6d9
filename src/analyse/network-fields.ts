/** Parts of the protocol's network events: what is not of the expected form is absent. */
import { asArray, asNumber, asObject, asText, type JsonObject } from './json-values.ts';

/** A place in a stack; line and column from 0. */
export interface StackPlace {
  readonly function: string;
  readonly url: string;
  readonly line: number;
  readonly column: number;
}

/** The frames that ran at once, innermost first; `how` the next part led to this one (`await`, `Promise.then`). */
export interface StackPart {
  readonly how: string;
  readonly frames: readonly StackPlace[];
}

export interface LoggedInitiator {
  readonly type: string;
  readonly url: string | null;
  readonly line: number | null;
  readonly column: number | null;
  readonly request: string | null;
  /** The running stack, and those that it was awaited or called back from; empty where no script asked. */
  readonly stack: readonly StackPart[];
}

export interface LoggedResponse {
  readonly status: number | null;
  readonly statusText: string;
  readonly protocol: string | null;
  readonly mime: string | null;
  readonly headers: JsonObject;
  readonly headBytes: number;
  readonly cache: 'network' | 'disk' | 'service worker' | 'prefetch';
  readonly address: string | null;
  readonly connection: string | null;
  /** `Network.ResourceTiming` as it came: `requestTime` in s, the rest in ms from it. */
  readonly timing: JsonObject | null;
}

/** Of one stack; deeper ones say nothing more about who asked. */
const mostFrames = 100;
const mostParts = 20;

function readStack(value: unknown): StackPart[] {
  const parts: StackPart[] = [];
  let left = mostFrames;
  let trace = asObject(value);
  for (let depth = 0; depth < mostParts && left > 0; depth += 1) {
    const frames = asArray(trace['callFrames'])
      .slice(0, left)
      .map((frame) => {
        const { functionName, url, lineNumber, columnNumber } = asObject(frame);
        return {
          function: asText(functionName) ?? '',
          url: asText(url) ?? '',
          line: asNumber(lineNumber) ?? 0,
          column: asNumber(columnNumber) ?? 0,
        };
      });
    left -= frames.length;
    const parent = trace['parent'];
    if (frames.length > 0) parts.push({ how: asText(asObject(parent)['description']) ?? '', frames });
    if (parent === undefined) break;
    trace = asObject(parent);
  }
  return parts;
}

export function readInitiator(value: unknown): LoggedInitiator {
  const { type, url, lineNumber, columnNumber, requestId, stack } = asObject(value);
  return {
    type: asText(type) ?? 'other',
    url: asText(url),
    line: asNumber(lineNumber),
    column: asNumber(columnNumber),
    request: asText(requestId),
    stack: readStack(stack),
  };
}

function cacheOf(response: JsonObject): LoggedResponse['cache'] {
  if (response['fromServiceWorker'] === true) return 'service worker';
  if (response['fromPrefetchCache'] === true) return 'prefetch';
  return response['fromDiskCache'] === true ? 'disk' : 'network';
}

export function readResponse(value: unknown): LoggedResponse {
  const response = asObject(value);
  const connection = asNumber(response['connectionId']);
  return {
    status: asNumber(response['status']),
    statusText: asText(response['statusText']) ?? '',
    protocol: asText(response['protocol']),
    mime: asText(response['mimeType']),
    headers: asObject(response['headers']),
    headBytes: asNumber(response['encodedDataLength']) ?? 0,
    cache: cacheOf(response),
    address: asText(response['remoteIPAddress']),
    connection: connection === null || connection === 0 ? null : String(connection),
    timing: response['timing'] === undefined ? null : asObject(response['timing']),
  };
}

/** Value of a header, whose name is told in lower case. */
export function headerOf(headers: JsonObject, name: string): string | null {
  const key = Object.keys(headers).find((each) => each.toLowerCase() === name);
  return key === undefined ? null : asText(headers[key]);
}
