/** What led to each request of a step: the place that asked for it, and the request that had to end before. */
import { sameSite } from '../core/site.ts';
import type { SourceLocation } from '../core/source.ts';
import { redactUrl } from '../core/text.ts';
import type { LoggedInitiator, StackPart, StackPlace } from './network-fields.ts';
import type { LoggedRequest } from './network-log.ts';

/** Finds the place in the original source; line and column from 0. */
export interface PlaceResolver {
  readonly resolve: (url: string, line: number, column: number) => SourceLocation;
}

/** Frames of a stack that are resolved in search of the application's own code. */
const mostResolved = 30;
/** Callers that are named beside the place itself. */
const mostCallers = 3;
/** Code that came by no URL; `about:client` stands for whoever imports a module. */
const nowhere = /^(about:.*)?$/i;
/** Earlier requests of one function that are looked at. */
const mostEarlier = 20;
/** s between the end of a request and what was awaiting it: a busy thread takes its time to come back. */
const longestWait = 0.2;
/** The same for names of one or two letters, which minified scripts have many of. */
const shortWait = 0.05;
/**
 * The same, where Chrome does not say what was awaited: a function that asks at one place again and again may be called
 * by anybody, so that nearness is all there is.
 */
const nearby = 0.02;
/** Nobody awaits an image or a style sheet to ask for something. */
const awaitable = new Set(['Fetch', 'XHR', 'Script']);

const awaited = /^(await|Promise\.|async function$)/;

export interface InitiatorPlace {
  readonly location: SourceLocation | null;
  /** Of the application, innermost first. */
  readonly callers: readonly SourceLocation[];
}

function keyOf({ file, line, column }: SourceLocation): string {
  return `${line}:${column}:${file}`;
}

/** Functions by name, since one calls from several lines; those without a name by their place. */
function functionOf(place: SourceLocation): string {
  return place.function === null ? keyOf(place) : JSON.stringify([place.function, place.file]);
}

class PlaceFinder {
  private readonly resolver: PlaceResolver;
  private readonly pageUrl: string;
  private readonly resolved = new Map<string, SourceLocation>();

  constructor(resolver: PlaceResolver, pageUrl: string) {
    this.resolver = resolver;
    this.pageUrl = pageUrl;
  }

  private resolve({ url, line, column }: StackPlace): SourceLocation {
    const key = `${line}:${column}:${url}`;
    const known = this.resolved.get(key) ?? this.resolver.resolve(url, line, column);
    this.resolved.set(key, known);
    return known;
  }

  /** Places of the application in a stack, innermost first; else one of a library, else one of anybody. */
  places(initiator: LoggedInitiator): SourceLocation[] {
    const frames = initiator.stack.flatMap((part) => part.frames).filter(({ url }) => !nowhere.test(url));
    const places = frames.slice(0, mostResolved).map((frame) => this.resolve(frame));
    const own = places.filter(({ origin }) => origin === 'application');
    if (own.length > 0) return own;
    const [library] = places.filter(({ origin }) => origin === 'library');
    return library ? [library] : places.slice(0, 1);
  }

  /** Line of the element in markup, or of the rule in a style sheet. */
  markup({ url, line, column }: LoggedInitiator): SourceLocation | null {
    if (url === null || line === null || nowhere.test(url)) return null;
    return {
      function: null,
      file: redactUrl(url),
      line: line + 1,
      column: (column ?? 0) + 1,
      mapped: false,
      script: redactUrl(url),
      origin: sameSite(url, this.pageUrl) ? 'application' : 'third-party',
    };
  }
}

/**
 * The place in the source that asked for each request. An application often has a function of its own around `fetch`:
 * one that is called from several places says little, so that its caller is named in its stead.
 */
export function locateRequests(
  requests: readonly LoggedRequest[],
  resolver: PlaceResolver,
  pageUrl: string,
): Map<LoggedRequest, InitiatorPlace> {
  const finder = new PlaceFinder(resolver, pageUrl);
  const stacks = requests.map((request) => ({ request, places: finder.places(request.initiator) }));
  const calledFrom = new Map<string, Set<string>>();
  for (const { places } of stacks) {
    for (const [index, place] of places.slice(0, mostCallers).entries()) {
      const caller = places[index + 1];
      if (!caller) continue;
      const callers = calledFrom.get(functionOf(place)) ?? new Set();
      calledFrom.set(functionOf(place), callers.add(keyOf(caller)));
    }
  }
  return new Map(
    stacks.map(({ request, places }) => {
      const shared = (place: SourceLocation): boolean => (calledFrom.get(functionOf(place))?.size ?? 0) > 1;
      const found = places.findIndex((place) => !shared(place));
      const from = found < 0 ? 0 : found;
      const location = places[from] ?? finder.markup(request.initiator);
      return [request, { location, callers: places.slice(from + 1, from + 1 + mostCallers) }];
    }),
  );
}

