/** From the spans of a thread, as they stood in the file, to slices that nest. */
import { begin, complete, finish, type SpanColumns } from './event-store.ts';
import type { Slices } from './trace-data.ts';

/**
 * Pairs beginnings with ends, sorts, and makes slices nest: one that reaches beyond the slice around it ends with it.
 * A beginning without an end lasts until `last`, an end without a beginning is dropped.
 */
export function nestSlices(spans: SpanColumns, last: number): Slices {
  const count = spans.start.length;
  const phase = spans.phase.view();
  const start = spans.start.view();
  const duration = spans.duration.view();
  const name = spans.name.view();

  const end = new Float64Array(count);
  for (let at = 0; at < count; at += 1) end[at] = (start[at] as number) + (duration[at] as number);
  const order = new Uint32Array(count);
  for (let at = 0; at < count; at += 1) order[at] = at;
  if (phase.some((value) => value !== complete)) pairEnds({ phase, start, name, end, order, last });

  const kept = order.filter((at) => phase[at] !== finish);
  // Of those that start at once the longer first; of equal ones the one written first, which is the outer one.
  const inOrder = (a: number, b: number): number =>
    (start[a] as number) - (start[b] as number) || (end[b] as number) - (end[a] as number) || a - b;
  // As Chrome writes them.
  if (!kept.every((at, place) => place === 0 || inOrder(kept[place - 1] as number, at) < 0)) kept.sort(inOrder);

  const slices = {
    start: new Float64Array(kept.length),
    end: new Float64Array(kept.length),
    name: new Int32Array(kept.length),
    detail: new Int32Array(kept.length),
    sample: new Float64Array(kept.length),
    text: new Int32Array(kept.length),
  };
  const [detail, sample, text] = [spans.detail.view(), spans.sample.view(), spans.text.view()];
  const openEnds: number[] = [];
  for (const [to, from] of kept.entries()) {
    const begun = start[from] as number;
    while (openEnds.length > 0 && (openEnds.at(-1) as number) <= begun) openEnds.pop();
    const until = Math.min(end[from] as number, openEnds.at(-1) ?? Number.POSITIVE_INFINITY);
    openEnds.push(until);
    slices.start[to] = begun;
    slices.end[to] = until;
    slices.name[to] = name[from] as number;
    slices.detail[to] = detail[from] as number;
    slices.sample[to] = sample[from] as number;
    slices.text[to] = text[from] as number;
  }
  return slices;
}

/** An end belongs to one of so many open beginnings; a hostile trace has millions that nothing ends. */
const deepestPair = 200;

interface Pairing {
  readonly phase: Int32Array;
  readonly start: Float64Array;
  readonly name: Int32Array;
  readonly end: Float64Array;
  readonly order: Uint32Array;
  readonly last: number;
}

function pairEnds({ phase, start, name, end, order, last }: Pairing): void {
  const inTime = order
    .filter((at) => phase[at] !== complete)
    .sort((a, b) => (start[a] as number) - (start[b] as number) || a - b);
  const open: number[] = [];
  for (const at of inTime) {
    if (phase[at] === begin) {
      open.push(at);
      continue;
    }
    // Ends may lack a name; one of another name belongs to a beginning further out, if to any.
    let depth = open.length - 1;
    const ofSame = (index: number): boolean => name[open[index] as number] === name[at] || name[at] === -1;
    const least = Math.max(0, open.length - deepestPair);
    while (depth >= least && !ofSame(depth)) depth -= 1;
    if (depth < least) continue;
    for (const left of open.splice(depth)) end[left] = start[at] as number;
  }
  for (const left of open) end[left] = Math.max(start[left] as number, last);
}
