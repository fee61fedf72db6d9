/** Why the values of one side fall into two groups: which fact of the samples goes along with the group. Pure. */
import { hasModes } from '../stats/modes.ts';

export interface LabelledValue {
  readonly value: number;
  /** Facts of the sample by name (`launch`), as text; the first name that explains the groups is told. */
  readonly facts: Readonly<Record<string, string>>;
}

export interface Modes {
  /** Largest value of the lower group, smallest of the upper one. */
  readonly edges: readonly [number, number];
  readonly sizes: readonly [number, number];
  /** The fact that tells the groups apart, or null where none does. */
  readonly cause: string | null;
}

/** A fact explains the groups when guessing the group from it is right so often. */
const explained = 0.9;

function splitAt(order: readonly LabelledValue[]): number {
  let widest = { gap: 0, at: 0 };
  for (let at = 2; at <= order.length - 2; at += 1) {
    const gap = (order[at]?.value ?? 0) - (order[at - 1]?.value ?? 0);
    if (gap > widest.gap) widest = { gap, at };
  }
  return widest.at;
}

/** The share of samples whose group is the usual one of samples with the same fact. */
function rightGuesses(groups: readonly [readonly LabelledValue[], readonly LabelledValue[]], fact: string): number {
  const counts = new Map<string, [number, number]>();
  for (const [group, members] of groups.entries()) {
    for (const { facts } of members) {
      const label = facts[fact] ?? '';
      const count = counts.get(label) ?? [0, 0];
      count[group === 0 ? 0 : 1] += 1;
      counts.set(label, count);
    }
  }
  const right = [...counts.values()].reduce((sum, [low, high]) => sum + Math.max(low, high), 0);
  return right / (groups[0].length + groups[1].length);
}

/** Null where the values form one group. @param resolution of values that come in steps, see `hasModes` */
export function findModes(values: readonly LabelledValue[], resolution = 0): Modes | null {
  if (
    !hasModes(
      values.map(({ value }) => value),
      resolution,
    )
  )
    return null;
  const order = values.toSorted((a, b) => a.value - b.value);
  const at = splitAt(order);
  const groups = [order.slice(0, at), order.slice(at)] as const;
  const names = [...new Set(values.flatMap(({ facts }) => Object.keys(facts)))];
  // what always names the larger group is right as often as that group is large
  const blind = Math.max(groups[0].length, groups[1].length) / order.length;
  const cause = names.find((name) => {
    const right = rightGuesses(groups, name);
    return right >= explained && right > blind;
  });
  return {
    edges: [order[at - 1]?.value ?? 0, order[at]?.value ?? 0],
    sizes: [groups[0].length, groups[1].length],
    cause: cause ?? null,
  };
}
