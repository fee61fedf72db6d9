/** What is known of each page: the kind of its leak, what holds it, and where it is to be mended. */
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import type { LeakPattern } from '../../src/core/leaks.ts';

export const kits = ['plain', 'react', 'vue'] as const;
export type Kit = (typeof kits)[number];

/** The truth about a page that leaks. */
export interface Truth {
  /** The pattern; further ones that say the same of this page as rightly. */
  readonly patterns: readonly [LeakPattern, ...LeakPattern[]];
  /** The variable, property or function that holds what leaks: naming one of them names the holder. */
  readonly names: readonly [string, ...string[]];
}

export interface LeakPage {
  readonly kit: Kit;
  readonly name: string;
  /** Path of the page; `?repaired` is its twin, for those that leak. */
  readonly url: string;
  /** Of its source, from this folder. */
  readonly file: string;
  /** Null for a page that looks as if it leaked, and does not. */
  readonly truth: Truth | null;
  /** Lines of the source that are to be mended: each is marked there. */
  readonly lines: readonly number[];
}

const truths: Readonly<Record<string, readonly [LeakPattern | readonly [LeakPattern, ...LeakPattern[]], ...string[]]>> =
  {
    'plain/window-listener': ['listener not removed', 'onResize'],
    'plain/document-listener': ['listener not removed', 'trapFocus'],
    'plain/bus-listener': ['listener not removed', 'bus', 'PriceList'],
    'plain/media-listener': ['listener not removed', 'narrow', 'switchLayout'],
    'plain/emitter': [['listener not removed', 'collection that only grows'], 'handlers', 'prices'],
    'plain/detached-array': ['detached DOM held by JavaScript', 'closedPanels'],
    'plain/detached-static': [['detached DOM held by JavaScript', 'collection that only grows'], 'instances'],
    'plain/growing-map': ['cache without eviction', 'details'],
    'plain/global-dictionary': [['cache without eviction', 'collection that only grows'], 'answers'],
    'plain/event-log': ['collection that only grows', 'queue', 'analytics'],
    'plain/linked-list': ['collection that only grows', 'newest'],
    'plain/immutable-store': ['collection that only grows', 'notices', 'store'],
    'plain/typed-arrays': ['collection that only grows', 'waveforms'],
    'plain/numbers': ['collection that only grows', 'frameTimes'],
    'plain/closure': ['closure over a large scope', 'undoSteps'],
    'plain/interval': ['timer never cleared', 'tick'],
    'plain/timeout-chain': ['timer never cleared', 'poll', 'pollPrices'],
    'plain/mutation-observer': ['observer not disconnected', 'onMutation'],
    'plain/resize-observer': ['observer not disconnected', 'onSize'],
    'plain/intersection-observer': ['observer not disconnected', 'onSeen'],
    'plain/promise': ['promise never settled', 'signedIn', 'showPrices'],
    'plain/pending-requests': [['promise never settled', 'cache without eviction'], 'pending'],
    'plain/style-sheets': ['style sheets pile up', 'style'],
    'plain/style-rules': ['style sheets pile up', 'rules'],
    'plain/adopted-sheets': ['style sheets pile up', 'adoptedStyleSheets'],
    'plain/iframes': ['frame not removed', 'iframe'],
    'plain/held-windows': ['frame not removed', 'previews'],
    'plain/workers': ['worker not terminated', 'Worker'],
    'plain/worker-pool': ['worker not terminated', 'parsers'],
    'plain/console': ['held by the console', 'console'],
    'plain/history-state': ['history state', 'visited', 'history'],
    'plain/history-entries': ['history state', 'history'],
    'plain/history-scroll': [['cache without eviction', 'history state'], 'restored'],
    'plain/toasts': ['DOM that piles up in the page', 'output', 'toast'],
    'react/window-listener': ['listener not removed', 'onResize'],
    'react/interval': ['timer never cleared', 'tick'],
    // Sets and lists of functions, each over the scope of its component: all three say so.
    'react/subscription': [
      ['listener not removed', 'collection that only grows', 'closure over a large scope'],
      ...['subscribers', 'priceStore'],
    ],
    'react/hook-cache': ['cache without eviction', 'queryCache'],
    'react/element-registry': ['detached DOM held by JavaScript', 'elementRegistry'],
    'react/observer': ['observer not disconnected', 'observer', 'VisiblePanel'],
    'react/portal': ['DOM that piles up in the page', 'aside', 'host'],
    'react/reducer-log': ['collection that only grows', 'history', 'store'],
    'vue/window-listener': ['listener not removed', 'onResize'],
    'vue/interval': ['timer never cleared', 'tick'],
    'vue/event-bus': [
      ['listener not removed', 'collection that only grows', 'closure over a large scope'],
      'listeners',
    ],
    'vue/late-watch': [['listener not removed', 'collection that only grows'], 'currency'],
    'vue/composable-cache': ['cache without eviction', 'answers'],
    'vue/template-refs': ['detached DOM held by JavaScript', 'measured'],
  };

/** Lines that end in the mark; a mark on a line of its own is for the line before. */
function findMarks(source: string): number[] {
  return source
    .split('\n')
    .flatMap((line, at) => (line.endsWith('// mend') ? [line.trim() === '// mend' ? at : at + 1] : []));
}

function readPage(kit: Kit, file: string): LeakPage {
  const { name } = path.parse(file);
  const known = truths[`${kit}/${name}`];
  const lines = findMarks(readFileSync(path.join(import.meta.dirname, kit, file), 'utf8'));
  if ((known === undefined) !== name.startsWith('clean-') || (known === undefined) !== (lines.length === 0))
    throw new Error(`examples/leaks/${kit}/${file}: a page either leaks, with a truth and marks, or is clean`);
  const place = { kit, name, url: `/${kit}/${name}`, file: `${kit}/${file}` };
  if (!known) return { ...place, truth: null, lines };
  const [patterns, ...names] = known;
  return {
    ...place,
    truth: {
      patterns: typeof patterns === 'string' ? [patterns] : patterns,
      names: names as [string, ...string[]],
    },
    lines,
  };
}

/** What the pages share, and is none. */
const shared = new Set(['main', 'shell', 'shared', 'panel', 'pages', 'late-list']);

/** All pages, those that leak and those that do not. */
export const leakPages: readonly LeakPage[] = kits.flatMap((kit) =>
  readdirSync(path.join(import.meta.dirname, kit))
    .filter((file) => /\.(js|tsx)$/.test(file) && !shared.has(path.parse(file).name))
    .toSorted()
    .map((file) => readPage(kit, file)),
);
