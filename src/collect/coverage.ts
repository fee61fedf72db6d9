/**
 * Scripts of a page, its frames and its workers: their texts, their source maps, and which of their functions ran how
 * often in each step.
 */
import type { BrowserContext, CDPSession, Request } from '@playwright/test';
import type { ScriptCoverage, ScriptSource } from '../core/recording.ts';
import type { HeavyCollector, ObservedPage, ObservedStep } from './heavy.ts';
import { mostScripts, mostText, type ParsedScript } from './parsed-script.ts';
import { SourceMapReader } from './source-maps.ts';
import { type Target, watchTargets } from './targets.ts';

type Place = Pick<ParsedScript, 'url' | 'startLine' | 'startColumn'>;

export class CoverageCollector implements HeavyCollector {
  readonly what = 'coverage and source texts';
  /** By step; only what ran in it, or stands beside what did. */
  private readonly steps = new Map<string, ScriptCoverage[]>();
  private readonly parsed = new Map<Target, Map<string, ParsedScript>>();
  private readonly texts = new Map<string, ScriptSource>();
  private readonly hosts = new Set<string>();
  private targets: () => readonly Target[] = () => [];
  private session: CDPSession | undefined;
  private context: BrowserContext | undefined;
  private maps: SourceMapReader | undefined;
  private text = 0;
  /** Of workers' scripts: asked for at once, since a worker may be gone before the step ends. */
  private readonly asked: Promise<void>[] = [];
  private readonly onRequest = (request: Request): void => {
    if (URL.canParse(request.url())) this.hosts.add(new URL(request.url()).host);
  };

  coverageOf(step: string): readonly ScriptCoverage[] {
    return this.steps.get(step) ?? [];
  }

  /** Every script that was parsed up to the last step, each text once. */
  scripts(): readonly ScriptSource[] {
    return [...this.texts.values()];
  }

  async attach({ page, context }: ObservedPage): Promise<void> {
    this.context = context;
    context.on('request', this.onRequest);
    this.maps = new SourceMapReader(context, this.hosts);
    this.session = await context.newCDPSession(page);
    this.targets = await watchTargets(this.session, {
      events: ['Debugger.scriptParsed'],
      prepare: ({ send }) =>
        Promise.all([
          send('Debugger.enable'),
          // A `debugger` statement would stop the page for ever.
          send('Debugger.setSkipAllPauses', { skip: true }),
          send('Profiler.enable'),
          send('Profiler.startPreciseCoverage', { callCount: true, detailed: true }),
        ]),
      onEvent: (target, _method, params) => this.note(target, params as ParsedScript),
    });
  }

  private note(target: Target, script: ParsedScript): void {
    // Without a URL: code that is made from text, and that of those who drive the page. Isolated worlds are theirs.
    const { type = 'default' } = script.executionContextAuxData ?? {};
    if (script.url === '' || type === 'isolated' || script.scriptLanguage === 'WebAssembly') return;
    const known = this.parsed.get(target) ?? new Map<string, ParsedScript>();
    if (known.size >= mostScripts) return;
    known.set(script.scriptId, script);
    this.parsed.set(target, known);
    if (target.type !== 'page') this.asked.push(this.readText(target, script));
  }

  /** Nothing: what ran since the end of the step before counts with this one, or it would be said to have never run. */
  async beginStep(): Promise<void> {}

  async endStep({ name }: ObservedStep): Promise<void> {
    const taken = await Promise.all(
      this.targets().map(async (target) => {
        const known = this.parsed.get(target);
        return known ? [...(await takeCoverage(target))].map((each) => toCoverage(each, known)) : [];
      }),
    );
    this.steps.set(
      name,
      taken.flat().filter((each) => each !== undefined),
    );
    // Now, since the next step may take the document away, and its scripts with it.
    await Promise.all(this.asked.splice(0));
    await Promise.all([...this.parsed].map(([target, scripts]) => this.readTexts(target, [...scripts.values()])));
  }

  private async readTexts(target: Target, scripts: readonly ParsedScript[]): Promise<void> {
    for (const script of scripts) await this.readText(target, script);
  }

  private async readText(target: Target, script: ParsedScript): Promise<void> {
    const key = JSON.stringify([script.url, script.startLine, script.startColumn]);
    const length = script.length ?? 0;
    const isKnown = (): boolean => (this.texts.get(key)?.source ?? '') !== '';
    if (isKnown() || this.text + length > mostText) return;
    const source = await target.send('Debugger.getScriptSource', { scriptId: script.scriptId }).then(
      (answer) => answer.scriptSource,
      () => this.maps?.readScript(script.url, length),
    );
    if (source === '') return;
    const isLost = source === undefined || source === null;
    // Of a page that is gone another document has come; of a worker nothing else would tell that it ran.
    if (isKnown() || (isLost && (target.type === 'page' || this.texts.has(key)))) return;
    this.text += source?.length ?? 0;
    const reference = script.sourceMapURL ?? '';
    const found = reference === '' ? undefined : await this.maps?.get(reference, script.url);
    this.texts.set(key, {
      ...placeOf(script),
      source: source ?? '',
      map: found?.map ?? null,
      mapProblem: found?.problem ?? null,
    });
  }

  async endFlow(): Promise<void> {}

  async dispose(): Promise<void> {
    this.context?.off('request', this.onRequest);
    await this.session?.detach().catch(() => {});
    this.session = undefined;
  }
}

type Taken = Awaited<ReturnType<typeof takeCoverage>>[number];

/** Since the last time; nothing from a target that is gone. */
async function takeCoverage({ send }: Target) {
  return send('Profiler.takePreciseCoverage').then(
    ({ result }) => result,
    () => [],
  );
}

function placeOf({ url, startLine, startColumn }: Place): Place {
  return { url, startLine, startColumn };
}

function toCoverage(
  { scriptId, functions }: Taken,
  known: ReadonlyMap<string, ParsedScript>,
): ScriptCoverage | undefined {
  const script = known.get(scriptId);
  if (!script) return undefined;
  return {
    ...placeOf(script),
    functions: functions.map(({ functionName, isBlockCoverage, ranges }) => ({
      name: functionName,
      isBlockCoverage,
      ranges: ranges.map(({ startOffset, endOffset, count }) => ({ start: startOffset, end: endOffset, count })),
    })),
  };
}
