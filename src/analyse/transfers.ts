/** What files cost on the wire, from the requests of a flow. Pure; sizes in bytes. */
import { sameSite } from '../core/site.ts';
import { redactUrl } from '../core/text.ts';

/** What a request record of a sample and one of a waterfall have in common. */
export interface TransferredRequest {
  /** Redacted. */
  readonly url: string;
  readonly type: string;
  readonly party: 'first-party' | 'third-party';
  readonly status: number | null;
  /** With headers; 0 where a cache answered. */
  readonly bytes: number;
  /** Body after decompression, where it is known. */
  readonly decoded?: number | null;
}

export interface Transfer {
  readonly type: string;
  readonly party: 'first-party' | 'third-party';
  /** Of the largest answer: what the file costs once, however often a flow loads it. */
  readonly bytes: number;
  readonly decoded: number | null;
  /** Answers that came over the network. */
  readonly loads: number;
}

export type Transfers = ReadonlyMap<string, Transfer>;

/** By redacted URL. */
export function collectTransfers(requests: readonly TransferredRequest[]): Transfers {
  const transfers = new Map<string, Transfer>();
  for (const { url, type, party, status, bytes, decoded = null } of requests) {
    if (status === null || status >= 400 || (status >= 300 && status < 304)) continue;
    const before = transfers.get(url);
    // a 304 has no body
    const loads = (before?.loads ?? 0) + (bytes > 0 && status !== 304 ? 1 : 0);
    const larger = !before || bytes > before.bytes;
    transfers.set(url, { type, party, ...(larger ? { bytes, decoded } : before), loads });
  }
  return transfers;
}

export function transferOf(transfers: Transfers, url: string): Transfer | undefined {
  return transfers.get(redactUrl(url));
}

/** Whole bytes in proportion to `sizes` that sum to `total`; what rounding leaves goes to the largest remainders. */
export function shareOut(total: number, sizes: readonly number[]): number[] {
  const sum = sizes.reduce((all, size) => all + size, 0);
  if (sum === 0) return sizes.map(() => 0);
  const exact = sizes.map((size) => (total * size) / sum);
  const shares = exact.map(Math.floor);
  const left = Math.round(total - shares.reduce((all, share) => all + share, 0));
  const order = exact.map((share, place) => [share % 1, place] as const).toSorted((a, b) => b[0] - a[0] || a[1] - b[1]);
  for (const [, place] of order.slice(0, left)) shares[place] = (shares[place] ?? 0) + 1;
  return shares;
}

/** For what no request tells of. Code without a URL of its own is the page's. */
export function isFirstParty(url: string, pageUrl: string): boolean {
  return !/^https?:/i.test(url) || sameSite(url, pageUrl);
}

/** The share of a document's bytes on the wire that some text in it has. */
export function shareOfDocument(size: number, document: Transfer | undefined): number {
  if (!document) return 0;
  // where the size of the body is not known: as it is, but never more than all
  return Math.round(Math.min(size * (document.decoded ? document.bytes / document.decoded : 1), document.bytes));
}
