/** What Playwright's command line says about a run. Pure. */

/** Options of `playwright test` that take a value and leave the choice of tests alone. */
const valued = new Set([
  '-c', '--config', '-j', '--workers', '--reporter', '--output', '--timeout', '--global-timeout', '--max-failures',
  '--retries', '--repeat-each', '--trace', '--tsconfig', '--ui-host', '--ui-port', '--browser', '--name',
]);
/** Options that leave tests out. */
const selecting = /^(-g|--grep|--grep-invert|-gv|-G|--shard|--last-failed|--only-changed|--project|--test-list|--test-list-invert|-x)(=|$)/;

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
    if (selecting.test(word)) return false;
    if (valued.has(word)) index += 1;
    else if (!word.startsWith('-')) return false;
  }
  return true;
}

function quote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}

/** The command that repeats this run, without paths of this machine. */
export function describeCommand(argv: readonly string[], env: NodeJS.ProcessEnv = {}): string {
  const ours = env['PACEWRIGHT_COMMAND'];
  if (ours) return ours;
  const start = argv.findIndex((word, index) => index > 0 && (word === 'test' || word === 'merge-reports'));
  return ['npx', 'playwright', ...(start < 0 ? ['test'] : argv.slice(start))].map(quote).join(' ');
}
