import { describe, expect, test } from 'vitest';
import type { EventRecord, PageRecords, VitalRecord } from '../src/collect/recorder.ts';
import { readVitals, slowestInteraction, worstWindow } from '../src/collect/vitals.ts';

function shift(start: number, value: number): PageRecords['shifts'][number] {
  return { start, value, nodes: [`node at ${start}`] };
}

function page(more: Partial<PageRecords> = {}): PageRecords {
  return {
    timeOrigin: 1000,
    now: 900,
    url: 'http://shop.test/',
    firstPaint: 100,
    lastActivity: 800,
    interactions: 0,
    vitals: [],
    events: [],
    shifts: [],
    tasks: [],
    timings: [],
    ...more,
  };
}

const before = { timeOrigin: 1000, url: 'http://shop.test/' };

function event(more: Partial<EventRecord>): EventRecord {
  return {
    id: 7,
    type: 'click',
    start: 1000,
    duration: 200,
    processingStart: 1010,
    processingEnd: 1100,
    target: 'button',
    ...more,
  };
}

function vital(name: VitalRecord['name'], value: number, more: Partial<VitalRecord> = {}): VitalRecord {
  return { name, value, soft: false, target: '', url: null, parts: null, ...more };
}

describe('session windows of CLS', () => {
  const starts = (shifts: PageRecords['shifts']): number[] => worstWindow(shifts).map((each) => each.start);

  test('no shift, no window', () => {
    expect(worstWindow([])).toEqual([]);
  });

  test('shifts less than 1 s apart are one window, 1 s apart are two', () => {
    expect(starts([shift(0, 0.1), shift(999, 0.1)])).toEqual([0, 999]);
    expect(starts([shift(0, 0.1), shift(1000, 0.2)])).toEqual([1000]);
  });

  test('a window lasts less than 5 s from its first shift', () => {
    const shifts = [0, 900, 1800, 2700, 3600, 4500, 4999].map((start) => shift(start, 0.1));
    expect(starts(shifts)).toHaveLength(7);
    expect(starts([...shifts, shift(5000, 0.1)])).toHaveLength(7);
    expect(starts([...shifts, shift(5000, 0.9)])).toEqual([5000]);
  });

  test('the highest sum wins over the highest shift, and of equals the first', () => {
    expect(starts([shift(0, 0.3), shift(5000, 0.2), shift(5500, 0.2)])).toEqual([5000, 5500]);
    expect(starts([shift(0, 0.25), shift(5000, 0.25)])).toEqual([0]);
  });

  test('shifts may come out of order', () => {
    expect(starts([shift(999, 0.1), shift(0, 0.1)])).toEqual([0, 999]);
  });
});

describe('slowestInteraction', () => {
  test('no event, no interaction', () => {
    expect(slowestInteraction([])).toBeUndefined();
  });

  test('the parts of one event', () => {
    expect(slowestInteraction([event({})])).toEqual({
      duration: 200,
      attribution: { target: 'button', type: 'click', parts: { inputDelay: 10, processing: 90, presentation: 100 } },
    });
  });

  test('events that one frame presented are one interaction, named by its click', () => {
    const slowest = slowestInteraction([
      event({ type: 'pointerup', start: 1000, duration: 208, processingStart: 1005, processingEnd: 1020 }),
      event({ type: 'click', start: 1000, duration: 200, processingStart: 1020, processingEnd: 1150 }),
    ]);
    expect(slowest?.duration).toBe(208);
    expect(slowest?.attribution).toMatchObject({
      type: 'click',
      parts: { inputDelay: 5, processing: 145, presentation: 58 },
    });
  });

  test('events of another interaction, or of another frame, have no part in it', () => {
    const slowest = slowestInteraction([
      event({}),
      event({ id: 8, duration: 192, processingEnd: 1190 }),
      event({ type: 'pointerdown', start: 900, duration: 16, processingStart: 901, processingEnd: 902 }),
    ]);
    expect(slowest?.attribution?.parts).toEqual({ inputDelay: 10, processing: 90, presentation: 100 });
  });

  test.each([
    ['handlers that ended after the rounded frame', { processingStart: 1010, processingEnd: 1300 }],
    ['handlers that started before the event, by rounding', { processingStart: 999, processingEnd: 1100 }],
    ['handlers that started after the frame', { processingStart: 1400, processingEnd: 1500 }],
  ])('parts are never negative and sum to the duration: %s', (_name, times) => {
    const parts = slowestInteraction([event(times)])?.attribution?.parts ?? { none: 0 };
    for (const part of Object.values(parts)) expect(part).toBeGreaterThanOrEqual(0);
    expect(Object.values(parts).reduce((sum, part) => sum + part, 0)).toBe(200);
  });
});

describe('the kind of a step', () => {
  const kind = (...records: PageRecords[]): string => readVitals({ records, before }).kind;

  test('a new document is a navigation, to the same URL too', () => {
    expect(kind(page({ timeOrigin: 2000 }))).toBe('navigation');
    expect(readVitals({ records: [page()], before: null }).kind).toBe('navigation');
  });

  test('a new URL in the same document is a soft navigation, a new fragment is not', () => {
    expect(kind(page({ url: 'http://shop.test/products/1' }))).toBe('soft-navigation');
    expect(kind(page({ url: 'http://shop.test/#reviews' }))).toBe('script');
  });

  test('a new fragment is one where the browser says so', () => {
    expect(kind(page({ url: 'http://shop.test/#/cart', vitals: [vital('LCP', 100, { soft: true })] }))).toBe(
      'soft-navigation',
    );
  });

  test('input in the same document is an interaction; without input it is the script', () => {
    expect(kind(page({ interactions: 1 }))).toBe('interaction');
    expect(kind(page())).toBe('script');
    expect(kind()).toBe('script');
  });
});

