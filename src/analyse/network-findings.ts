/** What the network of a step costs, why, and what to try: rules on its waterfall. */
import type { Finding } from '../core/finding.ts';
import type { StepRecording } from '../core/recording.ts';
import { redactUrl } from '../core/text.ts';
import type { Waterfall } from '../core/waterfall.ts';
import { findChains, findManyRequests, findSlowResponses } from './chain-findings.ts';
import { findLateLcp, findRedirects, findRenderBlocking, findSlowLcp } from './lcp-network-findings.ts';
import { readFacts } from './network-facts.ts';
import { findFailed, findLarge, findNotCached, findThirdPartyBytes, findUncompressed } from './response-findings.ts';

export interface NetworkFindingsInput {
  readonly recording: StepRecording;
  /** Built from that recording. */
  readonly waterfall: Waterfall;
  /** Scripts and style sheets as they were delivered, unpacked, as far as they are known. */
  readonly texts: readonly { readonly url: string; readonly text: string }[];
}

/** In no particular order. What a finding explains is of this one pass. */
export function findNetworkFindings({ recording, waterfall, texts }: NetworkFindingsInput): Finding[] {
  const facts = readFacts(waterfall, recording.sample);
  const known = new Map(texts.map(({ url, text }) => [redactUrl(url), text]));
  return [
    ...findRedirects(facts),
    ...findRenderBlocking(facts),
    ...findLateLcp(facts),
    ...findSlowLcp(facts),
    ...findSlowResponses(facts),
    ...findChains(facts),
    ...findManyRequests(facts),
    ...findUncompressed(facts, known),
    ...findNotCached(facts),
    ...findFailed(facts),
    ...findLarge(facts),
    ...findThirdPartyBytes(facts),
  ];
}
