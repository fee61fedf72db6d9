/** What Playwright's command line says about a run. Pure. */

/** Options of `playwright test` (1.65) that need a value and leave the choice of tests alone. */
const valued = new Set([
  '--add-reporter',
  '--browser',
  '-c',
  '--config',
  '--global-timeout',
  '-j',
  '--last-failed-file',
  '--output',
  '--repeat-each',
  '--reporter',
  '--retries',
  '--run-agents',
  '--timeout',
  '--trace',
  '--tsconfig',
  '--ui-host',
  '--ui-port',
  '--update-source-method',
  '--workers',
]);
/** Options that leave tests out, or may stop before the last; short ones with their value in the same word too. */
const selecting =
  /^(-[gGx]|--(grep|grep-invert|shard|last-failed|only-changed|project|test-list|test-list-invert|max-failures|debug|ui)(=|$))/;

/**
 * Whether the run holds every test of the suite, so that a budget whose scenario is not among them is a mistake.
 * Sees files named on the command line, filters, and shards.
 */
export function seesWholeSuite(argv: readonly string[], sharded: boolean): boolean {
  if (sharded) return false;
  const start = argv.indexOf('test');
  if (start < 0) return false;
  for (let index = start + 1; index < argv.length; index += 1) {
    const word = argv[index] ?? '';
    // After `--` every word is a file.
    if (word === '--') return index === argv.length - 1;
    if (selecting.test(word)) return false;
    if (valued.has(word)) index += 1;
    else if (!word.startsWith('-')) return false;
  }
  return true;
}

function quote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}

/** Words as a POSIX shell takes them. */
export function quoteCommand(words: readonly string[]): string {
  return words.map(quote).join(' ');
}

/** The command that repeats this run: our own where there is one, else Playwright's, by name instead of by path. */
export function describeCommand(argv: readonly string[], env: NodeJS.ProcessEnv = {}): string {
  const ours = env['PACEWRIGHT_COMMAND'];
  if (ours) return ours;
  const start = argv.findIndex((word, index) => index > 0 && (word === 'test' || word === 'merge-reports'));
  return quoteCommand(['npx', 'playwright', ...(start < 0 ? ['test'] : argv.slice(start))]);
}
