/**
 * The part of the collector that runs in the page, in an isolated world of its own: the page's scripts can neither
 * see nor change it. It only listens (performance entries and web-vitals callbacks) and hands over what it heard.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

export const worldName = 'pacewright';
export const bindingName = '__pacewrightHandOver';

export interface VitalRecord {
  name: 'LCP' | 'FCP' | 'TTFB';
  value: number;
  soft: boolean;
  target: string;
  url: string | null;
  parts: [number, number, number, number] | null;
}

export interface EventRecord {
  id: number;
  type: string;
  start: number;
  duration: number;
  processingStart: number;
  processingEnd: number;
  target: string;
}

/** What one document recorded since it was last asked; times in ms since its navigation started. */
export interface PageRecords {
  timeOrigin: number;
  now: number;
  url: string;
  firstPaint: number | null;
  lastActivity: number;
  interactions: number;
  vitals: VitalRecord[];
  events: EventRecord[];
  shifts: { value: number; start: number; nodes: string[] }[];
  tasks: { start: number; duration: number }[];
  timings: { name: string; kind: 'measure' | 'mark'; start: number; duration: number }[];
}

interface VitalMetric {
  name: VitalRecord['name'];
  value: number;
  navigationType: string;
  attribution: Record<string, unknown>;
}

interface Recorder {
  flush(): PageRecords;
  calm(limit: number): Promise<{ readyState: string; sinceLongTask: number | null; painted: boolean }>;
}

declare const webVitals: Record<
  'onLCP' | 'onFCP' | 'onTTFB',
  (report: (metric: VitalMetric) => void, options: object) => void
>;

