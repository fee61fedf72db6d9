/** What differs between the contexts of base and head: the address of the application. */
import { readFileSync } from 'node:fs';
import type { BrowserContextOptions } from '@playwright/test';
import { parseUrl, rebaseUrl, rememberedKey, type RememberedConfig } from '../config/compare-config.ts';
import type { ComparisonSides, Variant } from '../core/comparison.ts';

type StorageState = BrowserContextOptions['storageState'];

/** What `use` says of contexts, as far as it names the application's address. */
export interface ConfiguredContext {
  readonly baseURL: string | undefined;
  readonly storageState: StorageState;
}

/**
 * Local storage belongs to an origin: what was saved for a configured one is given to the variant's. Cookies do not
 * know ports, so they need no change on one host.
 */
function moveStorage(state: StorageState, from: ReadonlySet<string | undefined>, to: string): StorageState {
  if (state === undefined) return undefined;
  const read =
    typeof state === 'string' ? (JSON.parse(readFileSync(state, 'utf8')) as Exclude<StorageState, string>) : state;
  const origins = read?.origins?.map((each) => (from.has(each.origin) ? { ...each, origin: to } : each));
  return read && origins && { ...read, origins };
}

/** @throws what reading the file of `storageState` throws */
export function contextFor(
  variant: Variant,
  sides: ComparisonSides,
  configured: ConfiguredContext,
): BrowserContextOptions {
  const baseURL = rebaseUrl(configured.baseURL, sides[variant].url);
  // The config that is in force names head already; what it named before is remembered.
  const remembered = (globalThis as Record<symbol, unknown>)[rememberedKey] as RememberedConfig | undefined;
  const from = new Set([configured.baseURL, ...(remembered?.baseUrls ?? [])].map((url) => parseUrl(url)?.origin));
  const storageState = moveStorage(configured.storageState, from, new URL(baseURL).origin);
  return storageState === undefined ? { baseURL } : { baseURL, storageState };
}
