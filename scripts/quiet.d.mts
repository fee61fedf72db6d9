/** See quiet.mjs. */
export function runQuietly(
  label: string,
  command: string,
  args: readonly string[],
  options?: {
    readonly cwd?: string;
    readonly env?: Readonly<Record<string, string | undefined>>;
    readonly shell?: boolean;
    readonly silence?: number;
  },
): Promise<{ readonly ok: boolean; readonly output: string }>;
