/** Base from a commit, head from the working copy as it is; both installed, built and started. */
import { existsSync, realpathSync } from 'node:fs';
import path from 'node:path';
import type { Variant } from '../core/comparison.ts';
import { PacewrightError } from '../core/errors.ts';
import { readGit } from '../store/git.ts';
import {
  baseCacheFolder,
  type BuildIdentity,
  buildVariables,
  completeBuild,
  findBuild,
  removeHalfMade,
  reserveBuild,
} from './base-cache.ts';
import {
  findBuildCommands,
  findPackageManager,
  findProjectFolder,
  findStartCommand,
  type StartCommand,
} from './commands.ts';
import { copySettings, digestSettings, findIgnoredSettings } from './ignored-settings.ts';
import { nameSide } from './measure.ts';
import type { ConfigFacts } from './playwright.ts';
import { shellWords } from './process-group.ts';
import { findRepository, type Repository, resolveRef } from './repository.ts';
import { findFreePorts, startServer } from './server.ts';
import type { Session } from './session.ts';
import type { Sides } from './sides.ts';
import { runStep } from './step.ts';

// What Playwright gives a web server by default, too.
const defaultTimeout = 60_000;

interface Checkout {
  readonly root: string;
  /** Folder of the project in it. */
  readonly folder: string;
}

async function installAndBuild(
  session: Session,
  variant: Variant,
  checkout: Checkout,
  facts: ConfigFacts,
): Promise<void> {
  const { install, build } = findBuildCommands(checkout.folder, checkout.root, facts.compare);
  const place = findPackageManager(checkout.folder, checkout.root)?.folder ?? checkout.folder;
  // The packages of the working copy are what its owner works with.
  const installed = variant === 'head' && existsSync(path.join(place, 'node_modules'));
  for (const [doing, step] of [
    ['installing', installed ? undefined : install],
    ['building', build],
  ] as const) {
    if (!step) continue;
    const key = doing === 'installing' ? 'install' : 'build';
    await runStep(session, {
      variant,
      doing,
      words: shellWords(step.command),
      command: step.command,
      folder: step.folder,
      next: `correct the command: \`compare.${key}\` in playwright.config.ts takes its place${
        variant === 'base' && key === 'build' && !install
          ? '; packages are installed only with a lock file or `compare.install`'
          : ''
      }`,
    });
  }
}

/** A folder of another checkout of the same repository. */
function inCheckout(root: string, repository: Repository, folder: string): string {
  return path.join(root, path.relative(repository.root, folder));
}

async function prepareBase(
  session: Session,
  repository: Repository,
  { ref, commit, project, facts }: { ref: string; commit: string; project: string; facts: ConfigFacts },
): Promise<Checkout> {
  const cache = baseCacheFolder(session.env);
  removeHalfMade(cache);
  const settings = findIgnoredSettings({ ...repository, env: session.env }, project);
  const identity: BuildIdentity = {
    repository: repository.shared,
    project: path.relative(repository.root, project),
    commit,
    inputs: [
      facts.compare.install ?? '',
      facts.compare.build ?? '',
      `${process.platform} ${process.arch} ${process.versions.modules}`,
      ...buildVariables(session.env),
      ...digestSettings(repository.root, settings),
    ],
  };
  const name = nameSide({ label: ref, commit, dirty: false });
  const known = findBuild(cache, identity);
  if (known !== undefined) {
    session.say(`base  ${name}: was built before (${known})`);
    return { root: known, folder: inCheckout(known, repository, project) };
  }
  session.say(`base  ${name}`);
  const root = reserveBuild(cache, identity, (folder) => session.ledger.addBuild(folder, repository.shared));
  await runStep(session, {
    variant: 'base',
    doing: 'checking out',
    // The hooks of the repository are for its owner's working copy.
    words: ['git', '-c', 'core.hooksPath=/dev/null', 'worktree', 'add', '--detach', '--force', root, commit],
    command: `git worktree add ${commit.slice(0, 7)}`,
    folder: repository.root,
    next: 'correct what git complains about',
  });
  const folder = inCheckout(root, repository, project);
  if (!existsSync(folder)) {
    throw new PacewrightError('ARGUMENT_INVALID', `${ref} has no folder ${identity.project}.`, {
      next: 'compare with a commit that has the project',
    });
  }
  const copied = copySettings(repository.root, root, settings);
  if (copied.length > 0) session.say(`base  with ${copied.join(', ')} of the working copy, which git ignores`);
  await installAndBuild(session, 'base', { root, folder }, facts);
  completeBuild(cache, root, identity);
  session.ledger.removeBuild(root);
  return { root, folder };
}

/**
 * Builds and starts the commit of a ref and the working copy; both run until the session ends.
 * @throws PacewrightError ARGUMENT_INVALID for a ref that does not exist, CONFIG_INVALID, COMPARE_PREPARE_FAILED
 */
export async function sidesFromRef(session: Session, ref: string, facts: ConfigFacts): Promise<Sides> {
  const place = { folder: realpathSync(facts.folder), env: session.env };
  const repository = findRepository(place);
  const commit = resolveRef(place, ref);
  const project = findProjectFolder(place.folder, repository.root);
  const git = readGit(repository.root);
  const head = {
    label: git?.branch ?? (session.env['GITHUB_HEAD_REF'] || 'working copy'),
    commit: git?.commit ?? null,
    dirty: git?.dirty ?? false,
  };
  const ownCheckout: Checkout = { root: repository.root, folder: project };
  const startOf = (checkout: Checkout, port: number): StartCommand =>
    findStartCommand({ ...facts, folder: place.folder }, { ...checkout, configRoot: repository.root, port });
  // Known before anything is built.
  startOf(ownCheckout, 0);
  const base = await prepareBase(session, repository, { ref, commit, project, facts });
  session.say(`head  ${nameSide(head)}`);
  await installAndBuild(session, 'head', ownCheckout, facts);
  const ports = await findFreePorts();
  const timeout = facts.compare.timeout ?? defaultTimeout;
  const starts = { base: startOf(base, ports.base), head: startOf(ownCheckout, ports.head) };
  for (const variant of ['base', 'head'] as const)
    await startServer(session, variant, { start: starts[variant], port: ports[variant], timeout });
  return {
    base: { label: ref, url: starts.base.url, commit, dirty: false },
    head: { ...head, url: starts.head.url },
  };
}
