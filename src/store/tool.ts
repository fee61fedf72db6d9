import { readFileSync } from 'node:fs';
import * as z from 'zod';

/** Our own version, from package.json; two folders up both in the repository and in the package. */
export function toolVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return z.object({ version: z.string() }).parse(JSON.parse(text)).version;
}
