/** Base and head as URLs that somebody else serves. */
import type { ComparisonSides } from '../core/comparison.ts';
import { PacewrightError } from '../core/errors.ts';
import { askServer } from './answer.ts';

export type Sides = Pick<ComparisonSides, 'base' | 'head'>;

// A server that was just deployed may take its time for the first request.
const firstAnswer = 30_000;

function readUrl(option: string, text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url && (url.protocol === 'http:' || url.protocol === 'https:')) return url.href;
  throw new PacewrightError('ARGUMENT_INVALID', `${option} ${text} is no http or https URL.`, {
    next: `give it in full: ${option} https://main.example.com`,
  });
}

/**
 * @throws PacewrightError ARGUMENT_INVALID for what is no URL, PAGE_UNREACHABLE where nothing answers
 */
export async function sidesFromUrls(base: string, head: string): Promise<Sides> {
  const [baseUrl, headUrl] = [readUrl('--base-url', base), readUrl('--head-url', head)];
  for (const [option, url] of [
    ['--base-url', baseUrl],
    ['--head-url', headUrl],
  ] as const) {
    const answer = await askServer(url, firstAnswer);
    if ('failure' in answer) {
      throw new PacewrightError('PAGE_UNREACHABLE', `Nothing answers at ${url} (${answer.failure}).`, {
        next: `start the server, or correct ${option}`,
      });
    }
  }
  return {
    base: { label: base, url: baseUrl, commit: null, dirty: false },
    head: { label: head, url: headUrl, commit: null, dirty: false },
  };
}
