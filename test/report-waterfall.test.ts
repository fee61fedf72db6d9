/** The picture of the network as markup: what it shows, what it leaves out, what it lets in. */
import { describe, expect, test } from 'vitest';
import type { Waterfall, WaterfallRequest } from '../src/core/waterfall.ts';
import { renderReport } from '../src/report/html.ts';
import { reportView } from '../src/report/view.ts';
import type { WaterfallView } from '../src/report/view-waterfall.ts';
import { networkRun } from './fixtures/network/run.ts';
import { attacks } from './fixtures/runs/hostile.ts';

async function views(change?: (waterfall: Waterfall) => Waterfall): Promise<WaterfallView[]> {
  const [scenario] = reportView(await networkRun(change)).scenarios;
  return (scenario?.steps ?? []).flatMap(({ waterfall }) => waterfall ?? []);
}

const [open, more, again] = await views();

function row(view: WaterfallView | undefined, name: string): WaterfallView['rows'][number] {
  const found = view?.rows.find((each) => each.name === name);
  if (!found) throw new Error(`no row ${name} among ${view?.rows.map((each) => each.name).join(' ')}`);
  return found;
}

const percent = (text: string): number => Number(/^(-?[\d.]+)%$/.exec(text)?.[1]);

test('a row a request, in order, with what marks it in words', () => {
  expect(open?.rows).toHaveLength(21);
  expect(open?.summary).toMatch(/^20 requests, 73\.\d kB over the network, all by http\/1\.1\. /);
  expect(again?.summary).toMatch(/3 from a cache/);
  expect(row(open, '/hero.bmp').flags.map(({ word }) => word)).toEqual(['LCP']);
  expect(row(open, '/blocking.css').flags.map(({ word }) => word)).toEqual(['blocks']);
  expect(row(open, '/missing.png')).toMatchObject({ status: '404', kind: 'bad' });
  expect(row(open, '/api/dropped')).toMatchObject({ status: 'failed', kind: 'bad' });
  const live = open?.rows.find(({ name }) => name.endsWith('/live'));
  expect(live).toMatchObject({ status: '101', time: { text: 'open' } });
  expect(live?.parts.map(({ tone }) => tone)).toEqual(['open']);
  expect(row(again, '/cached.js')).toMatchObject({ status: 'memory', size: '–', kind: 'kept' });
  const starts = (open?.rows ?? []).map(({ parts }) => percent(parts[0]?.x ?? ''));
  expect(starts).toEqual(starts.toSorted((a, b) => a - b));
});

test('what is known of a request stands in its row', () => {
  const facts = row(open, '/api/orders?user=17').facts.join('\n');
  expect(facts).toMatch(
    /^http:\/\/127\.0\.0\.1:\d+\/api\/orders\?user=17\nGET, application\/json, http\/1\.1, priority high/,
  );
  expect(facts).toMatch(/Asked for at \d+ ms by .*app\.js:8, called by .*; led to by \/api\/user\?token=REDACTED/);
  expect(facts).toMatch(/Took \d+ ms: queued .* ms, waiting [\d.]+ ms, receiving/);
  expect(facts).toMatch(/186 B over the network, 7 B unpacked, Cache-Control: no-store/);
  expect(row(open, '/hero.bmp').facts.join('\n')).toMatch(/priority high, at first low/);
});

test('bars are made of phases that follow one another, on the axis of marks and pictures', () => {
  for (const { parts, name } of [open, more, again].flatMap((view) => view?.rows ?? [])) {
    for (const [index, part] of parts.entries()) {
      expect(percent(part.x) + percent(part.width), name).toBeLessThanOrEqual(100.01);
      const next = parts[index + 1];
      expect(next === undefined || Math.abs(percent(part.x) + percent(part.width) - percent(next.x)) < 0.02, name).toBe(
        true,
      );
    }
  }
  const hero = row(open, '/hero.bmp').parts.at(-1);
  const lcp = open?.marks.find(({ id }) => id === 'LCP');
  expect(percent(lcp?.x ?? '')).toBeGreaterThan(percent(hero?.x ?? ''));
  const shot = open?.film?.shots.at(-1);
  expect(Math.abs(percent(shot?.to ?? '') - percent(lcp?.x ?? ''))).toBeLessThan(5);
  expect(open?.tasks?.label).toMatch(/^\d long tasks?, \d+ ms$/);
  expect(more?.marks.map(({ id }) => id)).toEqual(['input', 'INP']);
});