function nameOf(place: StackPlace): string {
  // functions without a name are told apart by their line
  return JSON.stringify([place.url, place.function === '' ? place.line : place.function]);
}

function isShort(name: string): boolean {
  return /,"\w{1,2}"\]$/.test(name);
}

/** Functions that were waiting when they asked: where one was resumed, or gave its callback away. */
function waitingIn(stack: readonly StackPart[], saysHow: boolean): StackPlace[] {
  if (!saysHow) return stack.flatMap(({ frames }) => frames.slice(-1));
  return stack.flatMap(({ how, frames }, index) => {
    if (!awaited.test(how)) return [];
    const caller = stack[index + 1]?.frames[0];
    return [...frames.slice(-1), ...(caller && how !== 'await' ? [caller] : [])];
  });
}

function isSamePlace(a: StackPlace | undefined, b: StackPlace | undefined): boolean {
  return a !== undefined && b !== undefined && nameOf(a) === nameOf(b) && a.line === b.line && a.column === b.column;
}

/**
 * s that a function may have waited for what it had asked for before, where Chrome does not say. At another place of
 * the same function it goes on behind an await, and a busy machine takes its time to resume it. Two functions of one
 * short name are told apart by what they called to ask.
 */
function unsaidWait(earlier: LoggedRequest, now: StackPlace, inside: StackPlace | undefined): number {
  const frames = earlier.initiator.stack[0]?.frames ?? [];
  const at = frames.findLastIndex((frame) => nameOf(frame) === nameOf(now));
  if (at < 0 || isSamePlace(frames[at], now)) return nearby;
  return isShort(nameOf(now)) && !isSamePlace(frames[at - 1], inside) ? shortWait : longestWait;
}

/**
 * The request that led to each of them; null where none is known. A redirect was led to by what redirected; what a
 * function asks for after an await, by what the same function had asked for and had just got; all else by the script,
 * style sheet or document that holds the place.
 * @param requests in order of time
 */
export function linkRequests(requests: readonly LoggedRequest[]): Map<LoggedRequest, LoggedRequest | null> {
  const links = new Map<LoggedRequest, LoggedRequest | null>();
  const byUrl = new Map<string, LoggedRequest>();
  const byId = new Map<string, LoggedRequest>();
  const byFunction = new Map<string, LoggedRequest[]>();
  const saysHow = requests.some(({ initiator }) => initiator.stack.length > 1);
  const awaitedBy = (request: LoggedRequest): LoggedRequest | null => {
    let latest: LoggedRequest | null = null;
    const inside = request.initiator.stack[0]?.frames.at(-2);
    for (const place of waitingIn(request.initiator.stack, saysHow)) {
      const name = nameOf(place);
      for (const earlier of (byFunction.get(name) ?? []).slice(-mostEarlier)) {
        const { ended } = earlier;
        const most = saysHow ? (isShort(name) ? shortWait : longestWait) : unsaidWait(earlier, place, inside);
        if (ended === null || ended > request.issued || request.issued - ended > most) continue;
        if (latest === null || ended > (latest.ended ?? 0)) latest = earlier;
      }
    }
    return latest;
  };
  for (const request of requests) {
    const { initiator } = request;
    const places = initiator.stack.flatMap((part) => part.frames);
    const holder = [...places.map(({ url }) => url), initiator.url ?? ''].find((url) => byUrl.has(url)) ?? '';
    const asked = initiator.request === null ? undefined : byId.get(initiator.request);
    links.set(request, request.redirectedFrom ?? asked ?? awaitedBy(request) ?? byUrl.get(holder) ?? null);
    byUrl.set(request.url, request);
    byId.set(request.id, request);
    if (!awaitable.has(request.type)) continue;
    for (const name of new Set(initiator.stack[0]?.frames.map(nameOf) ?? [])) {
      const known = byFunction.get(name) ?? [];
      known.push(request);
      byFunction.set(name, known);
    }
  }
  return links;
}
