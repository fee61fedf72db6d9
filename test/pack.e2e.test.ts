/** The package as users get it: packed, installed beside Playwright in an empty project, and run there. */
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import * as z from 'zod';

const root = path.join(import.meta.dirname, '..');
const manifest = z
  .object({ version: z.string(), devDependencies: z.record(z.string(), z.string()) })
  .parse(JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')));

const files = {
  'package.json': JSON.stringify({ name: 'empty-project', private: true, type: 'module' }),
  'tsconfig.json': JSON.stringify({
    // Playwright's own declarations need @types/node to be checked; a project without it skips them.
    compilerOptions: {
      target: 'es2024',
      module: 'nodenext',
      strict: true,
      noEmit: true,
      skipLibCheck: true,
      types: [],
    },
  }),
  'types.ts': `import { defineConfig } from 'pacewright';

defineConfig({ use: { samples: 5, cache: 'warm' } });
// @ts-expect-error: where the declarations are not found, everything is allowed, and this line becomes an error
defineConfig({ use: { cache: 'lukewarm' } });
`,
  'scenarios/home.perf.ts': `import { test } from 'pacewright';

test('open the page', async ({ measure }) => {
  await measure(async ({ page, step }) => {
    await step('open', () => page.goto('/'));
  });
});
`,
  'budgets/home.json': JSON.stringify({ scenario: 'open the page', steps: { open: { 'requests.total': 5 } } }),
  'strict/home.json': JSON.stringify({ scenario: 'open the page', steps: { open: { 'requests.total': 0 } } }),
};

const server = createServer((_request, response) => {
  response.setHeader('content-type', 'text/html');
  // The icon keeps Chrome from asking for /favicon.ico. The work is there for the noise gate, which weighs the time the
  // main thread waited against the time it ran: beside the few ms of an empty page, any wait is much.
  const work = 'for (const end = performance.now() + 100; performance.now() < end; );';
  response.end(
    `<!doctype html><title>Page</title><link rel="icon" href="data:,"><h1>A page</h1><script>${work}</script>`,
  );
});

/** The project's configuration; the port is known only once the page is served. */
const config = (baseURL: string): string => `import { defineConfig } from 'pacewright';

export default defineConfig({ testDir: 'scenarios', use: { baseURL: '${baseURL}', samples: 3 } });
`;

let folder: string;

/** Runs a command in the project; asynchronous, since the page is served by this very process. */
function run(
  command: string,
  args: readonly string[],
  cwd = folder,
): Promise<{ code: number; stdout: string; output: string }> {
  const bin = path.dirname(process.execPath);
  // What this test runner sets for its own children would reach Playwright.
  const { VITEST: _vitest, NODE_ENV: _mode, FORCE_COLOR: _color, ...env } = process.env;
  return new Promise((resolve) => {
    const options = { cwd, env: { ...env, PATH: `${bin}${path.delimiter}${env['PATH'] ?? ''}` }, maxBuffer: 2 ** 26 };
    const child = execFile(command, args, options, (_error, stdout, stderr) => {
      resolve({ code: child.exitCode ?? -1, stdout, output: `${stdout}${stderr}` });
    });
  });
}

/** Like `run`, for what must work; resolves to stdout. */
async function mustRun(command: string, args: readonly string[], cwd?: string): Promise<string> {
  const { code, stdout, output } = await run(command, args, cwd);
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${code}:\n${output}`);
  return stdout;
}

const packed = z.array(z.object({ filename: z.string(), files: z.array(z.object({ path: z.string() })) }));
let contents: string[];

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'pack-'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the page is not served');
  const written = { ...files, 'playwright.config.ts': config(`http://127.0.0.1:${address.port}`) };
  for (const [file, text] of Object.entries(written)) {
    mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
    writeFileSync(path.join(folder, file), text);
  }
  const output = await mustRun('npm', ['pack', '--json', '--loglevel=error', '--pack-destination', folder], root);
  const [tar] = packed.parse(JSON.parse(output.slice(output.indexOf('['))));
  if (!tar) throw new Error(`npm pack named no file:\n${output}`);
  const tarball = path.join(folder, tar.filename);
  contents = tar.files.map((file) => file.path);
  const playwright = `@playwright/test@${manifest.devDependencies['@playwright/test']}`;
  await mustRun('npm', [
    'install',
    '--prefer-offline',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
    tarball,
    playwright,
  ]);
});

afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true, force: true });
});

test('the tarball holds the compiled package and nothing of its workshop', () => {
  expect(contents).toEqual(
    expect.arrayContaining(['package.json', 'LICENSE', 'dist/index.js', 'dist/index.d.ts', 'dist/cli.js']),
  );
  expect(
    contents.filter((file) => !/^(dist\/|schema\/|package\.json$|LICENSE$|README\.md$|CHANGELOG\.md$)/.test(file)),
  ).toEqual([]);
  expect(contents.filter((file) => /(?<!\.d)\.tsx?$/.test(file))).toEqual([]);
});

test('packing leaves no dist/ behind', () => {
  expect(existsSync(path.join(root, 'dist'))).toBe(false);
});

test('the command says its version', async () => {
  expect((await mustRun('npx', ['pacewright', '--version'])).trim()).toBe(manifest.version);
});

test('the declarations are found, and know the options', async () => {
  const compiler = path.join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  expect(await run(process.execPath, [compiler, '-p', folder])).toMatchObject({ code: 0, output: '' });
});

test('a scenario within its budget passes and leaves a report', async () => {
  const { code, output } = await run('npx', ['pacewright', 'run']);
  expect(output).toContain('open the page');
  expect(code, output).toBe(0);
  expect(existsSync(path.join(folder, 'reports', 'index.html'))).toBe(true);
  const runs = readdirSync(path.join(folder, 'reports'), { withFileTypes: true }).filter((entry) =>
    entry.isDirectory(),
  );
  expect(runs).toHaveLength(1);
  for (const { name } of runs) {
    expect(readdirSync(path.join(folder, 'reports', name))).toEqual(
      expect.arrayContaining(['index.html', 'run.json', 'samples.ndjson']),
    );
  }
});

test('a budget that is broken ends with exit code 1', async () => {
  const { code, output } = await run('npx', ['pacewright', 'run', '--budgets', 'strict']);
  expect(code, output).toBe(1);
  expect(output).toContain('requests.total');
});
