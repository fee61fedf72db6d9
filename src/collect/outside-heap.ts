/**
 * What a page keeps outside of its JavaScript heap, where no snapshot has it: the state and the entries of its history,
 * and the rules of its style sheets.
 *
 * The state is read in the page's own world. In an isolated one Chromium 156 hands out the state of the last reading in
 * that world, and from then on the page itself reads an old one: which state was asked for last is remembered for all
 * worlds, what it was for each. It comes as V8 describes values to the protocol, and not if at the start page code with
 * effects would have had to run for it. Style sheets are counted in isolated worlds, of which frames that come later get none: a world in
 * each would be growth of our own making. So would be the wrapper of every style sheet that is looked into, wherefore
 * those beyond the number at the start are counted only.
 */
import { serialize } from 'node:v8';
import type { CDPSession } from '@playwright/test';
import type { PageProbe } from './page-probe.ts';

export interface OutsideCounters {
  /** Bytes as V8 serialises it. Null for each that is not known. */
  readonly state: number | null;
  readonly entries: number | null;
  readonly sheets: number | null;
  readonly rules: number | null;
}

/** An entry of the history that the page can go back to. */
export interface HistoryEntry {
  /** Numbers rise in the order of making. */
  readonly id: number;
  /** Whether its address is that of the entry before it. */
  readonly sameAddress: boolean;
}

/** Bytes by property of the state; one of its own for what is no object. */
export type StateParts = Readonly<Record<string, number>>;

const mostFrames = 20;
const mostParts = 50;
/** Levels of a state; what lies deeper is not counted. */
const deepest = 50;
/** ms that the page may take for it. */
const readLimit = 5000;
const objectGroup = 'pacewright-state';

interface Sheets {
  readonly styles: number;
  readonly adopted: number;
  readonly rules: number;
}

/** Getters of the world's own: a page has elements named as it likes. Sheets of other sites do not tell their rules. */
const sheetsSource = (styles: number, adopted: number): string => `(() => {
  const of = (name) => Object.getOwnPropertyDescriptor(Document.prototype, name)?.get?.call(document) ?? [];
  const [styles, adopted] = [of('styleSheets'), of('adoptedStyleSheets')];
  let rules = 0;
  const count = (list, most) => {
    for (let at = 0; at < Math.min(list.length, most); at += 1) try { rules += list[at].cssRules.length; } catch {}
  };
  count(styles, ${styles});
  count(adopted, ${adopted});
  return { styles: styles.length, adopted: adopted.length, rules };
})()`;

export class OutsideHeap {
  private readonly session: CDPSession;
  private readonly probe: PageProbe;
  /** By frame: style sheets at the start. */
  private readonly frames = new Map<string, Sheets>();
  /** Whether the page has no getter of its own in the way, as far as the start tells. */
  private readable = false;
  private atStart: StateParts = {};
  private parts: StateParts = {};

  /** @param probe whose worlds it shares */
  constructor(session: CDPSession, probe: PageProbe) {
    this.session = session;
    this.probe = probe;
  }

  /** Before the first snapshot: what looking for the first time leaves in the heap is there then. */
  async start(): Promise<void> {
    for (const frame of await this.frameIds()) {
      const most = Number.MAX_SAFE_INTEGER;
      const sheets = await this.probe.ask<Sheets>(frame, sheetsSource(most, most));
      if (sheets) this.frames.set(frame, sheets);
    }
    this.readable = (await this.readState(true)) !== null;
    await this.read();
    this.atStart = this.parts;
  }

  async read(): Promise<OutsideCounters> {
    const parts = this.readable ? await this.readState(false) : null;
    if (parts) this.parts = parts;
    const sheets = await this.readSheets();
    const entries = await this.entries();
    return {
      state: parts && Object.values(parts).reduce((sum, bytes) => sum + bytes, 0),
      entries: entries && entries.length,
      sheets: sheets && sheets.styles + sheets.adopted,
      rules: sheets && sheets.rules,
    };
  }

  /** The property of the state that is larger than at the start by most; null where there is none. */
  grownState(): string | null {
    const grown = Object.entries(this.parts)
      .map(([name, bytes]) => ({ name, more: bytes - (this.atStart[name] ?? 0) }))
      .toSorted((a, b) => b.more - a.more)[0];
    return grown && grown.more > 0 && grown.name !== '' ? grown.name : null;
  }

