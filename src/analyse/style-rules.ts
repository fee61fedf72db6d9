/**
 * Where the style rules of a sheet are. Chrome's coverage says which rules were used; fonts, keyframes and comments
 * are in no rule, so to call all else unused would call a sheet with an embedded font useless.
 */

export interface TextRange {
  readonly start: number;
  readonly end: number;
}

/** At-rules that hold style rules; what others hold (`@font-face`, `@keyframes`, `@page`) no coverage tells of. */
const grouping = /^@(media|supports|layer|container|scope|starting-style|document|-moz-document)\b/i;

/** Where a string, a comment or an escape that begins at `at` ends; `at` itself where none begins there. */
function skipOpaque(text: string, at: number): number {
  const letter = text[at];
  if (letter === '\\') return at + 2;
  if (letter === '/' && text[at + 1] === '*') {
    const end = text.indexOf('*/', at + 2);
    return end < 0 ? text.length : end + 2;
  }
  if (letter !== '"' && letter !== "'") return at;
  for (let next = at + 1; next < text.length; next += 1) {
    if (text[next] === '\\') next += 1;
    // a string ends with its line: CSS Syntax 3, 4.3.5
    else if (text[next] === letter || text[next] === '\n') return next + 1;
  }
  return text.length;
}

/** Behind the brace that closes the block that begins at `at`; the end of the text where none does. */
function blockEnd(text: string, at: number): number {
  let depth = 0;
  for (let next = at; next < text.length;) {
    const behind = skipOpaque(text, next);
    if (behind > next) {
      next = behind;
      continue;
    }
    if (text[next] === '{') depth += 1;
    if (text[next] === '}') depth -= 1;
    next += 1;
    if (depth === 0) return next;
  }
  return text.length;
}

/** Selector to closing brace of each style rule, in order, those in `@media` and the like included. */
export function styleRules(text: string): TextRange[] {
  const rules: TextRange[] = [];
  let start = -1;
  for (let at = 0; at < text.length;) {
    const letter = text[at] ?? '';
    const behind = skipOpaque(text, at);
    if (behind > at) {
      // an escape may begin a selector, a comment or a string does not
      if (letter === '\\' && start < 0) start = at;
      at = behind;
    } else if (letter === '{') {
      const prelude = start < 0 ? '' : text.slice(start, Math.min(at, start + 40));
      if (grouping.test(prelude)) at += 1;
      else {
        const end = blockEnd(text, at);
        if (!prelude.startsWith('@') && start >= 0) rules.push({ start, end });
        at = end;
      }
      start = -1;
    } else if (letter === ';' || letter === '}') {
      start = -1;
      at += 1;
    } else {
      if (start < 0 && !/\s/.test(letter)) start = at;
      at += 1;
    }
  }
  return rules;
}
