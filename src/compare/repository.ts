/** Questions to git about the repository that is compared with itself. */
import { execFileSync } from 'node:child_process';
import { realpathSync } from 'node:fs';
import path from 'node:path';
import { PacewrightError } from '../core/errors.ts';
import { nearestName } from '../core/nearest.ts';

export interface Repository {
  /** Folder of the working copy. */
  readonly root: string;
  /** Folder of what all working copies share: `.git`, as a rule. */
  readonly shared: string;
}

/** The environment without what ties git to a repository: a hook that starts us has it set. */
export function withoutGit(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const tied = new Set(['GIT_DIR', 'GIT_WORK_TREE', 'GIT_INDEX_FILE', 'GIT_PREFIX', 'GIT_COMMON_DIR']);
  return Object.fromEntries(Object.entries(env).filter(([name]) => !tied.has(name)));
}

interface Place {
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;
}

function ask({ folder, env }: Place, ...words: string[]): string {
  return execFileSync('git', words, {
    cwd: folder,
    env: { ...withoutGit(env), LC_ALL: 'C' },
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 30_000,
    maxBuffer: 100_000_000,
  }).trim();
}

/** What git wrote to its error output, or why it could not be run. */
function reasonOf(error: unknown): string {
  const { stderr, code } = error as { stderr?: string; code?: string };
  if (code === 'ENOENT') return 'git is not installed';
  return (stderr ?? '').trim().split('\n')[0] || String(error);
}

/** @throws PacewrightError ARGUMENT_INVALID outside of a git checkout */
export function findRepository(place: Place): Repository {
  try {
    const root = realpathSync(ask(place, 'rev-parse', '--show-toplevel'));
    return { root, shared: realpathSync(path.resolve(place.folder, ask(place, 'rev-parse', '--git-common-dir'))) };
  } catch (error) {
    throw new PacewrightError('ARGUMENT_INVALID', `Git does not know this folder: ${reasonOf(error)}.`, {
      next: 'compare in a git checkout, or compare two builds with --base-dir and --head-dir',
      cause: error,
    });
  }
}

/** Those of the files, by their paths from the folder, that git ignores and does not know. */
export function listIgnored(place: Place, files: readonly string[]): string[] {
  const words = ['ls-files', '--others', '--ignored', '--exclude-standard', '-z', '--'];
  return ask(place, '--literal-pathspecs', ...words, ...files)
    .split('\0')
    .filter((file) => file !== '');
}

function findCommit(place: Place, name: string): string | undefined {
  try {
    return ask(place, 'rev-parse', '--verify', '--quiet', '--end-of-options', `${name}^{commit}`);
  } catch {
    return undefined;
  }
}

/** The commit that a branch, a tag or a part of a hash names; a branch may exist on `origin` only. */
export function findRef(place: Place, ref: string): string | undefined {
  return findCommit(place, ref) ?? findCommit(place, `origin/${ref}`);
}

/**
 * The same where there must be one.
 * @throws PacewrightError ARGUMENT_INVALID with the nearest name, or with how to fetch it
 */
export function resolveRef(place: Place, ref: string): string {
  const commit = findRef(place, ref);
  if (commit !== undefined) return commit;
  const [from, to] = ref.split(/\.{2,3}/);
  if (from !== undefined && to !== undefined) {
    throw new PacewrightError('ARGUMENT_INVALID', `"${ref}" is a range: \`compare\` takes one ref, that of base.`, {
      next: `\`compare ${from || 'HEAD'}\` compares it with the working copy${to === '' || to === 'HEAD' ? '' : `; check out ${to} first: git switch --detach ${to}`}`,
    });
  }
  const refs = ask(place, 'for-each-ref', '--format=%(refname:short)', 'refs/heads', 'refs/tags', 'refs/remotes');
  const near = nearestName(ref, refs.split('\n'));
  const meant = near === undefined ? '' : ` Did you mean "${near}"?`;
  const shallow = ask(place, 'rev-parse', '--is-shallow-repository') === 'true';
  const source = /^[0-9a-f]{40}$/.test(ref) ? ref : `${ref}:${ref}`;
  throw new PacewrightError(
    'ARGUMENT_INVALID',
    `There is no branch, tag or commit "${ref}" in this ${shallow ? 'shallow clone' : 'checkout'}.${meant}`,
    {
      next: shallow
        ? `git fetch --no-tags --depth=1 origin ${source} (or \`fetch-depth: 0\` for actions/checkout)`
        : `correct the name, or fetch it: git fetch origin ${source}`,
    },
  );
}
