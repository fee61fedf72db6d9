declare module 'chrome-har' {
  /** HTTP Archive 1.2 of the protocol's events. */
  export function harFromMessages(
    messages: readonly { readonly method: string; readonly params: unknown }[],
    options?: { readonly includeResourcesFromDiskCache?: boolean },
  ): import('har-format').Har;
}
