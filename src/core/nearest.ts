import { distance } from 'fastest-levenshtein';

/** The candidate most like `name`, for "did you mean"; undefined when nothing is near enough to be a typing error. */
export function nearestName(name: string, candidates: readonly string[]): string | undefined {
  let best: { candidate: string; score: number } | undefined;
  for (const candidate of candidates) {
    const score = distance(name.toLowerCase(), candidate.toLowerCase());
    if (!best || score < best.score) best = { candidate, score };
  }
  return best && best.score <= Math.max(2, Math.ceil(name.length / 2)) ? best.candidate : undefined;
}

/** `Did you mean "x"? Allowed: a, b, c.` */
export function suggest(name: string, candidates: readonly string[]): string {
  const near = nearestName(name, candidates);
  const shown =
    candidates.slice(0, 40).join(', ') + (candidates.length > 40 ? `, and ${candidates.length - 40} more` : '');
  return `${near === undefined ? '' : `Did you mean "${near}"? `}Allowed: ${shown || 'none'}.`;
}
