/** What the report says of a profile without any script, and what it lets into the page. */
import { inflateRawSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { RunDocument } from '../src/core/document.ts';
import { readFlameData } from '../src/report/flame-data.ts';
import { renderReport } from '../src/report/html.ts';
import { type FlameView, flameView } from '../src/report/view-flame.ts';
import { slowerView } from '../src/report/view-slower.ts';
import { frame, makeProfile, pack, packText } from './fixtures/profiles/make.ts';
import {
  diagnosed,
  diagnosisOf,
  differenceRun,
  flameRun,
  hostileFlameRun,
  largeFlameRun,
  plainRun,
  shopProfile,
  stepDiagnosis,
} from './fixtures/profiles/runs.ts';

function viewOf(run: RunDocument, step = 'open the shop'): FlameView {
  const [scenario] = run.scenarios;
  const view = scenario && flameView(scenario, step, 's1-1');
  if (!view) throw new Error(`no flame graph of ${step}`);
  return view;
}

function profiled(profile: string): FlameView {
  return viewOf(diagnosed(plainRun(), diagnosisOf([stepDiagnosis('open the shop', { profile })])));
}

describe('a flame graph without script', () => {
  it('says how long a pass is, of how many it is the mean, and how sure shares are', () => {
    expect(viewOf(flameRun()).sentences).toEqual([
      '120 ms on the main thread and 30 ms in Worker cart-worker.js, in one pass: the mean of 4 passes after the measured samples.',
      'Chrome’s tasks are exact. JavaScript is sampled (4200 samples, 0.2 ms apart): a share of 10 % is known to ±0.9 points.',
    ]);
  });

  it('sums self time by kind of work, to all there is', () => {
    const { kinds } = viewOf(flameRun());
    expect(kinds.map(({ label, time, share }) => `${label} ${time} ${share}`)).toEqual([
      'Own JavaScript 72 ms 48 %',
      'Library 12 ms 8 %',
      'Third party 18 ms 12 %',
      'Style 9 ms 6 %',
      'Layout 9 ms 6 %',
      'Paint 3 ms 2 %',
      'Parsing and compiling 6 ms 4 %',
      'Garbage collection 4 ms 2.7 %',
      'Native function 12 ms 8 %',
      'Other work of Chrome 5 ms 3.3 %',
    ]);
  });

  it('lists the functions with most time of their own', () => {
    const { functions, caption } = viewOf(flameRun());
    expect(caption).toBe('15 of 17 functions. Times of one pass.');
    expect(functions[0]).toEqual({
      name: 'renderList',
      place: 'src/list.tsx:42:3',
      self: '30 ms',
      share: '20 %',
      bar: 60,
      tone: 'script',
      total: '50 ms',
      calls: '24',
      kind: 'own JavaScript',
    });
  });

  it('warns of few samples, of trees that do not add up, and passes on the notes', () => {
    const words = (profile: Parameters<typeof pack>[0]): string[] =>
      profiled(pack(profile)).warnings.map(({ word }) => word);
    expect(words(shopProfile())).toEqual([]);
    expect(words({ ...shopProfile(), samples: 999 })).toEqual(['few samples']);
    expect(words({ ...shopProfile(), samples: 1000, taskTime: 4 * 127_000 })).toEqual(['does not add up']);
    expect(words({ ...shopProfile(), taskTime: 4 * 125_000, notes: ['cut'] })).toEqual(['note']);
    expect(words({ ...shopProfile(), samples: 0 })).toEqual([]);
    expect(words({ ...shopProfile(), notes: 'abcdefg'.split('') })).toHaveLength(6);
    const half = stepDiagnosis('open the shop', { profile: pack(shopProfile()), baseProfile: 'x' });
    expect(viewOf(diagnosed(plainRun(), diagnosisOf([half]))).warnings.map(({ word }) => word)).toEqual([
      'no difference',
    ]);
  });

  it('is not there without a diagnosis or a profile of the step', () => {
    const [scenario] = plainRun().scenarios;
    const [other] = diagnosed(plainRun(), diagnosisOf([stepDiagnosis('open the shop')])).scenarios;
    expect(scenario && flameView(scenario, 'open the shop', 's')).toBe(null);
    expect(other && flameView(other, 'open the shop', 's')).toBe(null);
    expect(other && flameView(other, 'search', 's')).toBe(null);
    expect(renderReport(plainRun())).not.toContain('class="flame"');
  });

  it('links files of its step that other tools open', () => {
    expect(viewOf(largeFlameRun(200)).files.map(({ href, title }) => `${title}: ${href}`)).toEqual([
      'CPU profile for DevTools: artifacts/buy-a-pair-of-boots/open-the-shop/profile.cpuprofile',
      'trace for DevTools and Perfetto: artifacts/buy-a-pair-of-boots/open-the-shop/trace.json.gz',
    ]);
    expect(viewOf(largeFlameRun(200), 'search').files).toEqual([]);
  });
});

describe('functions that got slower', () => {
  it('names the worst one in a sentence, and draws all on one scale', () => {
    const { slower } = viewOf(differenceRun());
    expect(slower?.headline).toBe('renderList (src/list.tsx:42) +38 ms a pass, from 12 ms to 50 ms.');
    expect(slower?.rows.map(({ name, change, interval, tone }) => `${name} ${change} ${interval} ${tone}`)).toEqual([
      'renderList +38 ms +32 to +44 ms fail',
      'useDiscounts +4.2 ms – unsure',
      'formatPrice +0.6 ms −0.8 to +2 ms unsure',
      'readCart −2.9 ms −3.9 to −1.9 ms better',
    ]);
    expect(slower?.rows.map(({ line }) => line === '')).toEqual([false, true, false, false]);
  });

  it('says that none did', () => {
    expect(slowerView([])).toMatchObject({ headline: 'No function got surely slower than in base.', rows: [] });
  });
});

describe('what is no profile', () => {
  const good = shopProfile();
  const odd = { ...frame('odd'), category: '"><b>' } as unknown as ReturnType<typeof frame>;
  it.each([
    ['nothing', ''],
    ['no base64', '</script>'],
    ['no JSON', packText('{')],
    ['no profile', packText('{}')],
    ['a bomb', packText(`"${'x'.repeat(120_000_000)}"`)],
    [
      'a parent after its child',
      pack({ ...good, parents: good.parents.map((parent, node) => (node === 2 ? 5 : parent)) }),
    ],
    ['a loop', pack({ ...good, parents: good.parents.map((parent, node) => (parent < 0 ? parent : node)) })],
    ['a frame that is not there', pack({ ...good, frameOf: good.frameOf.map((index) => index + 1000) })],
    ['a second root', pack({ ...good, threads: good.threads.slice(0, 1) })],
    ['no thread', pack({ ...good, threads: [] })],
    ['negative time', pack({ ...good, self: good.self.map(() => -1) })],
    ['short arrays', pack({ ...good, self: [] })],
    ['no passes', pack({ ...good, passes: 0 })],
    ['a root that is a frame', pack({ ...good, frameOf: good.frameOf.map((index) => Math.max(0, index)) })],
    ['a kind that is none', pack(makeProfile({ main: [[odd, 1]] }))],
  ])('costs only the graph: %s', (_, packed) => {
    expect(readFlameData(packed)).toBe(undefined);
    const view = profiled(packed);
    expect(view).toMatchObject({ head: '', base: '', functions: [], kinds: [] });
    expect(view.warnings.map(({ word }) => word)).toEqual(['no profile']);
  });

  it('takes a profile without any time', () => {
    const view = profiled(pack(makeProfile({ 'Main thread': [] }, { samples: 0, taskTime: 0 })));
    expect(view.sentences[0]).toContain('0 ms on the main thread');
    expect(view.functions).toEqual([]);
  });
});

describe('hostile names', () => {
  it('reach the page as base64 of clean text only', () => {
    const html = renderReport(hostileFlameRun());
    const holders = [
      ...html.matchAll(/<script type="application\/vnd\.pacewright\.profile" data-profile="\w+">([^<]*)<\/script>/g),
    ];
    expect(holders.length).toBe(2);
    expect(html.match(/<script/g)?.length).toBe(3);
    for (const [, packed = ''] of holders) {
      expect(packed).toMatch(/^[A-Za-z0-9+/]+$/);
      const text = inflateRawSync(Buffer.from(packed, 'base64')).toString();
      // eslint-disable-next-line no-control-regex
      expect(text).not.toMatch(/[\u0000-\u001f\u202a-\u202e\u200b]|\\u[0-9a-f]{4}/);
      const { frames, threads, notes } = JSON.parse(text) as ReturnType<typeof shopProfile>;
      for (const { name, file, script } of frames) {
        for (const part of [name, file ?? '', script ?? '']) expect(part.length).toBeLessThanOrEqual(240);
        expect(name).not.toBe('');
      }
      for (const words of [...threads.map(({ name }) => name), ...notes]) expect(words.length).toBeLessThanOrEqual(300);
    }
  });

  it('become no links out of the run folder', () => {
    const { files } = viewOf(hostileFlameRun());
    expect(files.map(({ href }) => href)).toEqual(['artifacts/%22onclick%3D%22window.entered%3D10/x.cpuprofile']);
  });
});
