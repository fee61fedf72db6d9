declare module 'chrome-har' {
  import type { Har } from 'har-format';

  /** HTTP Archive 1.2 of the protocol's events. */
  export function harFromMessages(
    messages: readonly { readonly method: string; readonly params: unknown }[],
    options?: { readonly includeResourcesFromDiskCache?: boolean },
  ): Har;
}
