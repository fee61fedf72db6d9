/**
 * Builds of base that are kept: the next comparison with the same commit only starts them. They lie outside of the
 * project, since tools treat what is below `node_modules` in their own way, and find packages and settings in the
 * folders above.
 */
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import * as z from 'zod';
import { isAlive, processStart, removeFolder } from '../browser/abandoned.ts';
import { PacewrightError } from '../core/errors.ts';
import { unregisterWorktree } from './worktree.ts';

// A branch or two, and what they were before the last merge; each has its packages, which may be some 100 MB.
const keptBuilds = 3;

/** Beside the folder of a build, so that nothing of ours lies in it. */
const noteSchema = z.strictObject({
  /** Who makes it, or used it last. */
  owner: z.strictObject({ pid: z.number().int(), start: z.string() }),
  complete: z.boolean(),
  usedAt: z.number(),
  /** Shared folder of the repository it is a worktree of, until it is complete. */
  repository: z.string(),
});
type Note = z.infer<typeof noteSchema>;

/** The user's folder for caches, as each system has it. */
export function baseCacheFolder(env: NodeJS.ProcessEnv): string {
  const home = env['HOME'] || homedir();
  const system = process.platform === 'darwin' ? path.join(home, 'Library', 'Caches') : path.join(home, '.cache');
  return path.join(env['XDG_CACHE_HOME'] || system, 'pacewright', 'base');
}

export interface BuildIdentity {
  /** Shared folder of the repository. */
  readonly repository: string;
  /** The project's path in it. */
  readonly project: string;
  readonly commit: string;
  /** What else the result depends on: commands, versions. */
  readonly inputs: readonly string[];
}

/** Variables that bundlers and frameworks write into what they build, or choose a kind of build by. */
const builtIn =
  /^(?:(?:VITE|VUE_APP|REACT_APP|NEXT_PUBLIC|NUXT|GATSBY|PUBLIC|EXPO_PUBLIC|STORYBOOK|NG)_|(?:NODE|BABEL|APP)_ENV$|MODE$|BASE_URL$|PUBLIC_URL$)/;

/** What of the environment a build may depend on: with another value, base has to be built again. */
export function buildVariables(env: NodeJS.ProcessEnv): string[] {
  return Object.entries(env)
    .filter(([name, value]) => value !== undefined && builtIn.test(name))
    .map(([name, value]) => `${name}=${value}`)
    .toSorted();
}

function digest(parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 10);
}

/** Builds of one project share the beginning of their names. */
function projectPrefix({ repository, project }: BuildIdentity): string {
  return `${digest([repository, project])}-`;
}

function keyOf(identity: BuildIdentity): string {
  return `${projectPrefix(identity)}${identity.commit.slice(0, 12)}-${digest(identity.inputs)}-`;
}

function noteFile(folder: string): string {
  return `${folder}.json`;
}

function writeNote(folder: string, part: Pick<Note, 'complete' | 'repository'>): void {
  const owner = { pid: process.pid, start: processStart(process.pid) };
  const note: Note = { ...part, owner, usedAt: Date.now() };
  writeFileSync(`${noteFile(folder)}.new`, JSON.stringify(note));
  renameSync(`${noteFile(folder)}.new`, noteFile(folder));
}

function readNote(folder: string): Note | undefined {
  try {
    return noteSchema.parse(JSON.parse(readFileSync(noteFile(folder), 'utf8')));
  } catch {
    return undefined;
  }
}

/** Removes a build, complete or not, and its registration as a worktree. */
export function discardBuild(folder: string, repository: string): void {
  unregisterWorktree(repository, folder);
  removeFolder(folder);
  rmSync(noteFile(folder), { force: true });
  rmSync(`${noteFile(folder)}.new`, { force: true });
}

function listBuilds(cache: string): { folder: string; note: Note }[] {
  let names: string[] = [];
  try {
    names = readdirSync(cache);
  } catch {
    // nothing kept yet
  }
  return names
    .filter((name) => name.endsWith('.json'))
    .map((name) => path.join(cache, name.slice(0, -'.json'.length)))
    .flatMap((folder) => {
      const note = readNote(folder);
      return note ? [{ folder, note }] : [];
    });
}

function isInUse({ owner }: Note): boolean {
  return owner.pid !== process.pid && isAlive(owner.pid) && processStart(owner.pid) === owner.start;
}

/** Removes builds that were never completed and whose maker is gone. */
export function removeHalfMade(cache: string): void {
  for (const { folder, note } of listBuilds(cache))
    if (!note.complete && !isInUse(note) && note.owner.pid !== process.pid) discardBuild(folder, note.repository);
}

/** The folder of a complete build, now marked as used; undefined where there is none. */
export function findBuild(cache: string, identity: BuildIdentity): string | undefined {
  const key = keyOf(identity);
  const found = listBuilds(cache).find(
    ({ folder, note }) => note.complete && path.basename(folder).startsWith(key) && existsSync(folder),
  );
  if (!found) return undefined;
  writeNote(found.folder, { complete: true, repository: identity.repository });
  return found.folder;
}

/**
 * A name for a new build; nothing else has it, so that two comparisons at a time do not meet.
 * @param announce hears of it before anything is written
 * @throws PacewrightError WRITE_FAILED
 */
export function reserveBuild(cache: string, identity: BuildIdentity, announce: (folder: string) => void): string {
  const folder = path.join(cache, `${keyOf(identity)}${randomBytes(3).toString('hex')}`);
  announce(folder);
  try {
    mkdirSync(cache, { recursive: true });
    writeNote(folder, { complete: false, repository: identity.repository });
  } catch (error) {
    throw new PacewrightError('WRITE_FAILED', `The cache ${cache} cannot be written: ${String(error)}.`, {
      next: 'correct its rights, or name another place in the environment variable XDG_CACHE_HOME',
      cause: error,
    });
  }
  return folder;
}

/** From now on the build counts; the oldest ones of the same project go. */
export function completeBuild(cache: string, folder: string, identity: BuildIdentity): void {
  unregisterWorktree(identity.repository, folder);
  writeNote(folder, { complete: true, repository: identity.repository });
  const prefix = projectPrefix(identity);
  const kept = listBuilds(cache)
    .filter((build) => build.note.complete && path.basename(build.folder).startsWith(prefix))
    .toSorted((one, other) => other.note.usedAt - one.note.usedAt);
  for (const build of kept.slice(keptBuilds))
    if (!isInUse(build.note)) discardBuild(build.folder, build.note.repository);
}