describe('readVitals', () => {
  test('paints of a navigation are those last reported by the last document', () => {
    const { metrics } = readVitals({
      records: [
        page({ timeOrigin: 2000, vitals: [vital('LCP', 9000)] }),
        page({
          timeOrigin: 3000,
          vitals: [
            vital('TTFB', 20),
            vital('FCP', 90),
            vital('LCP', 90),
            vital('LCP', 400),
            vital('LCP', 1, { soft: true }),
          ],
        }),
      ],
      before,
    });
    expect(metrics).toMatchObject({ TTFB: 20, FCP: 90, LCP: 400 });
  });

  test('a soft navigation has its own paints and no first byte', () => {
    const { metrics } = readVitals({
      records: [
        page({
          url: 'http://shop.test/2',
          vitals: [vital('LCP', 400), vital('TTFB', 20), vital('LCP', 60, { soft: true })],
        }),
      ],
      before,
    });
    expect(metrics['LCP']).toBe(60);
    expect(metrics).not.toHaveProperty('TTFB');
  });

  test('an interaction has no paints', () => {
    const { metrics, attribution } = readVitals({
      records: [page({ interactions: 1, vitals: [vital('LCP', 400)] })],
      before,
    });
    expect(metrics).not.toHaveProperty('LCP');
    expect(attribution.lcp).toBeNull();
  });

  test('an interaction too fast for an entry counts as 8 ms; without one there is no INP', () => {
    expect(readVitals({ records: [page({ interactions: 1 })], before }).metrics['INP']).toBe(8);
    expect(readVitals({ records: [page()], before }).metrics).not.toHaveProperty('INP');
    expect(
      readVitals({ records: [page({ interactions: 2, events: [event({ duration: 40 })] })], before }).metrics['INP'],
    ).toBe(40);
  });

  test('CLS is that of the worst document: windows do not reach over a navigation', () => {
    const records = [
      page({ timeOrigin: 2000, shifts: [shift(100, 0.1)] }),
      page({ timeOrigin: 3000, shifts: [shift(100, 0.15)] }),
    ];
    const { metrics, attribution } = readVitals({ records, before });
    expect(metrics['CLS']).toBe(0.15);
    expect(attribution.shifts).toEqual([{ score: 0.15, at: 100, nodes: ['node at 100'] }]);
  });

  test('nothing that moved and no long task is 0, without a page nothing is known', () => {
    expect(readVitals({ records: [page()], before }).metrics).toEqual({
      CLS: 0,
      TBT: 0,
      'longtasks.count': 0,
      'longtasks.longest': 0,
    });
    expect(readVitals({ records: [], before: null })).toMatchObject({ metrics: {}, url: '' });
  });

  test('blocking time of a navigation counts from the first paint, else from the beginning', () => {
    const tasks = [
      { start: 0, duration: 90 }, // before the paint
      { start: 80, duration: 100 }, // 80 ms of it after the paint: 30 ms block
      { start: 300, duration: 150 }, // 100 ms
    ];
    const tbt = (more: Partial<PageRecords>): number | undefined =>
      readVitals({ records: [page({ tasks, ...more })], before }).metrics['TBT'];
    expect(tbt({ timeOrigin: 2000 })).toBe(130);
    expect(tbt({ timeOrigin: 2000, firstPaint: null })).toBe(0);
    expect(tbt({})).toBe(40 + 50 + 100);
  });

  test('long tasks are counted, the longest is named, the twenty longest are kept', () => {
    const tasks = Array.from({ length: 30 }, (_, index) => ({ start: index * 100, duration: 51 + index }));
    const { metrics, attribution } = readVitals({ records: [page({ tasks })], before });
    expect(metrics).toMatchObject({ 'longtasks.count': 30, 'longtasks.longest': 80 });
    expect(attribution.longTasks.map((task) => task.duration)).toEqual(
      Array.from({ length: 20 }, (_, index) => 80 - index),
    );
  });

  test('user timings: the first measure of a name, else the first mark; names are cleaned, nameless ones left out', () => {
    const timing = (name: string, kind: 'measure' | 'mark', start: number, duration = 0) => ({
      name,
      kind,
      start,
      duration,
    });
    const { metrics } = readVitals({
      records: [
        page({
          timings: [
            timing('ready', 'mark', 10),
            timing('ready', 'measure', 20, 5),
            timing('ready', 'measure', 30, 6),
            timing('seen', 'mark', 40),
            timing('seen', 'mark', 50),
            timing('a\nb', 'mark', 60),
            timing('', 'mark', 70),
            timing('__proto__', 'mark', 80),
          ],
        }),
      ],
      before,
    });
    const timings = Object.entries(metrics).filter(([id]) => id.startsWith('timing.'));
    expect(timings).toEqual([
      ['timing.ready', 5],
      ['timing.seen', 40],
      ['timing.a b', 60],
      ['timing.__proto__', 80],
    ]);
  });

  test('what the page says of itself is cleaned and redacted', () => {
    const { url, attribution } = readVitals({
      records: [
        page({
          timeOrigin: 2000,
          url: 'http://shop.test/?token=secret',
          vitals: [
            vital('LCP', 400, { target: 'img\u202e', url: 'http://cdn.test/a.png?signature=1', parts: [1, 2, 3, 4] }),
          ],
        }),
      ],
      before,
    });
    expect(url).toBe('http://shop.test/?token=REDACTED');
    expect(attribution.lcp).toEqual({
      element: 'img',
      url: 'http://cdn.test/a.png?signature=REDACTED',
      parts: { ttfb: 1, loadDelay: 2, loadDuration: 3, renderDelay: 4 },
    });
  });
});