  /** From the oldest to the current one, those that one can go forward to left out; null where Chrome does not tell. */
  async entries(): Promise<HistoryEntry[] | null> {
    try {
      const { entries, currentIndex } = await this.session.send('Page.getNavigationHistory');
      return entries
        .slice(0, currentIndex + 1)
        .map(({ id, url }, at) => ({ id, sameAddress: at > 0 && url === entries[at - 1]?.url }));
    } catch {
      return null;
    }
  }

  private async frameIds(): Promise<string[]> {
    interface Tree {
      readonly frame: { readonly id: string };
      readonly childFrames?: readonly Tree[];
    }
    const idsOf = (tree: Tree): string[] => [tree.frame.id, ...(tree.childFrames ?? []).flatMap(idsOf)];
    const { frameTree } = await this.session.send('Page.getFrameTree');
    return idsOf(frameTree).slice(0, mostFrames);
  }

  private async readSheets(): Promise<Sheets | null> {
    let sum: Sheets | null = null as Sheets | null;
    for (const [frame, first] of this.frames) {
      // A frame that is gone has none.
      const now = await this.probe.ask<Sheets>(frame, sheetsSource(first.styles, first.adopted));
      if (!now) continue;
      sum = {
        styles: (sum?.styles ?? 0) + now.styles,
        adopted: (sum?.adopted ?? 0) + now.adopted,
        rules: (sum?.rules ?? 0) + now.rules,
      };
    }
    return sum;
  }

  /** @param guarded whether page code with effects may not run: each such reading leaves 340 bytes (Chromium 156) */
  private async readState(guarded: boolean): Promise<StateParts | null> {
    try {
      const { result, exceptionDetails } = await this.session.send('Runtime.evaluate', {
        // A variable of the page's may be called history.
        expression: 'window.history.state',
        throwOnSideEffect: guarded,
        silent: true,
        timeout: readLimit,
        objectGroup,
        serializationOptions: { serialization: 'deep', maxDepth: deepest },
      });
      return exceptionDetails ? null : sizeParts((result.deepSerializedValue ?? result) as DeepValue);
    } catch {
      return null;
    } finally {
      // The protocol holds on to what it described.
      await this.session.send('Runtime.releaseObjectGroup', { objectGroup }).catch(() => {});
    }
  }
}

/** As the protocol describes a value: lists for what has members, pairs for what has keys. */
export interface DeepValue {
  readonly type: string;
  readonly value?: unknown;
}

/** Bytes as V8 serialises it, by property; none for no state. */
export function sizeParts(described: DeepValue): StateParts {
  const value = revive(described);
  if (value === null || value === undefined) return {};
  const whole = serialize(value).length;
  if (described.type !== 'object') return { '': whole };
  const sizes = Object.entries(value).map(([key, part]) => [key, serialize(part).length + key.length] as const);
  const parts = sizes.toSorted(([, a], [, b]) => b - a).slice(0, mostParts);
  // Null prototype: a page names its keys as it likes.
  const named: Record<string, number> = Object.assign(Object.create(null), Object.fromEntries(parts));
  const rest = whole - parts.reduce((sum, [, bytes]) => sum + bytes, 0);
  return Object.assign(named, { '': (named[''] ?? 0) + rest });
}

/** A value of the same size; what the description leaves out (contents of buffers, objects seen before) has none. */
function revive({ type, value }: DeepValue): unknown {
  const members = Array.isArray(value) ? (value as unknown[]) : [];
  const pairs = members.filter((pair): pair is [unknown, DeepValue] => Array.isArray(pair));
  switch (type) {
    case 'string':
    case 'number':
    case 'boolean':
      return value;
    case 'bigint':
      return BigInt(String(value));
    case 'date':
      return new Date(String(value));
    case 'array':
      return members.map((member) => revive(member as DeepValue));
    case 'set':
      return new Set(members.map((member) => revive(member as DeepValue)));
    case 'object':
      return Object.fromEntries(pairs.map(([key, member]) => [String(key), revive(member)]));
    case 'map':
      return new Map(
        pairs.map(([key, member]) => [typeof key === 'string' ? key : revive(key as DeepValue), revive(member)]),
      );
    default:
      return null;
  }
}
