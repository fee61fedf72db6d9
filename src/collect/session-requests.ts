/** The requests that a page's DevTools session tells of, with the bytes as they came over the wire. */
import type { CDPSession } from '@playwright/test';
import type { ResourceType } from '../core/metrics.ts';
import { resourceType } from '../core/resource-type.ts';

/** A request while it is being watched; `bytes` are those of the wire, headers included. */
export interface SeenRequest {
  url: string;
  method: string;
  type: ResourceType;
  status: number | null;
  bytes: number;
  fromCache: boolean;
  failed: string | null;
  done: boolean;
}

export const overNetwork = (url: string): boolean => /^https?:/i.test(url);

/**
 * Tells each request as it begins, and keeps what is told up to date until it has ended.
 * @param onHidden told of requests of the browser itself, as `GET https://…`
 */
export function watchSession(
  session: CDPSession,
  onSeen: (request: SeenRequest) => void,
  onHidden: (key: string) => void,
): () => void {
  const open = new Map<string, SeenRequest>();
  const onSent = (event: {
    requestId: string;
    request: { url: string; method: string };
    type?: string;
    initiator: { type: string };
    redirectResponse?: { status: number; encodedDataLength: number };
  }): void => {
    if (!overNetwork(event.request.url)) return;
    if (event.type === 'Other' && event.initiator.type === 'other') {
      onHidden(`${event.request.method} ${event.request.url}`);
      return;
    }
    const redirected = open.get(event.requestId);
    if (redirected && event.redirectResponse) {
      redirected.status = event.redirectResponse.status;
      redirected.bytes = event.redirectResponse.encodedDataLength;
      redirected.done = true;
    }
    const request: SeenRequest = {
      url: event.request.url,
      method: event.request.method,
      type: resourceType(event.type),
      status: null,
      bytes: 0,
      fromCache: false,
      failed: null,
      done: false,
    };
    open.set(event.requestId, request);
    onSeen(request);
  };
  const onCached = (event: { requestId: string }): void => {
    const request = open.get(event.requestId);
    if (request) request.fromCache = true;
  };
  const onResponse = (event: {
    requestId: string;
    type: string;
    response: { status: number; fromDiskCache?: boolean; fromPrefetchCache?: boolean; fromServiceWorker?: boolean };
  }): void => {
    const request = open.get(event.requestId);
    if (!request) return;
    request.status = event.response.status;
    request.type = resourceType(event.type);
    const { fromDiskCache, fromPrefetchCache, fromServiceWorker } = event.response;
    if (fromDiskCache || fromPrefetchCache || fromServiceWorker) request.fromCache = true;
  };
  const onFinished = (event: { requestId: string; encodedDataLength: number }): void => {
    const request = open.get(event.requestId);
    if (!request) return;
    request.bytes = request.fromCache ? 0 : event.encodedDataLength;
    request.done = true;
  };
  const onFailed = (event: { requestId: string; errorText: string; canceled?: boolean }): void => {
    const request = open.get(event.requestId);
    if (!request) return;
    // A page that aborts its own request has not failed.
    request.failed = event.canceled ? null : event.errorText;
    request.done = true;
  };
  session.on('Network.requestWillBeSent', onSent);
  session.on('Network.requestServedFromCache', onCached);
  session.on('Network.responseReceived', onResponse);
  session.on('Network.loadingFinished', onFinished);
  session.on('Network.loadingFailed', onFailed);
  return () => {
    session.off('Network.requestWillBeSent', onSent);
    session.off('Network.requestServedFromCache', onCached);
    session.off('Network.responseReceived', onResponse);
    session.off('Network.loadingFinished', onFinished);
    session.off('Network.loadingFailed', onFailed);
  };
}
