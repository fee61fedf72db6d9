/** Which requests of a flow are new, gone, or of another size, between base and head. Pure; sizes in bytes. */
import type { RequestRecord } from '../core/sample.ts';

export interface StepRequest {
  readonly step: string;
  readonly request: RequestRecord;
}

export interface RequestDifference {
  readonly status: 'new' | 'gone' | 'grown' | 'shrunk' | 'same';
  /** Null where that side has no such request. */
  readonly base: StepRequest | null;
  readonly head: StepRequest | null;
  /** Head minus base; a missing side counts as 0. */
  readonly bytes: number;
}

export interface TypeTotal {
  readonly type: string;
  readonly base: { readonly requests: number; readonly bytes: number };
  readonly head: { readonly requests: number; readonly bytes: number };
}

export interface RequestComparison {
  /** One a resource type that either side has, the heaviest first. */
  readonly types: readonly TypeTotal[];
  readonly total: TypeTotal;
  /** In the order of the largest difference. */
  readonly differences: readonly RequestDifference[];
}

/** Dates, ids and cookies in headers move a response by some bytes without any change of what it holds. */
const sameBytes = 100;
const sameShare = 0.01;

/**
 * What bundlers put into file names: hexadecimal of 6 digits or more (webpack, Next.js), or 8 to 32 characters of
 * base64url (Vite, Rollup). Plain numbers are ids, and plain words (`app-overview.js`) are names.
 */
function looksHashed(text: string): boolean {
  if (!/\d/.test(text)) return /^[\w-]{8}$/.test(text) && (text.slice(1).match(/[A-Z]/g) ?? []).length >= 2;
  return /[A-Za-z]/.test(text) && (/^[\da-f]{6,64}$/i.test(text) || /^[\w-]{8,32}$/.test(text));
}

/** A path with a star in place of the hash that a bundler put into its file name. */
export function withoutHashes(path: string): string {
  return (
    path
      // the last 8 characters first: a hash of Vite may itself hold a dash
      .replace(/([-.])([\w-]{8})(?=\.\w{1,10}(?:$|[?.]))/g, (whole, between: string, text: string) =>
        looksHashed(text) ? `${between}*` : whole,
      )
      .replace(/([-._~])([\w]{6,64})(?=\.[\w.]{1,20}(?:$|\?))/g, (whole, between: string, text: string) =>
        looksHashed(text) ? `${between}*` : whole,
      )
      .replace(/(=)([\w-]{6,64})(?=$|&)/g, (whole, between: string, text: string) =>
        looksHashed(text) ? `${between}*` : whole,
      )
  );
}

function originOf(url: string): string {
  return URL.canParse(url) ? new URL(url).origin : '';
}

/** The URL as it is the same on both sides: without the side's own origin. */
export function localUrl(url: string, origin: string): string {
  return origin !== '' && (url === origin || url.startsWith(`${origin}/`)) ? url.slice(origin.length) || '/' : url;
}

/** Takes what both lists have under one key, in order, and leaves the rest in them. */
function match(
  base: StepRequest[],
  head: StepRequest[],
  key: (one: StepRequest, side: 'base' | 'head') => string,
): Array<readonly [StepRequest, StepRequest]> {
  const waiting = Map.groupBy(base, (one) => key(one, 'base'));
  const matched: Array<readonly [StepRequest, StepRequest]> = [];
  const alone: StepRequest[] = [];
  for (const one of head) {
    const other = waiting.get(key(one, 'head'))?.shift();
    if (other) matched.push([other, one]);
    else alone.push(one);
  }
  const taken = new Set(matched.map(([other]) => other));
  base.splice(0, base.length, ...base.filter((one) => !taken.has(one)));
  head.splice(0, head.length, ...alone);
  return matched;
}

function differ(base: StepRequest | null, head: StepRequest | null): RequestDifference {
  const bytes = (head?.request.bytes ?? 0) - (base?.request.bytes ?? 0);
  if (!base) return { status: 'new', base, head, bytes };
  if (!head) return { status: 'gone', base, head, bytes };
  const least = Math.max(sameBytes, sameShare * base.request.bytes);
  return { status: Math.abs(bytes) <= least ? 'same' : bytes > 0 ? 'grown' : 'shrunk', base, head, bytes };
}

function total(type: string, base: readonly StepRequest[], head: readonly StepRequest[]): TypeTotal {
  const sum = (side: readonly StepRequest[]): TypeTotal['base'] => {
    const of = side.filter(({ request }) => type === 'total' || request.type === type);
    return { requests: of.length, bytes: of.reduce((bytes, { request }) => bytes + request.bytes, 0) };
  };
  return { type, base: sum(base), head: sum(head) };
}

/**
 * Requests that went to the network, matched by method and URL: first as they are but for the side's own origin, then
 * without content hashes in file names, at last without the query; of equal ones the first with the first. A request that moved to another step is
 * the same request.
 * @param sides where each side is served; a URL without an origin is taken as it is
 */
export function compareRequests(
  all: { readonly base: readonly StepRequest[]; readonly head: readonly StepRequest[] },
  sides: { readonly base: string; readonly head: string },
): RequestComparison {
  const sent = (side: readonly StepRequest[]): StepRequest[] => side.filter(({ request }) => !request.fromCache);
  const [base, head] = [sent(all.base), sent(all.head)];
  const origins = { base: originOf(sides.base), head: originOf(sides.head) };
  const plain = ({ request }: StepRequest, side: 'base' | 'head'): string =>
    `${request.method} ${localUrl(request.url, origins[side])}`;
  const [leftBase, leftHead] = [[...base], [...head]];
  const named = (one: StepRequest, side: 'base' | 'head'): string => withoutHashes(plain(one, side));
  // the same question with another value in it, when nothing nearer is left: page=2 instead of page=1
  const asked = (one: StepRequest, side: 'base' | 'head'): string => named(one, side).replace(/\?.*$/s, '');
  const within =
    (key: typeof plain): typeof plain =>
    (one, side) =>
      JSON.stringify([one.step, key(one, side)]);
  // within a step first: what every step asks for and one no longer does is gone from that step, not from the last one
  const matched = [within(plain), within(named), plain, named, within(asked), asked].flatMap((key) =>
    match(leftBase, leftHead, key),
  );
  const types = [...new Set([...base, ...head].map(({ request }) => request.type))];
  return {
    types: types
      .map((type) => total(type, base, head))
      .toSorted((a, b) => Math.max(b.base.bytes, b.head.bytes) - Math.max(a.base.bytes, a.head.bytes)),
    total: total('total', base, head),
    differences: [
      ...matched.map(([one, other]) => differ(one, other)),
      ...leftBase.map((one) => differ(one, null)),
      ...leftHead.map((one) => differ(null, one)),
    ].toSorted((a, b) => Math.abs(b.bytes) - Math.abs(a.bytes)),
  };
}
