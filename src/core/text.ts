/**
 * The page under test is hostile input: what it says (titles, URLs, errors, selectors) passes through here before
 * it is kept. Escaping for HTML is the report's job; this makes text short, printable and free of secrets.
 */

/** The longest text of a page that is kept, in UTF-16 units; a 1 MB title says no more than its beginning. */
export const longestText = 300;

// C0, DEL, C1, line and paragraph separators, and the marks that reverse or hide text in a terminal or an editor: zero
// width and bidirectional controls, interlinear annotations, and the tags of plane 14, which say ASCII unseen.
const unprintable =
  // eslint-disable-next-line no-control-regex
  /[\u0000-\u001f\u007f-\u009f\u061c\u180e\u2028\u2029\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]+/gu;
// CSI: parameter bytes 0x30 to 0x3f, intermediate 0x20 to 0x2f, one final byte (ECMA-48, 5.4).
// eslint-disable-next-line no-control-regex
const escapeSequence = /\u001b\[[0-?]*[ -/]*[@-~]/g;

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

const secretName =
  /token|secret|pass(w|phrase|$)|pwd|auth|session|sid$|jwt|bearer|csrf|xsrf|saml|signature|^sig$|^code$|^otp$|^ticket$|credential|(^|api|access|private|secret|[-_.])key(id)?$/i;
/** A JWT or JWE, whole or cut short: `eyJ` is base64 for `{"`. */
const webToken = /\beyJ[\w-]{8,}\.[\w-]*(\.[\w-]*){0,3}/g;
/** Values that look like keys whatever their name: hex digests, and long runs of base64. */
const secretValue = /^([A-Fa-f0-9]{32,}|[\w+/-]{40,}={0,2})$/;
/** User and password: all up to the last @ before the path, as browsers read it. */
// Bounded, since each repetition of a group takes a place on the stack: `a:a:a:…` of 10 MB would overflow it.
const userInfo = /^((?:[a-z][a-z0-9+.-]{0,30}:){0,4}\/\/)[^/?#]*@/i;

const redacted = 'REDACTED';
// `?next=` may hold a URL, which holds another; nobody nests deeper by accident.
const deepest = 3;

/** Percent-encoded ASCII decoded. Not decodeURIComponent: one wrong escape would make it give up on the rest. */
function decode(text: string): string {
  return text.replace(/%([0-7][\da-f])/gi, (_whole, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

function isSecret(value: string): boolean {
  let plain = value;
  for (let depth = 0; depth < deepest; depth += 1) {
    if (secretValue.test(plain) || userInfo.test(plain) || redactParts(plain) !== plain) return true;
    const decoded = decode(plain);
    if (decoded === plain) return false;
    plain = decoded;
  }
  return false;
}

/** `name=value` between separators; linear in the length of the text, whatever it holds. */
function redactParts(text: string): string {
  return text.replaceAll(webToken, redacted).replace(/[^?&#;]+/g, (part) => {
    const equals = part.indexOf('=');
    if (equals <= 0) return part;
    const name = part.slice(0, equals);
    const value = part.slice(equals + 1);
    if (value === '' || value === redacted) return part;
    return secretName.test(decode(name)) || isSecret(value) ? `${name}=${redacted}` : part;
  });
}

/**
 * A URL without credentials, without token-like values in query, fragment or matrix parameters (`;jsessionid=`), and
 * without JSON web tokens anywhere; data URLs keep only their type.
 */
export function redactUrl(url: string, limit = longestText): string {
  if (/^\s*data:/i.test(url)) return cleanText(`${/^\s*data:[^,;]{0,100}/i.exec(url)?.[0] ?? 'data:'},…`, limit);
  const withoutUser = url.trimStart().replace(userInfo, '$1');
  // The slice may cut a secret short, far beyond what is shown; parts of one are redacted too.
  const short = withoutUser.slice(0, limit * 4);
  return cleanText(redactParts(short) + (withoutUser.length > short.length ? '…' : ''), limit);
}

const urlInText = /\b[a-z][a-z0-9+.-]{0,30}:\/\/[^\s"'<>)]+/gi;
const header = /\b((?:set-)?cookie|(?:proxy-)?authorization)(["']?\s*[:=]\s*)[^\r\n]+/gi;
const scheme = /\b(bearer|basic)\s+[\w.~+/=-]{8,}/gi;
/** `name=value`, `"name": "value"`, in relative URLs, dumps of forms and JSON. */
const pair = /(?<![\w.-])([\w.-]{1,60})(=|["']\s*:\s*["'])([^\s"'<>()&;,]+)/g;

/** Free text (an error message, a console line): URLs, headers with secrets, tokens and `password=…` redacted. */
export function redactText(text: string, limit = longestText): string {
  const short = text.slice(0, limit * 4);
  return cleanText(
    short
      .replace(urlInText, (url) => redactUrl(url, limit))
      .replace(header, `$1$2${redacted}`)
      .replace(scheme, `$1 ${redacted}`)
      .replace(webToken, redacted)
      .replace(pair, (whole, name: string, between: string) =>
        secretName.test(name) ? `${name}${between}${redacted}` : whole,
      ) + (text.length > limit * 4 ? '…' : ''),
    limit,
  );
}

/** The value of an HTTP header: of cookies, authorization and keys nothing is kept. */
export function redactHeader(name: string, value: string, limit = longestText): string {
  const named = name.slice(0, longestText);
  const secret =
    /cookie|authori[sz]ation/i.test(named) || secretName.test(named) || secretValue.test(value.slice(0, limit * 4));
  return secret ? redacted : redactText(value, limit);
}

/** The inside of a JSON string. */
const inString = String.raw`[^"\\]*(?:\\.[^"\\]*)*`;
const urlString = new RegExp(`"[a-z][a-z0-9+.-]{0,30}://${inString}"`, 'gi');
const headerEntry = new RegExp(`("name":"(${inString})","value":)"(${inString})"`, 'g');
/** `name=value` in other strings: in the address of an element that is shown as text, say. */
const assignment = /(?<![\w.-])([\w.-]{1,60})=([^\s"'<>()&;,\\]+)/g;
/** What a URL has in it where there is something to redact. */
const suspicious = /[?#@;]|eyJ/;
/** Longer than any URL that a server answers to. */
const longestUrl = 100_000;

/**
 * JSON text of Chrome's own (a line of a trace) with secrets redacted in its strings: URLs, values of HTTP headers, web
 * tokens and `password=…`. Nothing is shortened, and the text stays what it was to a parser.
 */
export function redactJson(text: string): string {
  return text
    .replace(headerEntry, (whole, start: string, name: string, value: string) =>
      redactHeader(name, value, longestUrl) === redacted ? `${start}"${redacted}"` : whole,
    )
    .replace(urlString, (whole) => {
      if (!suspicious.test(whole)) return whole;
      try {
        const url = JSON.parse(whole) as string;
        const shown = redactUrl(url, longestUrl);
        return shown === url ? whole : JSON.stringify(shown);
      } catch {
        // escapes that JSON does not know
        return `"${redacted}"`;
      }
    })
    .replace(assignment, (whole, name: string) => (secretName.test(name) ? `${name}=${redacted}` : whole))
    .replace(webToken, redacted);
}
