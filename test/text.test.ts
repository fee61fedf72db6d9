import { describe, expect, test } from 'vitest';
import { cleanText, longestText, redactHeader, redactJson, redactText, redactUrl } from '../src/core/text.ts';

const jwt = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.abcDEF_-123';

describe('cleanText', () => {
  test.each([
    ['lines and tabs become spaces', 'one\r\n\ttwo\u2028three', 'one two three'],
    ['colours of a terminal go', '\u001b[31mred\u001b[0m \u001b[38:2:255:0:0mtoo\u001b[m', 'red too'],
    ['the title and links of a terminal cannot be set', '\u001b]0;title\u0007end', ']0;title end'],
    ['C1 controls go, the eight-bit CSI among them', 'a\u009b31mb', 'a 31mb'],
    ['text cannot be reversed', 'photo\u202egnp.exe\u202c', 'photo gnp.exe'],
    ['Arabic letter mark, isolates and old format controls', 'a\u061cb\u2066c\u2069d\u206fe', 'a b c d e'],
    ['zero width and byte order marks', 'a\u200bb\ufeffc', 'a b c'],
    ['tags of plane 14 hide ASCII', 'a\u{e0041}\u{e0042}b', 'a b'],
    ['half a surrogate pair becomes a replacement mark', 'a\ud800b', 'a\ufffdb'],
    ['other writing stays', 'Łódź 東京 \u{1f97e} العربية', 'Łódź 東京 \u{1f97e} العربية'],
  ])('%s', (_name, text, clean) => {
    expect(cleanText(text)).toBe(clean);
  });

  test('keeps what fits and says where it cut', () => {
    expect(cleanText('12345', 5)).toBe('12345');
    expect(cleanText('123456', 5)).toBe('1234…');
  });

  test('a cut through a surrogate pair leaves no half of it', () => {
    expect(cleanText('123\u{1f97e}56', 5)).toBe('123\ufffd…');
  });

  test('text that is mostly invisible does not look whole', () => {
    expect(cleanText(`end${'\u200b'.repeat(1000)}hidden`, 10)).toBe('end…');
  });
});

describe('redactUrl', () => {
  test.each([
    ['user and password', 'https://me:secret@shop.test/a', 'https://shop.test/a'],
    ['a password with an @ in it', 'https://me:sec@ret@shop.test/a', 'https://shop.test/a'],
    ['a user without a scheme', '//me:secret@shop.test/a', '//shop.test/a'],
    ['a user behind two schemes', 'view-source:https://me:secret@shop.test/', 'view-source:https://shop.test/'],
    [
      'token-like names',
      '/a?access_token=1&page=2&PHPSESSID=3&x-amz-signature=4',
      '/a?access_token=REDACTED&page=2&PHPSESSID=REDACTED&x-amz-signature=REDACTED',
    ],
    ['plain passwords', '/a?pass=1&pwd=2&user[password]=3', '/a?pass=REDACTED&pwd=REDACTED&user[password]=REDACTED'],
    ['the fragment', '/a#id_token=1&state=open', '/a#id_token=REDACTED&state=open'],
    ['a fragment that is a route', '/#/reset?code=1', '/#/reset?code=REDACTED'],
    ['matrix parameters of the path', '/shop;jsessionid=0123?page=2', '/shop;jsessionid=REDACTED?page=2'],
    ['one matrix parameter of several', '/shop;v=1;sid=2/boots', '/shop;v=1;sid=REDACTED'],
    ['an escaped name', '/a?access%5Ftok%65n=1', '/a?access%5Ftok%65n=REDACTED'],
    ['a token under an innocent name', `/a?q=${jwt}`, '/a?q=REDACTED'],
    ['a hex digest under an innocent name', `/a?q=${'0a'.repeat(16)}`, '/a?q=REDACTED'],
    ['escaped base64 under an innocent name', `/a?q=${'aB9%2B'.repeat(12)}%3D`, '/a?q=REDACTED'],
    ['a JSON web token in the path', `/reset/${jwt}/go?page=2`, '/reset/REDACTED/go?page=2'],
    ['a secret of a nested URL', '/login?next=%2Fcallback%3Fcode%3D1', '/login?next=REDACTED'],
    ['a secret two levels down', '/a?next=%252Fb%253Ftoken%253D1', '/a?next=REDACTED'],
    ['a secret beside a wrong escape', '/a?next=%E0%A4%zz%3Fcode%3D1', '/a?next=REDACTED'],
    ['the user of a nested URL', '/a?to=https%3A%2F%2Fme%3Asecret%40shop.test', '/a?to=REDACTED'],
    ['a value with an equals sign', '/a?token=a=b', '/a?token=REDACTED'],
    ['the content of a data URL', 'data:text/html;base64,PHNjcmlwdD4=', 'data:text/html,…'],
  ])('takes out %s', (_name, url, redacted) => {
    expect(redactUrl(url)).toBe(redacted);
  });

  test.each([
    'https://shop.test/@user/package@1.2.3',
    '/products?page=2&sort=price&q=red+boots&category=shoes',
    '/search?next=%2Fproducts%3Fpage%3D2',
    '/assets/index-0123456789abcdef0123456789abcdef.js?v=12',
    '/a?=b&&c#',
    '/a?token=',
  ])('leaves %s alone', (url) => {
    expect(redactUrl(url)).toBe(url);
  });

  test('a token longer than what is looked at is redacted as well', () => {
    expect(redactUrl(`/a?q=${jwt.slice(0, 40)}${'x'.repeat(5000)}.abc`)).toBe('/a?q=REDACTED…');
  });
});

