/**
 * Looks at a page from an isolated world without leaving anything in it: counts come from lists whose members are never
 * touched, since every node that a script is handed gets a wrapper which lives as long as the node does, and would be
 * growth of our own making.
 */
import type { CDPSession } from '@playwright/test';
import type { PageCalm } from '../browser/settle.ts';

/** What tells whether a page is as it was. */
export interface PageState {
  /** Unredacted. */
  readonly url: string;
  /** Elements by tag, those in shadow roots left out; `other` for tags that are not listed. */
  readonly tags: Readonly<Record<string, number>>;
  /** Dialogs and popovers that are open. */
  readonly open: number;
}

const worldName = 'pacewright-memory';

/** ms that the page may take to answer. */
const answerLimit = 10_000;
/** Nodes beyond are counted, not listed: a list of so many has some 30 MB. */
const mostListed = 200_000;

/** The common ones: which of them came or went is named. */
const tags =
  'a abbr article aside audio b blockquote body button canvas caption circle code col dd details dialog div dl dt em fieldset figure footer form g h1 h2 h3 h4 h5 h6 head header hr i iframe img input label li line link main meta nav object ol option p path picture pre progress rect script section select slot small source span strong style summary svg table tbody td template text textarea tfoot th thead title tr ul use video';

const stateSource = `(() => {
  const tags = {};
  let listed = 0;
  for (const tag of ${JSON.stringify(tags)}.split(' ')) {
    const found = document.querySelectorAll(tag).length;
    if (found === 0) continue;
    tags[tag] = found;
    listed += found;
  }
  tags.other = document.querySelectorAll('*').length - listed;
  return { url: location.href, tags, open: document.querySelectorAll('dialog[open], :popover-open').length };
})()`;

const calmSource = (limit: number): string => `new Promise((resolve) => {
  const timer = setTimeout(() => resolve(false), ${Math.min(1000, Math.ceil(limit))});
  requestAnimationFrame(() => requestAnimationFrame(() => { clearTimeout(timer); resolve(true); }));
}).then((painted) => ({ readyState: document.readyState, sinceLongTask: null, painted }))`;

export class PageProbe {
  private readonly session: CDPSession;

  constructor(session: CDPSession) {
    this.session = session;
  }

  async start(): Promise<void> {
    await this.session.send('Page.enable');
  }

  /** Undefined while a navigation replaces the document, or where the page does not answer within `limit` ms. */
  async calm(limit: number): Promise<PageCalm | undefined> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<undefined>((resolve) => (timer = setTimeout(() => resolve(undefined), limit)));
    const answer = await Promise.race([this.askMain<PageCalm>(calmSource(limit)), late]);
    clearTimeout(timer);
    return answer;
  }

  /** Undefined as with `calm`. */
  state(): Promise<PageState | undefined> {
    return this.askMain<PageState>(stateSource);
  }

  /** Bytes that V8 lets the heap of the page grow to; undefined as with `calm`. */
  heapLimit(): Promise<number | undefined> {
    return this.askMain<number>('performance.memory.jsHeapSizeLimit');
  }

  /**
   * Nodes in the documents of the page and of its frames in the same process, as Chrome counts nodes: with shadow trees
   * and pseudo-elements (each `<li>` has one), but without what is within Chrome's own controls. Null where there are too
   * many to be listed, or no answer comes.
   * @param nodes how many there are in all
   */
  async attachedNodes(nodes: number): Promise<number | null> {
    if (nodes > mostListed) return null;
    try {
      // It names nodes to nobody, so that nothing holds on to them; the inspector's own tree of the DOM would.
      const { documents } = await this.session.send('DOMSnapshot.captureSnapshot', { computedStyles: [] });
      return documents.reduce((sum, { nodes: listed }) => sum + (listed.nodeName?.length ?? 0), 0);
    } catch {
      return null;
    }
  }

  private async askMain<Answer>(expression: string): Promise<Answer | undefined> {
    try {
      const { frameTree } = await this.session.send('Page.getFrameTree');
      return await this.ask<Answer>(frameTree.frame.id, expression);
    } catch {
      return undefined;
    }
  }

  /** In the isolated world of a frame. Undefined as with `calm`. */
  async ask<Answer>(frameId: string, expression: string): Promise<Answer | undefined> {
    try {
      // Of one name there is one world a document, however often it is asked for.
      const { executionContextId } = await this.session.send('Page.createIsolatedWorld', { frameId, worldName });
      const reply = await this.session.send('Runtime.evaluate', {
        expression,
        contextId: executionContextId,
        awaitPromise: true,
        returnByValue: true,
        timeout: answerLimit,
      });
      return reply.exceptionDetails ? undefined : (reply.result.value as Answer);
    } catch {
      return undefined;
    }
  }
}
