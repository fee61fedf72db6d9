/**
 * A page's DevTools session together with those of its cross-process frames and its workers, which a session of
 * Playwright's does not see: they are attached to within the page's own, by messages that travel as text.
 */
import type { CDPSession } from '@playwright/test';

type Send = CDPSession['send'];
type EventName = `${string}.${string}`;

export interface Target {
  /** `page`, `iframe`, `worker`, `shared_worker`, …, as the protocol names them. */
  readonly type: string;
  readonly send: Send;
}

export interface TargetWatch {
  /**
   * Enables what is to be heard, before the target runs its first script. Commands are handled in their order; those of
   * a child that come after the first wait for an answer may find it running.
   */
  readonly prepare: (target: Target) => Promise<unknown>;
  /** Names of the protocol's events. */
  readonly events: readonly EventName[];
  readonly onEvent: (target: Target, method: string, params: unknown) => void;
}

interface Answer {
  readonly resolve: (result: never) => void;
  readonly reject: (error: Error) => void;
}

interface Child {
  readonly channel: Channel;
  readonly answers: Map<number, Answer>;
}

// Chrome holds a new child until a session lets it go. Any may, Playwright's own among them: of a worker that asks for
// something at once, on a busy machine, that may come before we are there.
const autoAttach = { autoAttach: true, waitForDebuggerOnStart: true, flatten: false };
const targetEvents = [
  'Target.attachedToTarget',
  'Target.detachedFromTarget',
  'Target.receivedMessageFromTarget',
] as const satisfies readonly EventName[];

class Channel {
  readonly target: Target;
  private readonly watch: TargetWatch;
  private readonly children = new Map<string, Child>();
  private messages = 0;

  constructor(target: Target, watch: TargetWatch) {
    this.target = target;
    this.watch = watch;
  }

  all(): Target[] {
    return [this.target, ...[...this.children.values()].flatMap(({ channel }) => channel.all())];
  }

  handle(method: string, params: unknown): void {
    const about = params as { sessionId: string; targetInfo: { type: string }; message: string };
    if (method === 'Target.attachedToTarget') this.adopt(about.sessionId, about.targetInfo.type);
    else if (method === 'Target.detachedFromTarget') this.lose(about.sessionId);
    else if (method === 'Target.receivedMessageFromTarget') this.receive(about.sessionId, about.message);
    else if (this.watch.events.some((name) => name === method)) this.watch.onEvent(this.target, method, params);
  }

  private adopt(sessionId: string, type: string): void {
    const answers = new Map<number, Answer>();
    const send = ((method: string, params: object = {}) =>
      new Promise((resolve, reject) => {
        this.messages += 1;
        const message = JSON.stringify({ id: this.messages, method, params });
        answers.set(this.messages, { resolve, reject });
        this.target.send('Target.sendMessageToTarget', { sessionId, message }).catch(reject);
      })) as Send;
    const target: Target = { type, send };
    this.children.set(sessionId, { channel: new Channel(target, this.watch), answers });
    // A child that is gone again, or knows a domain not, has nothing to tell.
    for (const asked of [
      this.watch.prepare(target),
      send('Target.setAutoAttach', autoAttach),
      send('Runtime.runIfWaitingForDebugger'),
    ])
      asked.catch(() => {});
  }

  private lose(sessionId: string): void {
    const { answers } = this.children.get(sessionId) ?? {};
    this.children.delete(sessionId);
    for (const { reject } of answers?.values() ?? []) reject(new Error('the target is gone'));
  }

  private receive(sessionId: string, text: string): void {
    const child = this.children.get(sessionId);
    if (!child) return;
    const { id, method, params, result, error } = JSON.parse(text) as {
      id?: number;
      method?: string;
      params?: unknown;
      result: never;
      error?: { message: string };
    };
    if (method !== undefined) child.channel.handle(method, params);
    if (id === undefined) return;
    const answer = child.answers.get(id);
    child.answers.delete(id);
    if (error) answer?.reject(new Error(error.message));
    else answer?.resolve(result);
  }
}

/** Watches a page and its children from now on. Returns those that are there when it is asked, the page first. */
export async function watchTargets(session: CDPSession, watch: TargetWatch): Promise<() => readonly Target[]> {
  const channel = new Channel({ type: 'page', send: session.send.bind(session) }, watch);
  for (const name of [...targetEvents, ...watch.events])
    // Any of its names: the types of all events are Playwright's own.
    session.on(name as 'Network.loadingFinished', (params: unknown) => channel.handle(name, params));
  await watch.prepare(channel.target);
  await session.send('Target.setAutoAttach', autoAttach);
  return () => channel.all();
}
