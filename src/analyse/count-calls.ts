/** How often the functions of a profile were called, from a pass that counted. */
import type { Profile } from '../core/profile.ts';
import type { ScriptCoverage, ScriptSource } from '../core/recording.ts';
import { lineStarts, placeOf } from './line-starts.ts';
import type { SourceResolver } from './source-maps.ts';

/**
 * The profile with `calls` of those functions that the coverage knows, matched by name and place in the original
 * source. @param coverage of one pass of the same step; @param scripts with their texts, to tell lines from offsets
 */
export function countCalls(
  profile: Profile,
  coverage: readonly ScriptCoverage[],
  { scripts, resolver }: { readonly scripts: readonly ScriptSource[]; readonly resolver: SourceResolver },
): Profile {
  const files = new Set(profile.frames.map(({ file }) => file));
  const counts = new Map<string, number>();
  const ambiguous = new Set<string>();
  for (const { url, startLine, startColumn, functions } of coverage) {
    const script = scripts.find(
      (each) => each.url === url && each.startLine === startLine && each.startColumn === startColumn,
    );
    if (!script) continue;
    const starts = lineStarts(script.source);
    for (const { name, ranges } of functions) {
      const [whole] = ranges;
      // The script itself is listed as a function as well, and runs once.
      if (!whole || whole.count === 0 || (name === '' && whole.start === 0)) continue;
      const { line, column } = placeOf(starts, whole.start);
      const place = [url, line + startLine, line === 0 ? column + startColumn : column] as const;
      // Sources of which nothing is shown need not be parsed.
      if (!files.has(resolver.fileAt(...place))) continue;
      const location = resolver.resolveFunction(...place, name);
      const key = keyOf(location.function, location.file, location.line);
      // Functions of a minified script share a line, and often their name: which one was counted cannot be told.
      if (!location.mapped && counts.has(key)) ambiguous.add(key);
      counts.set(key, (counts.get(key) ?? 0) + whole.count);
    }
  }
  for (const key of ambiguous) counts.delete(key);
  const frames = profile.frames.map((frame) => ({
    ...frame,
    calls: frame.category === 'script' ? (counts.get(keyOf(frame.name, frame.file, frame.line)) ?? null) : null,
  }));
  return { ...profile, frames };
}

function keyOf(name: string | null, file: string | null, line: number | null): string {
  return JSON.stringify([name, file, line]);
}
