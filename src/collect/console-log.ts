/** What the page, its frames and its workers say in the console, and their errors, step by step, with places. */
import type { CDPSession } from '@playwright/test';
import type { ConsoleEvent } from '../core/recording.ts';
import type { HeavyCollector, ObservedPage } from './heavy.ts';
import { watchTargets } from './targets.ts';

const events = ['Runtime.consoleAPICalled', 'Runtime.exceptionThrown', 'Log.entryAdded'] as const;
// A page that logs in a loop says the same after some hundred lines.
const mostOfStep = 300;
const longest = 2000;

interface Frame {
  readonly url: string;
  readonly lineNumber: number;
  readonly columnNumber: number;
}

interface RemoteObject {
  readonly type: string;
  readonly value?: unknown;
  readonly description?: string;
}

function placeOf(frame: Partial<Frame> | undefined): ConsoleEvent['place'] {
  if (!frame?.url || frame.lineNumber === undefined) return null;
  return { url: frame.url, line: frame.lineNumber, column: frame.columnNumber ?? 0 };
}

function show({ type, value, description }: RemoteObject): string {
  if (type === 'string') return String(value);
  return description ?? (value === undefined ? type : JSON.stringify(value));
}

function levelOf(name: string): ConsoleEvent['level'] {
  if (name === 'error' || name === 'assert') return 'error';
  return name === 'warning' ? 'warning' : 'info';
}

/** An event of the protocol as one line of the console; undefined for what says nothing. */
function readEvent(method: string, params: unknown): ConsoleEvent | undefined {
  if (method === 'Runtime.consoleAPICalled') {
    const { type, args, stackTrace } = params as {
      type: string;
      args: RemoteObject[];
      stackTrace?: { callFrames: Frame[] };
    };
    const text = args.map(show).join(' ').slice(0, longest);
    return text === '' ? undefined : { level: levelOf(type), text, place: placeOf(stackTrace?.callFrames[0]) };
  }
  if (method === 'Runtime.exceptionThrown') {
    const { exceptionDetails: about } = params as {
      exceptionDetails: Partial<Frame> & {
        text: string;
        exception?: RemoteObject;
        stackTrace?: { callFrames: Frame[] };
      };
    };
    const text = (about.exception ? show(about.exception) : about.text).slice(0, longest);
    return { level: 'error', text, place: placeOf(about.stackTrace?.callFrames[0] ?? about) };
  }
  const { entry } = params as {
    entry: {
      source: string;
      level: string;
      text: string;
      url?: string;
      lineNumber?: number;
      stackTrace?: { callFrames: Frame[] };
    };
  };
  // The page repeats what its workers say themselves.
  if (entry.source === 'worker') return undefined;
  const frame = entry.stackTrace?.callFrames[0] ?? { ...entry, columnNumber: 0 };
  // "Failed to load resource: 404", and DevTools shows beside it what it was.
  const subject = entry.source === 'network' && entry.url ? ` (${entry.url})` : '';
  return { level: levelOf(entry.level), text: (entry.text + subject).slice(0, longest), place: placeOf(frame) };
}

export class ConsoleLog implements HeavyCollector {
  readonly what = 'the console';
  private readonly steps = new Map<string, ConsoleEvent[]>();
  private current: ConsoleEvent[] | null = null;
  private session: CDPSession | undefined;

  linesOf(step: string): readonly ConsoleEvent[] {
    return this.steps.get(step) ?? [];
  }

  async attach({ page, context }: ObservedPage): Promise<void> {
    this.session = await context.newCDPSession(page);
    await watchTargets(this.session, {
      events,
      prepare: ({ send }) => Promise.all([send('Runtime.enable'), send('Log.enable')]),
      onEvent: (_target, method, params) => {
        if (!this.current || this.current.length >= mostOfStep) return;
        const line = readEvent(method, params);
        if (line) this.current.push(line);
      },
    });
  }

  async beginStep(name: string): Promise<void> {
    this.current = [];
    this.steps.set(name, this.current);
  }

  async endStep(): Promise<void> {
    this.current = null;
  }

  async endFlow(): Promise<void> {}

  async dispose(): Promise<void> {
    await this.session?.detach().catch(() => {});
    this.session = undefined;
  }
}