describe('redactText', () => {
  test.each([
    [
      'page.goto: net::ERR_FAILED at https://me:pw@shop.test/?token=1',
      'page.goto: net::ERR_FAILED at https://shop.test/?token=REDACTED',
    ],
    ['GET /api?page=2&token=abc failed', 'GET /api?page=2&token=REDACTED failed'],
    ['Authorization: Bearer abcdefgh1234', 'Authorization: REDACTED'],
    ['sent bearer abcdefgh1234 twice', 'sent bearer REDACTED twice'],
    ['Set-Cookie: sid=1; Path=/\nnext line', 'Set-Cookie: REDACTED next line'],
    ['body {"user":"me","password":"hunter2"}', 'body {"user":"me","password":"REDACTED"}'],
    [`cannot use ${jwt} here`, 'cannot use REDACTED here'],
    ['password=hunter2, try again', 'password=REDACTED, try again'],
    ['Unexpected token } in JSON at position 4', 'Unexpected token } in JSON at position 4'],
    ['expected a=1 but got b=2 (key pressed)', 'expected a=1 but got b=2 (key pressed)'],
  ])('%s', (text, redacted) => {
    expect(redactText(text)).toBe(redacted);
  });

  test('a token that the limit cuts is redacted', () => {
    const text = `failed with eyJhbGciOiJIUzI1NiJ9.${'x'.repeat(5000)}.sig`;
    expect(redactText(text)).toBe('failed with REDACTED…');
  });
});

describe('redactHeader', () => {
  test.each([
    ['Cookie', 'a=1; theme=dark', 'REDACTED'],
    ['set-cookie', 'id=1; HttpOnly', 'REDACTED'],
    ['Authorization', 'Basic abc', 'REDACTED'],
    ['proxy-authorization', 'Digest x', 'REDACTED'],
    ['X-Api-Key', '7', 'REDACTED'],
    ['x-csrf-token', '7', 'REDACTED'],
    ['x-trace', '0a'.repeat(16), 'REDACTED'],
    ['referer', 'https://me:pw@shop.test/?token=1', 'https://shop.test/?token=REDACTED'],
    ['x-note', `bearer ${jwt}`, 'bearer REDACTED'],
    ['content-type', 'text/html; charset=utf-8', 'text/html; charset=utf-8'],
    ['cache-control', 'public, max-age=31536000', 'public, max-age=31536000'],
    ['etag', '"5f-18c"', '"5f-18c"'],
  ])('%s: %s', (name, value, redacted) => {
    expect(redactHeader(name, value)).toBe(redacted);
  });
});

// Each would take seconds, or the stack, with a pattern that goes back over what it read.
describe('10 MB of an enemy', () => {
  const size = 10_000_000;
  const fill = (part: string): string => part.repeat(size / part.length);
  test.each([
    ['one letter', fill('a')],
    ['broken escapes', fill('\u001b[')],
    ['users', `http://${fill('a@')}`],
    ['schemes', fill('a:')],
    ['hosts', fill('a.')],
    ['equals signs', `http://h/?${fill('=')}`],
    ['percent signs', `http://h/?a=${fill('%25')}`],
    ['beginnings of tokens', fill('eyJaaaaaaaa.')],
    ['beginnings of pairs', fill('"a":"')],
    ['a data URL', `data:${fill('a')}`],
    ['spaces', fill(' ')],
    ['half surrogates', fill('\ud800')],
  ])('%s', (_name, text) => {
    for (const clean of [cleanText, redactText, redactUrl, (value: string) => redactHeader('x', value)]) {
      const result = clean(text);
      expect(result.length).toBeLessThanOrEqual(longestText);
      expect(result.isWellFormed()).toBe(true);
    }
  });
});

describe('redactJson', () => {
  const event = (args: object): string => JSON.stringify({ name: 'ResourceSendRequest', args, ts: 1 });

  test.each<[string, object, object]>([
    [
      'URLs anywhere',
      {
        data: { url: 'https://me:pw@shop.test/a?token=1&page=2', stackTrace: [{ url: 'https://cdn.test/a.js?sid=1' }] },
      },
      {
        data: {
          url: 'https://shop.test/a?token=REDACTED&page=2',
          stackTrace: [{ url: 'https://cdn.test/a.js?sid=REDACTED' }],
        },
      },
    ],
    [
      'headers',
      {
        headers: [
          { name: 'Set-Cookie', value: 'a="b"; c' },
          { name: 'ETag', value: '"abc"' },
        ],
      },
      {
        headers: [
          { name: 'Set-Cookie', value: 'REDACTED' },
          { name: 'ETag', value: '"abc"' },
        ],
      },
    ],
    [
      'elements that are shown as text',
      { snippet: '<script src="/app.js?access_token=hunter2&page=2" data-x="1">' },
      { snippet: '<script src="/app.js?access_token=REDACTED&page=2" data-x="1">' },
    ],
    ['web tokens in any text', { message: `user ${jwt} "came" in` }, { message: 'user REDACTED "came" in' }],
    [
      'quotes and other writing in a URL',
      { url: 'https://shop.test/"?code=\\"1&q=東京' },
      { url: 'https://shop.test/"?code=REDACTED&q=東京' },
    ],
    [
      'what holds no secret',
      { url: 'https://shop.test/a?page=2#top', at: 1.5 },
      { url: 'https://shop.test/a?page=2#top', at: 1.5 },
    ],
  ])('%s', (_name, before, after) => {
    expect(JSON.parse(redactJson(event(before)))).toEqual(JSON.parse(event(after)));
  });

  test('is linear in the length of the text', () => {
    const long = event({ url: `https://shop.test/${'a\\"?b=c&'.repeat(100_000)}` });
    expect(() => JSON.parse(redactJson(long))).not.toThrow();
  });
});
