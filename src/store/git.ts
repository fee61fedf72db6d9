import { execFileSync } from 'node:child_process';
import type { RunDocument } from '../core/document.ts';

function git(args: string[], folder: string): string {
  return execFileSync('git', args, {
    cwd: folder,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
    timeout: 10_000,
  }).trim();
}

/** Commit and branch of a folder; null outside of a git checkout. */
export function readGit(folder: string): RunDocument['git'] {
  try {
    const commit = git(['rev-parse', 'HEAD'], folder);
    const branch = git(['rev-parse', '--abbrev-ref', 'HEAD'], folder);
    const dirty = git(['status', '--porcelain', '--untracked-files=no'], folder) !== '';
    return { commit, branch: branch === 'HEAD' ? null : branch, dirty };
  } catch {
    return null;
  }
}
