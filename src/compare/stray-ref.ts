/** A second ref among the words for Playwright, which would take it for a filter of files and find no tests. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import type { ComparisonSides } from '../core/comparison.ts';
import { PacewrightError } from '../core/errors.ts';
import { findRef } from './repository.ts';

/** The words that are no options, nor may be the value of one: `--grep main` names no branch. */
function fileFilters(words: readonly string[]): string[] {
  return words.filter((word, at) => !word.startsWith('-') && !/^-[^=]*$/.test(words[at - 1] ?? ''));
}

/**
 * Whether a word is there to choose files: a regular expression, with a line maybe. Playwright holds it against the whole
 * path; one that is found only in the part which all files share chooses nothing.
 */
function chooses(word: string, files: readonly string[], cwd: string): boolean {
  try {
    const pattern = new RegExp(word.replace(/(:\d+){1,2}$/, ''), 'i');
    const isPath = /[/\\]/.test(word);
    return files.some((file) => pattern.test(isPath ? file : path.relative(cwd, file)));
  } catch {
    return false;
  }
}

/**
 * A word that names a file, or chooses scenario files, is for Playwright, whatever branches there are; any other that
 * git knows as a commit was meant as a side of the comparison.
 * @param files absolute paths of the scenario files that are to run
 * @throws PacewrightError ARGUMENT_INVALID
 */
export function refuseStrayRef(
  { how, words }: { readonly how: ComparisonSides['how']; readonly words: readonly string[] },
  files: readonly string[],
  { cwd, env }: { readonly cwd: string; readonly env: NodeJS.ProcessEnv },
): void {
  const stray = fileFilters(words).find(
    (word) =>
      !existsSync(path.resolve(cwd, word)) &&
      !chooses(word, files, cwd) &&
      findRef({ folder: cwd, env }, word) !== undefined,
  );
  if (stray === undefined) return;
  const options = how === 'urls' ? ['--base-url URL', '--head-url URL'] : ['--base-dir DIR', '--head-dir DIR'];
  const pair = `\`compare ${options.join(' ')}\``;
  throw new PacewrightError(
    'ARGUMENT_INVALID',
    how === 'ref'
      ? `"${stray}" is a second ref: \`compare\` takes one, that of base; head is the working copy.`
      : `"${stray}" is a ref beside ${options.map((option) => option.split(' ')[0]).join(' and ')}, which name both sides already.`,
    {
      next:
        how === 'ref'
          ? `name base alone, with ${stray} checked out (git switch --detach ${stray}) as the working copy; or compare two builds with ${pair}`
          : `write either \`compare ${stray}\`, against the working copy, or ${pair}`,
    },
  );
}