test('labels of marks at one time take lanes of their own', async () => {
  const ids = ['FCP', 'LCP', 'DOMContentLoaded', 'load', 'input', 'INP'];
  const [view] = await views((waterfall) => ({ ...waterfall, marks: ids.map((id) => ({ id, at: 500 })) }));
  expect(new Set(view?.marks.map(({ y }) => y)).size).toBe(ids.length);
  expect(view?.head).toBeGreaterThan(Math.max(...(view?.marks ?? []).map(({ y }) => y)));
});

describe('many requests', () => {
  const many =
    (count: number) =>
    (waterfall: Waterfall): Waterfall => {
      const [first] = waterfall.requests;
      const extra = Array.from({ length: count }, (_, index): WaterfallRequest[] =>
        first
          ? [
              {
                ...first,
                url: `http://cdn.test/${index}.png`,
                type: 'image',
                party: 'third-party',
                status: 200,
                start: index,
                end: index + 1,
                bytes: 100,
              },
            ]
          : [],
      ).flat();
      return { ...waterfall, requests: [...waterfall.requests, ...extra] };
    };

  test('beyond a hundred they are one row a type; what is marked stays by itself', async () => {
    const [view] = await views(many(1000));
    expect(view?.rows).toHaveLength(100);
    expect(view?.groups.map(({ name }) => name)).toEqual(['921 more of type image']);
    expect(view?.groups[0]?.size).toBe('92.1 kB');
    expect(row(view, '/hero.bmp').flags).toHaveLength(1);
    expect(view?.summary).toMatch(/^1020 requests/);
  });

  test('the report stays small: ten steps of it fit into 3 MB with all else', async () => {
    const plain = renderReport(await networkRun((waterfall) => ({ ...waterfall, requests: [], shots: [] })));
    const full = renderReport(await networkRun(many(1000)));
    // three steps
    expect((full.length - plain.length) / 3).toBeLessThan(220_000);
  });
});

test('without pictures there is no strip; without requests and pictures no picture at all', async () => {
  expect((await views((waterfall) => ({ ...waterfall, shots: [] }))).map(({ film }) => film)).toEqual([
    null,
    null,
    null,
  ]);
  expect(await views((waterfall) => ({ ...waterfall, requests: [], shots: [] }))).toEqual([]);
  expect(renderReport(await networkRun((waterfall) => ({ ...waterfall, requests: [], shots: [] })))).not.toContain(
    'wf-box',
  );
});

test('numbers without sense do not break the axis', async () => {
  const broken = (waterfall: Waterfall): Waterfall => ({
    ...waterfall,
    marks: [
      { id: 'FCP', at: -5 },
      { id: 'LCP', at: 1e300 },
    ],
    tasks: [{ start: 1e300, duration: 1 }],
    requests: waterfall.requests.map((request, index) => ({
      ...request,
      start: index % 2 ? -1e9 : 5,
      end: index % 3 ? 0 : null,
    })),
  });
  const [view] = await views(broken);
  const places = [
    ...(view?.marks ?? []).map(({ x }) => x),
    ...(view?.ticks ?? []).map(({ x }) => x),
    ...(view?.rows ?? []).flatMap(({ parts, time }) => [time.x, ...parts.flatMap(({ x, width }) => [x, width])]),
  ].map(percent);
  expect(Math.min(...places)).toBe(0);
  expect(Math.max(...places)).toBe(100);
  expect(view?.ticks.length).toBeLessThan(8);
});

test('a finding links to the waterfall of its step', async () => {
  const html = renderReport(await networkRun());
  expect(html).toContain('href="#s1-1-waterfall"');
  expect(html).toContain('id="s1-1-waterfall"');
});

test('an enemy in every text stays text', async () => {
  const text = attacks.join(' ');
  const html = renderReport(
    await networkRun((waterfall) => ({
      notes: attacks,
      length: waterfall.length,
      tasks: waterfall.tasks,
      marks: attacks.map((id, index) => ({ id, at: index * 100 })),
      shots: [...attacks, 'AAAA"/><script>window.entered=9</script>'].map((image, at) => ({ at, image })),
      requests: waterfall.requests.map((request) => ({
        ...request,
        url: text,
        method: text,
        type: text,
        failed: text,
        protocol: text,
        mime: text,
        priority: text,
        initialPriority: text,
        encoding: text,
        cacheControl: text,
        initiator: { kind: text, url: text, location: null, callers: attacks, request: 0 },
      })),
    })),
  );
  const body = html.slice(html.indexOf('<section class="wf"'));
  const markup = body.slice(0, body.indexOf('</section>'));
  expect(markup).not.toMatch(/<script|<iframe|<img|onload=[^&]|style=/);
  expect(markup).toContain('&lt;iframe');
});