// Sent to the page as source text: it may use nothing from outside its own body but the page's globals.
function recordPage(binding: string): void {
  const scope = globalThis as unknown as Record<string, unknown>;
  if (window.top !== window || scope['__pacewright']) return;
  const longest = 300;
  const most = 500;
  let vitals: VitalRecord[] = [];
  let events: EventRecord[] = [];
  let shifts: PageRecords['shifts'] = [];
  let tasks: PageRecords['tasks'] = [];
  let timings: PageRecords['timings'] = [];
  let interactionsSeen = 0;
  let lastActivity = 0;
  let lastTaskEnd: number | null = null;

  const describe = (node: Node | null | undefined): string => {
    const parts: string[] = [];
    let element = node instanceof Element ? node : (node?.parentElement ?? null);
    while (element && parts.length < 4) {
      const name = element.localName.slice(0, 40);
      if (element.id) {
        parts.unshift(`${name}#${element.id.slice(0, 60)}`);
        break;
      }
      const classes = [...element.classList].slice(0, 2).map((each) => `.${each.slice(0, 40)}`);
      parts.unshift(name + classes.join(''));
      element = element.parentElement;
    }
    return parts.join(' > ').slice(0, longest);
  };
  // A handler often removes what was clicked, and the entry then has no target: it is described before handlers run.
  let inputs: { time: number; target: string }[] = [];
  for (const type of ['pointerdown', 'pointerup', 'click', 'keydown', 'keyup']) {
    addEventListener(
      type,
      (event) => {
        if (!event.isTrusted) return;
        inputs = [...inputs.slice(-19), { time: event.timeStamp, target: describe(event.target as Node | null) }];
      },
      { capture: true, passive: true },
    );
  }
  const targetOf = (event: PerformanceEventTiming): string =>
    describe(event.target) || (inputs.findLast((input) => Math.abs(input.time - event.startTime) < 1)?.target ?? '');
  const active = (time: number): void => {
    lastActivity = Math.max(lastActivity, time);
  };
  const keep = <Kept>(list: Kept[], item: Kept): void => {
    if (list.length < most) list.push(item);
  };
  const handlers: Record<string, (entry: PerformanceEntry) => void> = {
    longtask: (entry) => {
      lastTaskEnd = entry.startTime + entry.duration;
      active(lastTaskEnd);
      keep(tasks, { start: entry.startTime, duration: entry.duration });
    },
    'layout-shift': (entry) => {
      const shift = entry as PerformanceEntry & {
        value: number;
        hadRecentInput: boolean;
        sources: { node: Node | null }[];
      };
      active(entry.startTime);
      if (shift.hadRecentInput) return;
      keep(shifts, {
        value: shift.value,
        start: entry.startTime,
        nodes: shift.sources.slice(0, 5).map((source) => describe(source.node)),
      });
    },
    event: (entry) => {
      const event = entry as PerformanceEventTiming & { interactionId: number };
      if (!event.interactionId) return;
      active(event.startTime + event.duration);
      keep(events, {
        id: event.interactionId,
        type: event.name,
        start: event.startTime,
        duration: event.duration,
        processingStart: event.processingStart,
        processingEnd: event.processingEnd,
        target: targetOf(event),
      });
    },
    measure: (entry) => {
      keep(timings, {
        name: entry.name.slice(0, longest),
        kind: 'measure',
        start: entry.startTime,
        duration: entry.duration,
      });
    },
    mark: (entry) => {
      keep(timings, { name: entry.name.slice(0, longest), kind: 'mark', start: entry.startTime, duration: 0 });
    },
  };
  handlers['first-input'] = handlers['event'] ?? (() => {});

  const observers = Object.entries(handlers).map(([type, handle]) => {
    const observer = new PerformanceObserver((list) => list.getEntries().forEach(handle));
    // 16 ms is the lowest threshold that event timing takes; durations come in steps of 8 ms.
    observer.observe({ type, buffered: true, durationThreshold: 16 } as PerformanceObserverInit);
    return { observer, handle };
  });

  const report = (metric: VitalMetric): void => {
    const about = metric.attribution;
    const soft = metric.navigationType === 'soft-navigation';
    if (!soft) active(metric.value);
    const part = (name: string): number => (typeof about[name] === 'number' ? (about[name] as number) : 0);
    keep(vitals, {
      name: metric.name,
      value: metric.value,
      soft,
      target: typeof about['target'] === 'string' ? (about['target'] as string).slice(0, longest) : '',
      url: typeof about['url'] === 'string' ? (about['url'] as string).slice(0, 2000) : null,
      parts:
        metric.name === 'LCP'
          ? [
              part('timeToFirstByte'),
              part('resourceLoadDelay'),
              part('resourceLoadDuration'),
              part('elementRenderDelay'),
            ]
          : null,
    });
  };
  const everyChange = { reportAllChanges: true, reportSoftNavs: true };
  webVitals.onLCP(report, everyChange);
  webVitals.onFCP(report, everyChange);
  webVitals.onTTFB(report, { reportAllChanges: true });

  const flush = (): PageRecords => {
    for (const { observer, handle } of observers) observer.takeRecords().forEach(handle);
    const navigation = performance.getEntriesByType('navigation')[0] as PerformanceNavigationTiming | undefined;
    active(navigation?.loadEventEnd ?? 0);
    const paint = performance.getEntriesByName('first-contentful-paint')[0];
    const count = (performance as Performance & { interactionCount?: number }).interactionCount ?? 0;
    const records: PageRecords = {
      timeOrigin: performance.timeOrigin,
      now: performance.now(),
      url: location.href.slice(0, 2000),
      firstPaint: paint ? paint.startTime : null,
      lastActivity,
      interactions: count - interactionsSeen,
      vitals,
      events,
      shifts,
      tasks,
      timings,
    };
    interactionsSeen = count;
    vitals = [];
    events = [];
    shifts = [];
    tasks = [];
    timings = [];
    return records;
  };

  const calm = (limit: number): ReturnType<Recorder['calm']> =>
    new Promise((resolve) => {
      let done = false;
      const answer = (painted: boolean): void => {
        if (done) return;
        done = true;
        for (const { observer, handle } of observers) observer.takeRecords().forEach(handle);
        resolve({
          readyState: document.readyState,
          sinceLongTask: lastTaskEnd === null ? null : performance.now() - lastTaskEnd,
          painted,
        });
      };
      // A frame, what it painted, and the task after it, in which observers are told.
      requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(() => answer(true))));
      setTimeout(() => answer(false), Math.min(limit, 1000));
    });

  // The old document's last words, before a navigation takes it away.
  addEventListener('pagehide', () => {
    const handOver = scope[binding];
    if (typeof handOver === 'function') handOver(JSON.stringify(flush()));
  });
  scope['__pacewright'] = { flush, calm } satisfies Recorder;
}

const library = readFileSync(
  path.join(path.dirname(createRequire(import.meta.url).resolve('web-vitals')), 'web-vitals.attribution.iife.js'),
  'utf8',
);

/** Source text for `Page.addScriptToEvaluateOnNewDocument`. */
export const recorderSource = `${library}\n;(${recordPage.toString()})(${JSON.stringify(bindingName)});`;
