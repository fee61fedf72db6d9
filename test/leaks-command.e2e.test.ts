/** `pacewright leaks <url>` in real Chrome, on a small application whose routes are its own. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { html, type PageServer, servePages } from './support/pages.ts';
import { createProject } from './support/project.ts';

// A bound for what hangs: on a busy machine Chrome takes 10 s for each snapshot.
const slow = 600_000;

/** Two routes: `/leaky` keeps each of its views, `/clean` none. */
const application = html(`
  <nav><a href="/leaky">leaky</a> <a href="/clean">clean</a> <a href="/clean">again</a>
  <a href="https://example.test/">elsewhere</a> <a href="/logout">out</a> <a href="#top">top</a>
  <a href="/file" download>file</a></nav><main></main>
  <script>
    const kept = [];
    class LeakyView { constructor() { this.rows = new Array(100).fill(1); } }
    const show = () => {
      const main = document.querySelector('main');
      main.replaceChildren();
      if (location.pathname === '/') return;
      const view = document.createElement('section');
      view.textContent = location.pathname;
      main.append(view);
      if (location.pathname === '/leaky') kept.push(new LeakyView());
    };
    document.querySelector('nav').onclick = (event) => {
      const link = event.target.closest('a');
      if (!link) return;
      event.preventDefault();
      history.pushState(null, '', link.href);
      show();
    };
    addEventListener('popstate', show);
  </script>`);

let pages: PageServer;
beforeAll(async () => {
  pages = await servePages({ '/': application, '/empty': html('<p>no links</p>') });
});
afterAll(() => pages[Symbol.asyncDispose]());

test(
  'each link to the same site is a scenario; the route that leaks fails the run and is named',
  async () => {
    using project = createProject({});
    const { code, output } = await project.pacewright(['leaks', `${pages.url}/`, '--iterations', '3']);
    expect(code, output).toBe(1);
    const run = project.lastRun();
    expect(run.scenarios.map(({ title }) => title)).toEqual(['/leaky and back', '/clean and back']);
    const [leaky, clean] = run.scenarios;
    expect(leaky?.memory?.leaks.map(({ what }) => what)).toContain('LeakyView');
    expect(leaky?.memory?.returned.same, leaky?.memory?.returned.how).toBe(true);
    expect(clean?.memory?.leaks).toEqual([]);
    expect(clean?.verdicts.map(({ metric, status }) => `${metric} ${status}`)).toEqual(['leaks pass']);
    expect(run.command).toBe(`npx pacewright leaks ${pages.url}/ --iterations 3`);
    expect(output).toContain('LeakyView');
  },
  slow,
);

test('a page without links, and what is no address, are wrong input', async () => {
  using project = createProject({});
  const empty = await project.pacewright(['leaks', `${pages.url}/empty`]);
  expect(empty.code, empty.output).toBe(2);
  expect(empty.output).toContain('no visible link to another page');
  const none = await project.pacewright(['leaks', 'localhost']);
  expect(none.code, none.output).toBe(2);
  expect(none.output).toContain('is no address of a page');
});
