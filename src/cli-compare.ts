/** The command `compare`: its arguments, and what happens in which order. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { sidesFromFolders } from './compare/folders.ts';
import { describeSide, measureSides } from './compare/measure.ts';
import { type ConfigFacts, readConfigFacts } from './compare/playwright.ts';
import { sidesFromRef } from './compare/ref.ts';
import { inSession, type Session, type World } from './compare/session.ts';
import { refuseStrayRef } from './compare/stray-ref.ts';
import { type Sides, sidesFromUrls } from './compare/sides.ts';
import { sayWhile } from './compare/waiting.ts';
import type { ComparisonSides } from './core/comparison.ts';
import { exitCodes, PacewrightError } from './core/errors.ts';
import { quoteCommand } from './reporter/command-line.ts';

interface CompareFlags {
  baseUrl?: string;
  headUrl?: string;
  baseDir?: string;
  headDir?: string;
  /** False for `--no-budgets`. */
  budgets?: string | boolean;
  pairs?: number;
  identical: 'measure' | 'skip';
  diagnose?: string;
  reports?: string;
}

function wrong(message: string, next: string): PacewrightError {
  return new PacewrightError('ARGUMENT_INVALID', message, { next });
}

const forms = '`compare <ref>`, `compare --base-url URL --head-url URL` or `compare --base-dir DIR --head-dir DIR`';

type Source =
  | { how: 'ref'; ref: string }
  | { how: 'urls'; base: string; head: string }
  | { how: 'folders'; base: string; head: string };

/**
 * What is compared, and the words that are left for Playwright.
 * @throws PacewrightError ARGUMENT_INVALID
 */
export function readSource(flags: CompareFlags, words: readonly string[]): { source: Source; words: string[] } {
  const urls = flags.baseUrl !== undefined || flags.headUrl !== undefined;
  const folders = flags.baseDir !== undefined || flags.headDir !== undefined;
  if (urls && folders) throw wrong('URLs and folders cannot be compared with each other.', `write ${forms}`);
  const samples = words.find((word) => /^--samples(=|$)/.test(word));
  if (samples !== undefined)
    throw wrong('Samples of a comparison come in pairs: there is no --samples.', 'write `--pairs <n>`');
  if (urls) {
    if (flags.baseUrl === undefined || flags.headUrl === undefined)
      throw wrong('--base-url and --head-url belong together.', `write ${forms}`);
    return { source: { how: 'urls', base: flags.baseUrl, head: flags.headUrl }, words: [...words] };
  }
  if (folders) {
    if (flags.baseDir === undefined || flags.headDir === undefined)
      throw wrong('--base-dir and --head-dir belong together.', `write ${forms}`);
    return { source: { how: 'folders', base: flags.baseDir, head: flags.headDir }, words: [...words] };
  }
  const [ref, ...rest] = words;
  if (ref === undefined || ref.startsWith('-'))
    throw wrong('It is not said what to compare with; a ref comes before all options of Playwright.', `write ${forms}`);
  return { source: { how: 'ref', ref }, words: rest };
}

async function prepareSides(session: Session, source: Source, facts: ConfigFacts): Promise<Sides> {
  switch (source.how) {
    case 'urls':
      return sayWhile(session.say, 'asking both servers', () => sidesFromUrls(source.base, source.head));
    case 'folders':
      return sayWhile(session.say, 'copying and compressing both folders', () =>
        sidesFromFolders(session, source, facts.baseUrls[0]),
      );
    case 'ref':
      return sidesFromRef(session, source.ref, facts);
  }
}

function readBudgetsPlace(world: World, place: CompareFlags['budgets']): string | undefined {
  if (typeof place !== 'string') return undefined;
  const budgets = path.resolve(world.cwd, place);
  if (existsSync(budgets)) return budgets;
  throw new PacewrightError('BUDGETS_NOT_FOUND', `There is no budget folder or file ${place}.`, {
    next: 'correct `--budgets`; a budget is a JSON file, see the README',
  });
}

