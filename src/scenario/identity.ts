import { createHash } from 'node:crypto';
import path from 'node:path';

/** The same scenario in the same project has the same id in every run: 12 hex digits. */
export function scenarioId(about: {
  file: string;
  titlePath: readonly string[];
  project: string;
  repeat: number;
}): string {
  return createHash('sha256')
    .update(JSON.stringify([about.file, about.titlePath, about.project, ...(about.repeat > 0 ? [about.repeat] : [])]))
    .digest('hex')
    .slice(0, 12);
}

/** A path as documents keep it: relative to the project, with forward slashes on every system. */
export function portablePath(file: string, root: string): string {
  return path.relative(root, file).split(path.sep).join('/') || '.';
}
