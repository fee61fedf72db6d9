/**
 * Whether a source nests so deep that a recursive parser could use up its stack. That of oxc is native code, where
 * this ends the process: seen with oxc-parser 0.150 from some 4,000 open brackets, 15,000 words or 50,000 operators
 * in a chain on; in a thread with a smaller stack from fewer. Source maps are a page's, and may hold anything.
 */

const deepest = 500;
// What a link of a chain weighs, by how much stack the parser was seen to take for it.
const wordWeight = 1 / 3;
const operatorWeight = 1 / 10;

/** Words after which another statement, expression or type nests: `if (a) if (b)`, `new new`, `keyof keyof`. */
const nestingWord =
  /^(if|else|for|while|do|with|new|typeof|void|delete|await|yield|async|keyof|infer|extends|unique|readonly|asserts|is)$/;
/** After these a slash begins a regular expression, and does not divide. */
const beforeRegExp = /^(return|typeof|case|in|of|delete|void|throw|new|do|else|instanceof|await|yield)$/;

const isWord = (code: number): boolean =>
  (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || (code >= 48 && code <= 57) || code === 36 || code === 95;

/** Counts what is open at once: brackets, and in each the chain of words and operators that no separator ended. */
export function nestsTooDeep(source: string): boolean {
  let total = 0;
  let chain = 0;
  let words = 0;
  /** Chain and words around each open bracket, and whether it is the `${` of a template. */
  const open: [number, number, boolean][] = [];
  let dividable = false;
  let at = 0;
  while (at < source.length && total <= deepest) {
    const char = source[at] as string;
    const code = source.charCodeAt(at);
    at += 1;
    if (code <= 32) continue;
    if (isWord(code)) {
      const from = at - 1;
      while (at < source.length && isWord(source.charCodeAt(at))) at += 1;
      const word = at - from > 12 ? '' : source.slice(from, at);
      dividable = !beforeRegExp.test(word);
      if (nestingWord.test(word)) {
        words += wordWeight;
        total += wordWeight;
      }
      continue;
    }
    if (char === '/' && (source[at] === '/' || source[at] === '*')) {
      at = skipComment(source, at);
      continue;
    }
    if (char === '/' && !dividable) {
      at = skipRegExp(source, at);
      dividable = true;
      continue;
    }
    if (char === '"' || char === "'") {
      at = skipString(source, at, char);
      dividable = true;
      continue;
    }
    let template = char === '`';
    if (char === '(' || char === '[' || char === '{') {
      open.push([chain, words, false]);
      [chain, words] = [0, 0];
      total += 1;
    } else if (char === ')' || char === ']' || char === '}') {
      const outer = open.pop();
      total -= chain + words + (outer ? 1 : 0);
      [chain, words, template] = outer ?? [0, 0, false];
      if (char === '}' && !template) {
        // A block ends a statement, but not what `else` and `for` nest in.
        total -= chain;
        chain = 0;
      }
    } else if (char === ';') {
      total -= chain + words;
      [chain, words] = [0, 0];
    } else if (char === ',') {
      total -= chain;
      chain = 0;
    } else if (!template) {
      const weight = '?=:<'.includes(char) ? wordWeight : operatorWeight;
      chain += weight;
      total += weight;
    }
    dividable = char === ')' || char === ']' || char === '}' || template;
    if (!template) continue;
    at = skipTemplate(source, at);
    if (source[at - 1] === '{') {
      open.push([chain, words, true]);
      [chain, words] = [0, 0];
      total += 1;
      dividable = false;
    }
  }
  return total > deepest;
}

function skipComment(source: string, at: number): number {
  const end = source[at] === '/' ? source.indexOf('\n', at) : source.indexOf('*/', at + 1);
  return end < 0 ? source.length : end + 1 + (source[at] === '*' ? 1 : 0);
}

/** Beyond the quote; where the line ends without one, as an apostrophe in the text of JSX, nothing is skipped. */
function skipString(source: string, from: number, quote: string): number {
  for (let at = from; at < source.length; at += 1) {
    const char = source[at];
    if (char === '\\') at += 1;
    else if (char === quote) return at + 1;
    else if (char === '\n') return from;
  }
  return from;
}

function skipRegExp(source: string, from: number): number {
  let inClass = false;
  for (let at = from; at < source.length; at += 1) {
    const char = source[at];
    if (char === '\\') at += 1;
    else if (char === '\n') return from;
    else if (char === '[') inClass = true;
    else if (char === ']') inClass = false;
    else if (char === '/' && !inClass) return at + 1;
  }
  return from;
}

/** Beyond the closing backtick, or beyond `${`. */
function skipTemplate(source: string, from: number): number {
  for (let at = from; at < source.length; at += 1) {
    const char = source[at];
    if (char === '\\') at += 1;
    else if (char === '`') return at + 1;
    else if (char === '$' && source[at + 1] === '{') return at + 2;
  }
  return source.length;
}
