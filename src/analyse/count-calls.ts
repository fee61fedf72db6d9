/** How often the functions of a profile were called in a step, as coverage counted them. */
import type { Profile, ProfileFrame } from '../core/profile.ts';
import type { ScriptCoverage, ScriptSource } from '../core/recording.ts';
import type { SourceLocation } from '../core/source.ts';
import { lineStarts, placeOf } from './line-starts.ts';
import type { SourceResolver } from './source-maps.ts';
import type { CallFrame, TraceData } from './trace-data.ts';

const placeKey = (url: string, line: number, column: number): string => `${line}:${column} ${url}`;
/** What makes two frames of a profile the same one. */
const frameKey = (name: string | null, { file, line }: Pick<ProfileFrame | SourceLocation, 'file' | 'line'>): string =>
  JSON.stringify([name ?? '(anonymous)', file, line]);

/** The functions that the sampler met, by the place that V8 says of them. */
function sampledFunctions({ threads }: TraceData): Map<string, CallFrame> {
  const functions = new Map<string, CallFrame>();
  for (const { stacks } of threads)
    for (const frame of stacks?.frames ?? [])
      if (frame.located && frame.url !== '') functions.set(placeKey(frame.url, frame.line, frame.column), frame);
  return functions;
}

/** Where V8's profiler says that a function starts: at its parameters, where its coverage may begin with a word. */
function parametersOf(source: string, start: number): number {
  const word = /^(?:async\s+)?function\b[^(]*|^(?:(?:static|async|get|set)\s+)*\*?\s*[\w$#]+\s*(?=\()/.exec(
    source.slice(start, start + 300),
  );
  return start + (word?.[0].length ?? 0);
}

/**
 * The profile with its frames' `calls` filled in, where a function of theirs ran in the coverage pass.
 * @param trace any trace of the step: it says where the functions of the profile start in their scripts
 */
export function countCalls(
  profile: Profile,
  about: {
    readonly trace: TraceData;
    readonly coverage: readonly ScriptCoverage[];
    readonly scripts: readonly ScriptSource[];
    readonly resolver: SourceResolver;
  },
): Profile {
  const { trace, coverage, scripts, resolver } = about;
  const sampled = sampledFunctions(trace);
  const sources = new Map(scripts.map((each) => [placeKey(each.url, each.startLine, each.startColumn), each.source]));
  const calls = new Map<string, number>();
  for (const { url, startLine, startColumn, functions } of coverage) {
    const source = sources.get(placeKey(url, startLine, startColumn));
    if (source === undefined) continue;
    const starts = lineStarts(source);
    for (const { ranges } of functions) {
      const [whole] = ranges;
      if (!whole || whole.count === 0) continue;
      const { line, column } = placeOf(starts, parametersOf(source, whole.start));
      const found = sampled.get(placeKey(url, startLine + line, line === 0 ? startColumn + column : column));
      if (!found) continue;
      const location = resolver.resolveFunction(url, found.line, found.column, found.functionName);
      const key = frameKey(location.function, location);
      calls.set(key, (calls.get(key) ?? 0) + whole.count);
    }
  }
  const frames = profile.frames.map((frame) =>
    frame.category === 'script' ? { ...frame, calls: calls.get(frameKey(frame.name, frame)) ?? frame.calls } : frame,
  );
  return { ...profile, frames };
}
