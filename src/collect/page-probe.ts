/**
 * Looks at a page from an isolated world without leaving anything in it: counts come as numbers from XPath and from
 * lists whose members are never touched, since every node that a script is handed gets a wrapper which lives as long as
 * the node does, and would be growth of our own making.
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

/** ms that the page may take to count its nodes: 100,000 take about 50 (on a busy machine). */
const countLimit = 10_000;

/** The common ones: which of them came or went is named. */
const tags =
  'a abbr article aside audio b blockquote body button canvas caption circle code col dd details dialog div dl dt em fieldset figure footer form g h1 h2 h3 h4 h5 h6 head header hr i iframe img input label li line link main meta nav object ol option p path picture pre progress rect script section select slot small source span strong style summary svg table tbody td template text textarea tfoot th thead title tr ul use video';

// Text with a dash in its name is a custom element: of those the shadow roots are looked into. Others may have one as
// well (a div, say); nodes in there count as detached, as do those of Chrome's own controls.
const countSource = `(() => {
  const count = (expression, node) => document.evaluate(expression, node, null, XPathResult.NUMBER_TYPE).numberValue;
  const countRoot = (root) => {
    let nodes = 0;
    for (let child = root.firstChild; child; child = child.nextSibling)
      nodes += count('count(descendant-or-self::node())', child) + shadows(child);
    return nodes;
  };
  const shadows = (node) => {
    if (node.nodeType > 1 && node.nodeType !== 9) return 0;
    const hosts = document.evaluate("descendant-or-self::*[contains(local-name(), '-')]", node, null, XPathResult.ORDERED_NODE_SNAPSHOT_TYPE);
    let nodes = 0;
    for (let at = 0; at < hosts.snapshotLength; at += 1) {
      const root = hosts.snapshotItem(at).shadowRoot;
      if (root) nodes += 1 + countRoot(root);
    }
    return nodes;
  };
  return 1 + (document.doctype ? 1 : 0) + count('count(//node())', document) + shadows(document);
})()`;

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

interface FrameTree {
  readonly frame: { readonly id: string };
  readonly childFrames?: readonly FrameTree[];
}

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

  /** Nodes in the documents of the page and its frames in the same process; null where one of them does not answer. */
  async attachedNodes(): Promise<number | null> {
    const frames = listFrames((await this.session.send('Page.getFrameTree')).frameTree);
    const counts = await Promise.all(frames.map((frame) => this.ask<number>(frame, countSource)));
    return counts.includes(undefined) ? null : counts.reduce<number>((sum, count) => sum + (count ?? 0), 0);
  }

  private async askMain<Answer>(expression: string): Promise<Answer | undefined> {
    try {
      const { frameTree } = await this.session.send('Page.getFrameTree');
      return await this.ask<Answer>(frameTree.frame.id, expression);
    } catch {
      return undefined;
    }
  }

  private async ask<Answer>(frameId: string, expression: string): Promise<Answer | undefined> {
    try {
      // Of one name there is one world a document, however often it is asked for.
      const { executionContextId } = await this.session.send('Page.createIsolatedWorld', { frameId, worldName });
      const reply = await this.session.send('Runtime.evaluate', {
        expression,
        contextId: executionContextId,
        awaitPromise: true,
        returnByValue: true,
        timeout: countLimit,
      });
      return reply.exceptionDetails ? undefined : (reply.result.value as Answer);
    } catch {
      return undefined;
    }
  }
}

function listFrames({ frame, childFrames = [] }: FrameTree): string[] {
  return [frame.id, ...childFrames.flatMap(listFrames)];
}
