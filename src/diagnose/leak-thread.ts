/**
 * The thread in which heap snapshots are read while they come, and leaks are looked for: seconds of work that must not
 * hold up what drives Chrome. Started by path.
 */
import { parentPort } from 'node:worker_threads';
import { createResolver } from '../analyse/source-maps.ts';
import { findLeaks } from '../heap/find-leaks.ts';
import { readSnapshot } from '../heap/read-snapshot.ts';
import type { HeapSnapshot } from '../heap/snapshot.ts';
import { placeOfStack } from './call-sites.ts';
import { describeError } from './describe-error.ts';
import type { LeakAnswer, LeakQuestion, Message, Reply, SnapshotName } from './leak-messages.ts';

/** Pieces on their way from the messages to the reader. */
class Pieces implements AsyncIterable<Uint8Array> {
  private readonly waiting: Uint8Array[] = [];
  private ended = false;
  private wake: () => void = () => {};

  add(piece: Uint8Array): void {
    this.waiting.push(piece);
    this.wake();
  }

  end(): void {
    this.ended = true;
    this.wake();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    for (;;) {
      const piece = this.waiting.shift();
      if (piece) yield piece;
      else if (this.ended) return;
      else await new Promise<void>((resolve) => (this.wake = resolve));
    }
  }
}

interface Reading {
  readonly pieces: Pieces;
  readonly snapshot: Promise<HeapSnapshot>;
}

const readings = new Map<SnapshotName, Reading>();

function readingOf(name: SnapshotName): Reading {
  const known = readings.get(name);
  if (known) return known;
  const pieces = new Pieces();
  const snapshot = readSnapshot(pieces, { name: `the ${name} snapshot` });
  // Told when its end is asked for.
  snapshot.catch(() => {});
  const reading = { pieces, snapshot };
  readings.set(name, reading);
  return reading;
}

async function analyse(question: LeakQuestion): Promise<LeakAnswer> {
  const [first, last] = await Promise.all([readingOf('first').snapshot, readingOf('last').snapshot]);
  const { borders, counters, counted, urls, sources, pageUrl } = question;
  const resolver = createResolver(sources, pageUrl);
  const { leaks, outside } = findLeaks({
    first,
    last,
    borders,
    counters,
    place: ({ script, line, column, name }) => {
      const url = urls.get(script);
      return url === undefined ? null : resolver.resolveFunction(url, line, column, name);
    },
    variable: ({ script, line, column }, own, name) => {
      const url = urls.get(script);
      return url === undefined ? null : resolver.resolveVariable(url, { line, column, own }, name);
    },
    counted: { ...counted, placeOf: ({ frames }) => placeOfStack(frames, resolver) },
  });
  return { leaks, outside, notes: resolver.notes() };
}

async function work(message: Exclude<Message, { about: 'piece' }>): Promise<LeakAnswer | null> {
  switch (message.about) {
    case 'end': {
      const { pieces, snapshot } = readingOf(message.of);
      pieces.end();
      await snapshot;
      return null;
    }
    case 'leaks':
      return analyse(message.question);
  }
}

async function answer(message: Exclude<Message, { about: 'piece' }>): Promise<Reply> {
  try {
    return { ok: true, value: await work(message) };
  } catch (error) {
    return { ok: false, problem: describeError(error) };
  }
}

parentPort?.on('message', (message: Message) => {
  if (message.about === 'piece') readingOf(message.of).pieces.add(message.piece);
  else void answer(message).then((reply) => parentPort?.postMessage(reply));
});
