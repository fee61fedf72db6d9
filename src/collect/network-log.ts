/** The protocol's own account of the network in one run of a flow, step by step: what a waterfall and a HAR come from. */
import type { CDPSession } from '@playwright/test';
import type { NetworkEvent } from '../core/recording.ts';
import type { HeavyCollector, ObservedPage } from './heavy.ts';
import { watchTargets } from './targets.ts';

const events = [
  'Network.requestWillBeSent',
  'Network.requestWillBeSentExtraInfo',
  'Network.requestServedFromCache',
  'Network.responseReceived',
  'Network.responseReceivedExtraInfo',
  'Network.responseReceivedEarlyHints',
  'Network.resourceChangedPriority',
  'Network.dataReceived',
  'Network.loadingFinished',
  'Network.loadingFailed',
  'Network.webSocketCreated',
  // Only the handshake has a time.
  'Network.webSocketWillSendHandshakeRequest',
  'Network.webSocketHandshakeResponseReceived',
  'Network.webSocketClosed',
] as const;

// A page that streams for minutes; its requests and their ends are still told.
const mostOfData = 50_000;

export class NetworkLog implements HeavyCollector {
  readonly what = 'the log of the network';
  private readonly steps = new Map<string, NetworkEvent[]>();
  /** Which step a request began in; null for those between steps. */
  private readonly owners = new Map<string, NetworkEvent[] | null>();
  private current: NetworkEvent[] | null = null;
  private session: CDPSession | undefined;
  private pieces = 0;

  /** All events of requests that began in that step, also those after its end; in the order in which they came. */
  eventsOf(step: string): readonly NetworkEvent[] {
    return this.steps.get(step) ?? [];
  }

  async attach({ page, context }: ObservedPage): Promise<void> {
    this.session = await context.newCDPSession(page);
    await watchTargets(this.session, {
      events,
      // Bodies are not ours to keep.
      prepare: ({ send }) =>
        send('Network.enable', { maxTotalBufferSize: 0, maxResourceBufferSize: 0, maxPostDataSize: 0 }),
      onEvent: (_target, method, params) => this.keep(method, params),
    });
  }

  private keep(method: string, params: unknown): void {
    const { requestId } = params as { requestId?: string };
    if (requestId === undefined) return;
    if (method === 'Network.dataReceived') {
      this.pieces += 1;
      if (this.pieces > mostOfData) return;
    }
    let owner = this.owners.get(requestId);
    if (owner === undefined) {
      owner = this.current;
      this.owners.set(requestId, owner);
    }
    owner?.push({ method, params });
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
