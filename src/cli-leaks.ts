/** The command `leaks`: looks for memory leaks of a page that has no scenario, by going to its links and back. */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Command, InvalidArgumentError } from 'commander';
import { createWorkFolder } from './browser/abandoned.ts';
import { becomePlaywright } from './cli-playwright.ts';
import { PacewrightError } from './core/errors.ts';
import { redactUrl } from './core/text.ts';
import { quoteCommand } from './reporter/command-line.ts';
import { findLinks } from './visit/find-links.ts';
import { rememberPlan, type VisitPlan } from './visit/plan.ts';

interface World {
  readonly out: (text: string) => void;
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
}

interface Flags {
  links: number;
  iterations?: number;
  click?: string[];
  budgets?: string;
  reports?: string;
}

/** Each link takes the time of a scenario, a quarter of a minute or so. */
const defaultLinks = 10;
const fewestIterations = 3;

const ending = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
const config = fileURLToPath(new URL(`./visit/playwright.config.${ending}`, import.meta.url));

function readUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url && /^https?:$/.test(url.protocol)) return url.href;
  throw new PacewrightError('ARGUMENT_INVALID', `"${redactUrl(text)}" is no address of a page.`, {
    next: 'write it whole: npx pacewright leaks http://localhost:3000/',
  });
}

function repeatCommand(url: string, flags: Flags): string {
  return quoteCommand([
    ...['npx', 'pacewright', 'leaks', redactUrl(url)],
    ...(flags.links === defaultLinks ? [] : ['--links', String(flags.links)]),
    ...(flags.iterations === undefined ? [] : ['--iterations', String(flags.iterations)]),
    ...(flags.click ?? []).flatMap((selector) => ['--click', selector]),
    ...(flags.budgets === undefined ? [] : ['--budgets', flags.budgets]),
  ]);
}

/** What there is to do on the page. @throws PacewrightError ARGUMENT_INVALID where nothing is */
async function makePlan(world: World, url: string, flags: Flags): Promise<Omit<VisitPlan, 'output'>> {
  const iterations = flags.iterations ?? null;
  const clicks = flags.click ?? [];
  if (clicks.length > 0) return { url, links: [], clicks, iterations };
  world.out(`looking for links on ${redactUrl(url)}`);
  const found = await findLinks(url, flags.links);
  if (found.links.length > 0) return { ...found, clicks, iterations };
  throw new PacewrightError(
    'ARGUMENT_INVALID',
    `${redactUrl(found.url)} has no visible link to another page of its site.`,
    {
      next: 'name what to click instead, `--click "#open" --click "#close"`, or write a scenario with detectLeaks',
    },
  );
}

async function leaks(world: World, address: string, flags: Flags): Promise<void> {
  const url = readUrl(address);
  if (flags.budgets !== undefined) {
    const budgets = path.resolve(world.cwd, flags.budgets);
    if (!existsSync(budgets)) {
      throw new PacewrightError('BUDGETS_NOT_FOUND', `There is no budget folder or file ${flags.budgets}.`, {
        next: 'correct `--budgets`; a budget is a JSON file, see the README',
      });
    }
    world.env['PACEWRIGHT_BUDGETS'] = budgets;
  }
  const plan = await makePlan(world, url, flags);
  // Removed when this process ends. Playwright empties its own folder first.
  const { folder } = createWorkFolder();
  rememberPlan(world.env, { ...plan, output: path.join(folder, 'playwright') });
  world.env['PACEWRIGHT_REPORTS'] = path.resolve(world.cwd, flags.reports ?? 'reports');
  world.env['PACEWRIGHT_REPOSITORY'] = world.cwd;
  world.env['PACEWRIGHT_COMMAND'] = repeatCommand(url, flags);
  // The same Playwright that our fixtures have: another copy would know nothing of their tests.
  const cli = createRequire(import.meta.url).resolve('@playwright/test/cli');
  await becomePlaywright(cli, ['--config', config]);
}

function wholeNumber(least: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!Number.isInteger(value) || value < least)
      throw new InvalidArgumentError(`a whole number of at least ${least} is needed.`);
    return value;
  };
}

export function addLeaksCommand(program: Command, world: World): void {
  program
    .command('leaks')
    .description('look for memory leaks of a page: go to each of its links and back, again and again')
    .argument('<url>', 'the page')
    .option('--links <n>', 'follow so many links at most', wholeNumber(1), defaultLinks)
    .option('--click <selector>', 'click this instead; given several times, one after the other as one action', collect)
    .option('--iterations <n>', 'repeat each so often', wholeNumber(fewestIterations))
    .option('--budgets <place>', 'folder or file with budgets; without one no leak is allowed')
    .option('--reports <folder>', 'where run folders are written')
    .action((url: string, flags: Flags) => leaks(world, url, flags));
}

function collect(word: string, before: string[] | undefined): string[] {
  return [...(before ?? []), word];
}
