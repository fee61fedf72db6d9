/**
 * When a step has settled: the document has loaded, no request is open, no long task ran lately, and a frame was
 * painted after all that. Events decide; the wait is bounded, and says what it was waiting for when it gives up.
 */

/** What the page says after its next two frames. */
export interface PageCalm {
  readonly readyState: string;
  /** ms since the last long task ended; null if there was none. */
  readonly sinceLongTask: number | null;
  /** False where no frame came within a second: a hidden page does not paint. */
  readonly painted: boolean;
}

export interface SettleWorld {
  /** Requests under way, as a person would name them. */
  openRequests(): readonly string[];
  /** ms since the last request started or ended; Infinity if there was none. */
  sinceNetwork(): number;
  /** Resolves when a request starts or ends, or after `ms`. */
  networkChange(ms: number): Promise<void>;
  /** Asks the page after its next paint; undefined while a navigation replaces the document. */
  calm(limit: number): Promise<PageCalm | undefined>;
  now(): number;
}

export interface Settled {
  readonly waited: number;
  readonly timedOut: boolean;
  readonly waitingFor: string[];
}

function pending(world: SettleWorld, calm: PageCalm | undefined, quiet: number): string[] {
  const reasons: string[] = [];
  if (!calm) reasons.push('the page to answer (a navigation or a long task is under way)');
  else if (calm.readyState !== 'complete') reasons.push(`the load event (document is ${calm.readyState})`);
  const open = world.openRequests();
  if (open.length > 0) {
    const more = open.length > 3 ? `, and ${open.length - 3} more` : '';
    reasons.push(`${open.length} open request${open.length > 1 ? 's' : ''}: ${open.slice(0, 3).join(', ')}${more}`);
  } else if (world.sinceNetwork() < quiet) {
    reasons.push(`${quiet} ms without a request`);
  }
  if (calm && calm.sinceLongTask !== null && calm.sinceLongTask < quiet)
    reasons.push(`${quiet} ms without a long task`);
  return reasons;
}

/**
 * Waits until the page is quiet for `quiet` ms, `timeout` ms at most.
 * The quiet time is a condition on events (nothing started or ended), not a pause.
 */
export async function settle(world: SettleWorld, limits: { quiet: number; timeout: number }): Promise<Settled> {
  const start = world.now();
  const elapsed = (): number => world.now() - start;
  let reasons: string[] = [];
  while (elapsed() < limits.timeout) {
    const left = limits.timeout - elapsed();
    if (world.openRequests().length > 0) {
      await world.networkChange(left);
      reasons = pending(world, { readyState: 'complete', sinceLongTask: null, painted: true }, limits.quiet);
      continue;
    }
    const calm = await world.calm(left);
    // No answer because the time is up says less than the answer before it.
    if (!calm && elapsed() >= limits.timeout && reasons.length > 0) break;
    reasons = pending(world, calm, limits.quiet);
    if (reasons.length === 0) return { waited: elapsed(), timedOut: false, waitingFor: [] };
    const rest = Math.max(limits.quiet - world.sinceNetwork(), limits.quiet - (calm?.sinceLongTask ?? limits.quiet), 4);
    await world.networkChange(Math.min(rest, limits.timeout - elapsed()));
  }
  return {
    waited: elapsed(),
    timedOut: true,
    waitingFor: reasons.length > 0 ? reasons : pending(world, undefined, limits.quiet),
  };
}
