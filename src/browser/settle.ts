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

/** ms after which a page that has not loaded, or does not answer, is asked again. */
const recheck = 50;

function describeRequests(open: readonly string[]): string {
  const more = open.length > 3 ? `, and ${open.length - 3} more` : '';
  return `${open.length} open request${open.length > 1 ? 's' : ''}: ${open.slice(0, 3).join(', ')}${more}`;
}

/** Why the page is not calm yet, and in how many ms to ask again; undefined when it is calm. */
function findUnrest(calm: PageCalm | undefined, quiet: number): { reason: string; again: number } | undefined {
  if (!calm) return { reason: 'the page to answer (a navigation or a long task is under way)', again: recheck };
  if (calm.readyState !== 'complete')
    return { reason: `the load event (document is ${calm.readyState})`, again: recheck };
  if (calm.sinceLongTask === null || calm.sinceLongTask >= quiet) return undefined;
  return { reason: `${quiet} ms without a long task`, again: quiet - calm.sinceLongTask };
}

/**
 * Waits until the page is quiet for `quiet` ms after the step's actions, `timeout` ms at most. The quiet time is a
 * condition on events (nothing started or ended), not a pause: what an action sets off a little later still belongs to
 * its step. The page itself is asked last and as seldom as possible, since every answer costs it a frame.
 */
export async function settle(world: SettleWorld, limits: { quiet: number; timeout: number }): Promise<Settled> {
  const { quiet, timeout } = limits;
  const start = world.now();
  const elapsed = (): number => world.now() - start;
  let reason = '';
  let answered = '';
  while (elapsed() < timeout) {
    const open = world.openRequests();
    const rest = quiet - Math.min(world.sinceNetwork(), elapsed());
    if (open.length > 0 || rest > 0) {
      reason = open.length > 0 ? describeRequests(open) : `${quiet} ms without a request`;
      await world.networkChange(Math.min(open.length > 0 ? timeout : rest, timeout - elapsed()));
      continue;
    }
    const calm = await world.calm(timeout - elapsed());
    const unrest = findUnrest(calm, quiet);
    // No answer because the time is up says less than the answer before it.
    if (unrest) reason = calm || answered === '' ? unrest.reason : answered;
    if (calm && unrest) answered = unrest.reason;
    if (!unrest && world.openRequests().length === 0 && world.sinceNetwork() >= quiet) {
      return { waited: elapsed(), timedOut: false, waitingFor: [] };
    }
    if (!unrest) continue;
    await world.networkChange(Math.min(unrest.again, timeout - elapsed()));
  }
  return { waited: elapsed(), timedOut: true, waitingFor: [reason] };
}
