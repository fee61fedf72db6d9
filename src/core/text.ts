/**
 * The page under test is hostile input: what it says (titles, URLs, errors, selectors) passes through here before
 * it is kept. Escaping for HTML is the report's job; this makes text short, printable and free of secrets.
 */

/** The longest text of a page that is kept, in UTF-16 units; a 1 MB title says no more than its beginning. */
export const longestText = 300;

// C0, DEL, C1, line and paragraph separators, and the marks that reverse or hide text in a terminal or an editor.
// eslint-disable-next-line no-control-regex
const unprintable = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]+/g;
// eslint-disable-next-line no-control-regex
const escapeSequence = /\u001b\[[0-9;?]*[ -/]*[@-~]/g;

/** One printable line of at most `limit` characters, without half surrogate pairs. */
export function cleanText(text: string, limit = longestText): string {
  const line = text
    .slice(0, limit * 4)
    .replace(escapeSequence, '')
    .replace(unprintable, ' ')
    .trim()
    .toWellFormed();
  return line.length <= limit && text.length <= limit * 4 ? line : `${line.slice(0, limit - 1).toWellFormed()}…`;
}

const secretName = /token|secret|passw|pwd|auth|session|sid$|jwt|api[-_]?key|signature|^sig$|^key$|^code$|credential/i;
/** Long runs without a vowel pattern of words: JWTs, hex digests and base64 keys. */
const secretValue = /^(eyJ[\w-]+\.[\w-]+\.[\w-]*|[A-Fa-f0-9]{32,}|[\w+/-]{40,}={0,2})$/;

function redactParameters(part: string): string {
  return part.replace(/([^?&#=;]+)=([^&#;]*)/g, (whole, name: string, value: string) =>
    value !== '' && (secretName.test(name) || secretValue.test(value)) ? `${name}=REDACTED` : whole,
  );
}

/** A URL without credentials and without token-like query or fragment values; data URLs keep only their type. */
export function redactUrl(url: string, limit = longestText): string {
  if (/^data:/i.test(url)) return cleanText(`${/^data:[^,;]*/i.exec(url)?.[0] ?? 'data:'},…`, limit);
  const withoutUser = url.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/?#@]*@/i, '$1');
  const start = withoutUser.search(/[?#]/);
  const redacted =
    start < 0 ? withoutUser : withoutUser.slice(0, start) + redactParameters(withoutUser.slice(start, start + limit * 4));
  return cleanText(redacted, limit);
}

/** Free text (an error message, a console line) with URLs and bearer tokens redacted. */
export function redactText(text: string, limit = longestText): string {
  const short = text.slice(0, limit * 4);
  return cleanText(
    short
      .replace(/\b[a-z][a-z0-9+.-]*:\/\/[^\s"'<>)]+/gi, (url) => redactUrl(url, limit))
      .replace(/\b(bearer|basic)\s+[\w.~+/=-]{8,}/gi, '$1 REDACTED')
      .replace(/\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*/g, 'REDACTED') + (text.length > limit * 4 ? '…' : ''),
    limit,
  );
}
