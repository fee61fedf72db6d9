/**
 * The scripts that a page has now, by V8's number, with their texts and source maps. Asked for when all is measured:
 * the debugger, while it is on, holds on to what it has told of.
 */
import type { BrowserContext, CDPSession, Request } from '@playwright/test';
import type { ScriptSource } from '../core/recording.ts';
import { mostScripts, mostText, type ParsedScript } from './parsed-script.ts';
import { SourceMapReader } from './source-maps.ts';

export interface PageScripts {
  /** URL by number of script, as heap snapshots name places. */
  readonly urls: ReadonlyMap<number, string>;
  readonly sources: readonly ScriptSource[];
}

/** Remembers the hosts that a page asks for something: source maps are read from those alone. */
export class ScriptReader {
  private readonly context: BrowserContext;
  private readonly hosts = new Set<string>();
  private readonly onRequest = (request: Request): void => {
    if (URL.canParse(request.url())) this.hosts.add(new URL(request.url()).host);
  };

  /** @param context before its first navigation */
  constructor(context: BrowserContext) {
    this.context = context;
    context.on('request', this.onRequest);
  }

  async read(session: CDPSession): Promise<PageScripts> {
    const parsed: ParsedScript[] = [];
    const onParsed = (script: ParsedScript): void => {
      const { type = 'default' } = script.executionContextAuxData ?? {};
      const isPage = script.url !== '' && type !== 'isolated' && script.scriptLanguage !== 'WebAssembly';
      if (isPage && parsed.length < mostScripts) parsed.push(script);
    };
    session.on('Debugger.scriptParsed', onParsed);
    try {
      // Tells of all there are before it answers.
      await session.send('Debugger.enable');
      await session.send('Debugger.setSkipAllPauses', { skip: true });
      const sources = await this.readTexts(session, parsed);
      return { urls: new Map(parsed.map(({ scriptId, url }) => [Number(scriptId), url])), sources };
    } finally {
      session.off('Debugger.scriptParsed', onParsed);
      await session.send('Debugger.disable').catch(() => {});
    }
  }

  private async readTexts(session: CDPSession, parsed: readonly ParsedScript[]): Promise<ScriptSource[]> {
    const maps = new SourceMapReader(this.context, this.hosts);
    const texts = new Map<string, ScriptSource>();
    let text = 0;
    for (const { scriptId, url, startLine, startColumn, length = 0, sourceMapURL = '' } of parsed) {
      const key = JSON.stringify([url, startLine, startColumn]);
      if (texts.has(key) || text + length > mostText) continue;
      const source = await session.send('Debugger.getScriptSource', { scriptId }).then(
        ({ scriptSource }) => scriptSource,
        () => undefined,
      );
      if (source === undefined) continue;
      text += source.length;
      const found = sourceMapURL === '' ? undefined : await maps.get(sourceMapURL, url);
      texts.set(key, {
        url,
        startLine,
        startColumn,
        source,
        map: found?.map ?? null,
        mapProblem: found?.problem ?? null,
      });
    }
    return [...texts.values()];
  }

  dispose(): void {
    this.context.off('request', this.onRequest);
  }
}
