/** A commit of a repository in a folder of its own, as `git worktree` makes it, and the end of that registration. */
import { readdirSync, readFileSync, rmdirSync, rmSync } from 'node:fs';
import path from 'node:path';

/** The folder that a registration is for; undefined where it does not say (git was killed while it wrote). */
function registeredFolder(registration: string): string | undefined {
  try {
    const file = readFileSync(path.join(registration, 'gitdir'), 'utf8').trim();
    return path.dirname(path.resolve(registration, file));
  } catch {
    return undefined;
  }
}

/**
 * Ends the registration of a worktree and leaves its files alone, except for the link to the repository. `git worktree
 * prune` would not do: it takes other stale registrations of the user's along, and leaves one that was half made.
 */
export function unregisterWorktree(repository: string, folder: string): void {
  const registrations = path.join(repository, 'worktrees');
  let names: string[] = [];
  try {
    names = readdirSync(registrations);
  } catch {
    // no worktree at all
  }
  const own = path.basename(folder);
  for (const name of names) {
    const registration = path.join(registrations, name);
    const registered = registeredFolder(registration);
    // Git names a registration after its folder; ours have names that nothing else has.
    if (registered === undefined ? name === own : registered === folder)
      rmSync(registration, { recursive: true, force: true });
  }
  try {
    // As git does with the last of them; fails where others are left.
    rmdirSync(registrations);
  } catch {
    // not empty, or not there
  }
  // A submodule's or a worktree's `.git` is a file; a folder of that name is no doing of ours.
  try {
    rmSync(path.join(folder, '.git'));
  } catch {
    // a folder, or not there
  }
}
