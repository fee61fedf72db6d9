/** Some of the collection of leaks through the whole product, in real Chrome; `npm run bench:leaks` runs all of it. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runPacewright } from '../bench/leaks/pacewright.ts';
import { score } from '../bench/leaks/score.ts';
import { type LeakPage, leakPages } from '../examples/leaks/catalogue.ts';
import { type LeakServer, serveLeaks } from '../examples/leaks/server.ts';

// A bound for what hangs: on a busy machine Chrome takes 10 s for each snapshot.
const slow = 600_000;
const iterations = 3;
// A kind of pattern each, and the minified builds whose names only source maps know.
const leaking = ['plain/mutation-observer', 'react/hook-cache', 'vue/event-bus'];

const byName = (wanted: readonly string[]): LeakPage[] =>
  wanted.map((name) => leakPages.find(({ url }) => url === `/${name}`) ?? expect.fail(`no page ${name}`));

let server: LeakServer;
beforeAll(async () => {
  server = await serveLeaks();
}, slow);
afterAll(() => server[Symbol.asyncDispose]());

test(
  'leaks are found, with their holder, pattern and the line to mend; repaired pages have none',
  async () => {
    const urlsOf = (pages: readonly LeakPage[], end = ''): string[] => pages.map(({ url }) => server.url + url + end);
    const pages = byName(leaking);
    const urls = [...urlsOf(pages), ...urlsOf(pages, '?repaired')];
    const { answers, run } = await runPacewright(urls, iterations);
    const answer = (url: string) => answers.get(server.url + url)?.answer;
    const scores = pages.map((page) => score(page, answer(page.url), answer(`${page.url}?repaired`)));
    const good = { found: true, named: true, pattern: true, location: true, alarm: false, failed: null };
    expect(scores, run.output).toEqual(pages.map((page) => ({ page, ...good })));
    expect(run.code, run.output).toBe(1);
  },
  slow,
);
