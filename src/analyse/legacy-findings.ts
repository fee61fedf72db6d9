/** Polyfills and transforms for browsers that nobody uses any more, as the DevTools trace engine recognises them. */
import { LegacyJavaScript } from '@paulirish/trace_engine/third_party/legacy-javascript/legacy-javascript.js';
import type { Finding } from '../core/finding.ts';
import type { ScriptSource } from '../core/recording.ts';
import { cleanText, redactUrl } from '../core/text.ts';
import { bytes, some, times as timesText } from './finding-text.ts';
import { asArray, asObject, asText } from './json-values.ts';
import { capAmounts, type StepFacts } from './step-facts.ts';

interface Detected {
  readonly matches: readonly { readonly name: string; readonly line: number; readonly column: number }[];
  /** Before compression. */
  readonly estimatedByteSavings: number;
}

/** What the detector asks of a source map: names of modules, and no places in them. */
interface ModuleNames {
  readonly sourceURLs: () => readonly string[];
  readonly mappings: () => readonly [];
}

const { detectLegacyJavaScript: detect } = LegacyJavaScript as {
  readonly detectLegacyJavaScript: (text: string, map: ModuleNames | null) => Detected;
};

/** The engine's own threshold: below it, a smaller build is not worth the change. */
const leastBytes = 5000;
/** Some hundred patterns are looked for in each script; nobody writes more by hand or bundles more into one file. */
const longestScript = 5_000_000;
const mostScripts = 3;

function readNames(map: string | null): ModuleNames | null {
  if (map === null || map.length > longestScript) return null;
  try {
    const sources = asArray(asObject(JSON.parse(map))['sources']).flatMap((source) => asText(source) ?? []);
    return { sourceURLs: () => sources, mappings: () => [] };
  } catch {
    return null;
  }
}

/** Scripts that the step loaded from the network. */
export function findLegacyScripts(facts: StepFacts, scripts: readonly ScriptSource[]): Finding[] {
  const { sample } = facts.recording;
  return scripts
    .flatMap((script): { script: ScriptSource; found: Detected; wasted: number }[] => {
      const { url, source, map, startLine, startColumn } = script;
      const request = sample.requests.find((one) => one.url === redactUrl(url) && !one.fromCache);
      const inline = startLine > 0 || startColumn > 0;
      if (!request || inline || source.length < leastBytes || source.length > longestScript) return [];
      const found = detect(source, readNames(map));
      if (found.estimatedByteSavings < leastBytes) return [];
      const wasted = found.estimatedByteSavings * Math.min(1, request.bytes / source.length);
      return [{ script, found, wasted }];
    })
    .toSorted((a, b) => b.wasted - a.wasted)
    .slice(0, mostScripts)
    .map(({ script: { url }, found, wasted }): Finding => {
      const [first] = found.matches;
      const names = found.matches.map(({ name }) => cleanText(name, 60));
      return {
        rule: 'legacy-script',
        title: `${redactUrl(url, 100)} holds ${timesText(names.length, 'polyfill or transform', 'polyfills and transforms')} for old browsers, some ${bytes(wasted)}`,
        cost: { value: wasted, unit: 'bytes' },
        explains: capAmounts({ 'bytes.script': wasted, 'bytes.total': wasted }, sample.metrics),
        location: first ? facts.locate({ url, line: first.line, column: first.column }) : null,
        details: [`${some(names, 8)}.`],
        advice:
          'Build for the browsers that your users have (browserslist, or the target of the build), and leave out polyfills for what they all know.',
        evidence: 'bundles',
        source: 'trace engine',
      };
    });
}
