/**
 * How many leaks of the collection (examples/leaks) Pacewright finds, whether it names what holds them, their pattern
 * and the place to mend, and whether it finds any on the repaired twins and the clean pages. What is judged is the leak
 * that it puts first.
 *
 *     npm run bench:leaks                     all pages, in one run
 *     npm run bench:leaks -- react/ promise   pages with one of these in their names
 *     npm run bench:leaks -- --verbose …      with the leaks themselves
 */
import { parseArgs } from 'node:util';
import { leakPages } from '../examples/leaks/catalogue.ts';
import { serveLeaks } from '../examples/leaks/server.ts';
import { runPacewright } from './leaks/pacewright.ts';
import { describeRows, score, summariseRows, summaryHead } from './leaks/score.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { verbose: { type: 'boolean', default: false }, iterations: { type: 'string', default: '7' } },
});

const pages = leakPages.filter(
  ({ kit, name }) => positionals.length === 0 || positionals.some((word) => `${kit}/${name}`.includes(word)),
);
await using server = await serveLeaks();
const twin = ({ url, truth }: (typeof pages)[number]): string => `${server.url}${url}${truth ? '?repaired' : ''}`;
const leaking = ({ url }: (typeof pages)[number]): string => `${server.url}${url}`;
const urls = [...new Set(pages.flatMap((page) => [leaking(page), twin(page)]))];
const { answers, run } = await runPacewright(urls, Number(values.iterations));

const rows = pages.map((page) =>
  score(page, page.truth ? answers.get(leaking(page))?.answer : undefined, answers.get(twin(page))?.answer),
);
if (values.verbose) {
  for (const url of urls) {
    for (const leak of answers.get(url)?.leaks ?? []) {
      console.log(`\n${url}\n  ${leak.title}\n  ${leak.pattern}, confidence ${leak.confidence.toFixed(2)}`);
      for (const { edge, name, what, location } of leak.path)
        console.log(`    ${edge} ${name} → ${what}${location ? ` @ ${location.file}:${location.line}` : ''}`);
      console.log(
        `  mend ${leak.location ? `${leak.location.file}:${leak.location.line}` : 'unknown'}: ${leak.advice}`,
      );
    }
  }
}
console.log(`\n${describeRows(rows).join('\n')}\n`);
const more = [(run.seconds / urls.length).toFixed(1), `${Math.round(run.peak / 1e6)} MB`];
console.log(`${summaryHead}\n${summariseRows('Pacewright', rows, more)}`);
console.log(`\n${urls.length} pages in ${run.seconds.toFixed(0)} s, exit code ${run.code}`);
