/** Finds Chrome, installs it when there is none; says nothing when it was there. Exit 3 when there is none to be had. */
import { existsSync } from 'node:fs';
import { formatError, isPacewrightError } from '../src/core/errors.ts';
import { findChrome } from '../src/browser/find.ts';
import { installChrome } from '../src/browser/install.ts';
import { runQuietly } from './quiet.mjs';

try {
  if ((await findChrome()) === undefined) {
    const chrome = await installChrome({
      find: findChrome,
      run: runQuietly,
      mayUseApt: process.getuid?.() === 0 && existsSync('/usr/bin/apt-get'),
    });
    process.stderr.write(`Chrome ${chrome.version} installed: ${chrome.path}\n`);
  }
} catch (error) {
  if (!isPacewrightError(error)) throw error;
  process.stderr.write(`${formatError(error)}\n`);
  process.exitCode = error.exitCode;
}