/** The command that repeats this comparison. */
function repeatCommand(flags: CompareFlags, words: readonly string[]): string {
  const option = (name: string, value: string | number | undefined): string[] =>
    value === undefined ? [] : [name, String(value)];
  return quoteCommand([
    'npx',
    'pacewright',
    'compare',
    ...option('--base-url', flags.baseUrl),
    ...option('--head-url', flags.headUrl),
    ...option('--base-dir', flags.baseDir),
    ...option('--head-dir', flags.headDir),
    ...(flags.budgets === false ? ['--no-budgets'] : []),
    ...option('--budgets', typeof flags.budgets === 'string' ? flags.budgets : undefined),
    ...option('--pairs', flags.pairs),
    ...(flags.identical === 'measure' ? ['--identical', 'measure'] : []),
    ...option('--diagnose', flags.diagnose),
    ...words,
  ]);
}

async function compare(world: World, flags: CompareFlags, given: readonly string[]): Promise<number> {
  const { source, words } = readSource(flags, given);
  const budgets = readBudgetsPlace(world, flags.budgets);
  return inSession(world, async (session) => {
    const facts = await readConfigFacts(session.ledger, words, world, (files) =>
      refuseStrayRef({ how: source.how, words }, files, world),
    );
    if (!facts) return exitCodes.inputWrong;
    const { base, head } = await prepareSides(session, source, facts);
    const sides: ComparisonSides = {
      how: source.how,
      base,
      head,
      budgets: flags.budgets !== false,
      identical: flags.identical,
      pairs: flags.pairs ?? null,
    };
    for (const variant of ['base', 'head'] as const) world.say(`${variant}  ${describeSide(sides[variant])}`);
    return measureSides(session, sides, words, {
      PACEWRIGHT_COMMAND: repeatCommand(flags, given),
      // Our reporter says so as well, but `--reporter=blob` leaves it out.
      PACEWRIGHT_SCENARIOS: String(facts.scenarios),
      ...(budgets === undefined ? {} : { PACEWRIGHT_BUDGETS: budgets }),
      ...(flags.diagnose === undefined ? {} : { PACEWRIGHT_DIAGNOSE: flags.diagnose }),
      ...(flags.reports === undefined ? {} : { PACEWRIGHT_REPORTS: path.resolve(world.cwd, flags.reports) }),
    });
  });
}

/** The same for every command that measures. */
export function diagnoseOption(): Option {
  return new Option('--diagnose <what>', 'which steps are run again to find causes').choices([
    'all',
    'failures',
    'off',
  ]);
}

function readIdentical(text: string): 'measure' | 'skip' {
  if (text === 'measure' || text === 'skip') return text;
  throw new InvalidArgumentError('allowed: measure, skip.');
}

/** Adds the command to the program; `finish` gets its exit code. */
export function addCompareCommand(
  program: Command,
  world: World,
  readers: { wholeNumber: (text: string) => number; finish: (code: number) => void },
): void {
  program
    .command('compare')
    .description('measure two builds in turns and say what changed; all other arguments go to `playwright test`')
    .usage('<ref> | --base-url <url> --head-url <url> | --base-dir <folder> --head-dir <folder> [options]')
    .option('--base-url <url>', 'where base is served, with --head-url')
    .option('--head-url <url>', 'where head is served')
    .option('--base-dir <folder>', 'static files of base, with --head-dir')
    .option('--head-dir <folder>', 'static files of head')
    .option('--budgets <place>', 'folder or file with budgets, instead of the one of the config')
    .option('--no-budgets', 'compare only: no absolute limits')
    .option('--pairs <n>', 'exactly so many pairs a scenario', readers.wholeNumber)
    .option('--identical <what>', 'builds that serve the same bytes: measure, skip', readIdentical, 'skip')
    .addOption(diagnoseOption())
    .option('--reports <folder>', 'where run folders are written')
    .allowUnknownOption()
    .argument('[ref]', 'branch, tag or commit to compare the working copy with')
    .argument('[playwright...]', 'files, --grep, --project, --shard and so on')
    .action(async (_ref: string | undefined, _words: string[], flags: CompareFlags, command: Command) =>
      readers.finish(await compare(world, flags, command.args)),
    );
}
