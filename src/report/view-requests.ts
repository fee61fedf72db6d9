/** Requests and bytes of base and head side by side, from the first measured sample of each. */
import {
  compareRequests,
  localUrl,
  type RequestDifference,
  type StepRequest,
  type TypeTotal,
} from '../analyse/requests.ts';
import type { ComparisonSides, Variant } from '../core/comparison.ts';
import type { ScenarioDocument } from '../core/document.ts';
import { cleanText } from '../core/text.ts';
import { count, name, quantity, shortMargin } from './view-format.ts';
import type { StatusView } from './view-metrics.ts';

export interface RequestsView {
  readonly summary: string;
  readonly types: ReadonlyArray<{
    readonly type: string;
    readonly counts: string;
    readonly countChange: string;
    readonly bytes: string;
    readonly bytesChange: string;
  }>;
  readonly rows: ReadonlyArray<{
    readonly status: StatusView;
    readonly url: string;
    readonly type: string;
    readonly step: string;
    readonly size: string;
    readonly change: string;
  }>;
  readonly more: string;
}

const mostRows = 40;

const statuses: Record<Exclude<RequestDifference['status'], 'same'>, StatusView> = {
  new: { word: 'new', kind: 'added' },
  gone: { word: 'gone', kind: 'gone' },
  grown: { word: 'grown', kind: 'warn' },
  shrunk: { word: 'shrunk', kind: 'better' },
};

/** All requests of the first sample that kept them. */
export function requestsOf(scenario: ScenarioDocument, variant: Variant): StepRequest[] {
  const samples = scenario.samples.filter((sample) => sample.variant === variant);
  const kept = samples.map((sample) =>
    sample.steps.flatMap((step) => step.requests.map((request): StepRequest => ({ step: step.name, request }))),
  );
  // later samples keep failed requests only
  const whole = (requests: readonly StepRequest[]): boolean =>
    requests.some(({ request }) => request.failed === null && (request.status ?? 0) < 400);
  return (
    kept.find((requests, place) => samples[place]?.role === 'measured' && whole(requests)) ?? kept.find(whole) ?? []
  );
}

function signed(value: number): string {
  return value === 0 ? '0' : shortMargin(value, 'count');
}

function typeRow({ type, base, head }: TypeTotal): RequestsView['types'][number] {
  return {
    type: cleanText(type, 20),
    counts: `${base.requests} → ${head.requests}`,
    countChange: signed(head.requests - base.requests),
    bytes: `${quantity(base.bytes, 'bytes')} → ${quantity(head.bytes, 'bytes')}`,
    bytesChange: head.bytes === base.bytes ? '0' : shortMargin(head.bytes - base.bytes, 'bytes'),
  };
}

/** Null where a side kept no requests. */
export function requestsView(scenario: ScenarioDocument, sides: ComparisonSides): RequestsView | null {
  const [base, head] = [requestsOf(scenario, 'base'), requestsOf(scenario, 'head')];
  if (base.length === 0 || head.length === 0) return null;
  const urls = { base: sides.base.url, head: sides.head.url };
  const { types, total, differences } = compareRequests({ base, head }, urls);
  const moved = differences.filter(({ status }) => status !== 'same');
  const amount = (status: RequestDifference['status']): number => moved.filter((one) => one.status === status).length;
  const told = (['new', 'gone', 'grown', 'shrunk'] as const)
    .filter((status) => amount(status) > 0)
    .map((status) => `${amount(status)} ${status}`);
  const totals = typeRow(total);
  return {
    summary: `Requests and bytes: ${count(total.head.requests, 'request')} (${totals.countChange}), ${quantity(total.head.bytes, 'bytes')} (${totals.bytesChange}); ${told.length > 0 ? told.join(', ') : 'none new, gone or of another size'}`,
    types: [totals, ...types.slice(0, 12).map(typeRow)],
    rows: moved.slice(0, mostRows).flatMap(({ status, base: before, head: after, bytes }) => {
      const one = after ?? before;
      if (status === 'same' || !one) return [];
      const { request } = one;
      const origin = URL.canParse(after ? urls.head : urls.base) ? new URL(after ? urls.head : urls.base).origin : '';
      return {
        status: statuses[status],
        url: `${request.method === 'GET' ? '' : `${cleanText(request.method, 10)} `}${cleanText(localUrl(request.url, origin), 120)}`,
        type: cleanText(request.type, 20),
        step: name(one.step),
        size:
          before && after
            ? `${quantity(before.request.bytes, 'bytes')} → ${quantity(after.request.bytes, 'bytes')}`
            : quantity(request.bytes, 'bytes'),
        change: bytes === 0 ? '0' : shortMargin(bytes, 'bytes'),
      };
    }),
    more: moved.length > mostRows ? `${count(moved.length - mostRows, 'more request')} that differ.` : '',
  };
}
