import { PacewrightError } from '../core/errors.ts';

// 22.19 is what Lighthouse 13 needs; older ones lack functions that we use.
const least = [22, 19] as const;

/**
 * Refuses a Node.js that is too old before anything is measured.
 * @throws PacewrightError CONFIG_INVALID
 */
export function requireNode(version = process.versions.node): void {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > least[0] || (major === least[0] && minor >= least[1])) return;
  throw new PacewrightError('CONFIG_INVALID', `This is Node.js ${version}; ${least.join('.')} or later is needed.`, {
    next: 'install a newer Node.js, or add the package `node` to the project: `npm install --save-dev node@24`',
  });
}
