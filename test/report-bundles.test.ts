/** The section on scripts and style sheets in the HTML report: tree, picture, tables, size. */
import { inflateRawSync } from 'node:zlib';
import { expect, test } from 'vitest';
import type { Bundles } from '../src/core/bundles.ts';
import { bundleTree, measureOf, pruneTree } from '../src/report/bundle-tree.ts';
import { bundleBoxes } from '../src/report/chart-bundles.ts';
import { renderReport } from '../src/report/html.ts';
import { type BundlesView, bundlesView } from '../src/report/view-bundles.ts';
import { whyLines } from '../src/report/why.ts';
import { largeBundles, recordedBundles, runWithBundles } from './fixtures/bundles/runs.ts';
import { passingRun } from './fixtures/runs/runs.ts';

function viewOf(bundles: Bundles): BundlesView {
  const [scenario] = runWithBundles(bundles).scenarios;
  const view = scenario && bundlesView(scenario, 's1');
  if (!view) throw new Error('no view');
  return view;
}

function sectionOf(bundles: Bundles): string {
  const html = renderReport(runWithBundles(bundles));
  const start = html.indexOf('<section class="step bundles"');
  return html.slice(start, html.indexOf('<section class="step noise"', start));
}

const recorded = viewOf(recordedBundles());

test('says in words what there is', () => {
  expect(recorded.sentences).toEqual([
    '6 scripts: 73.81 kB on the wire, 246.8 kB as the browser reads them; 175.7 kB of that, 71 %, never ran.',
    '2 style sheets: 620 B on the wire, 729 B as the browser reads them; 287 B of that, 39 %, are rules that no page used.',
    "Modules are those of source maps; each has its share of its script's bytes on the wire by its size.",
  ]);
});

test('the largest modules stand in a table, with what never ran', () => {
  expect(recorded.modules[0]).toEqual({
    name: 'node_modules/react-dom/cjs/react-dom-client.production.js',
    script: 'http://app.test/assets/index-CibaykaK.js',
    transferred: '61.46 kB',
    size: '202.9 kB',
    unused: '143.4 kB (71 %)',
    bar: 60,
    hatch: 42,
  });
  expect(recorded.duplicates[0]).toMatchObject({
    name: 'toolbox, installed 2 times',
    wasted: '1.07 kB on the wire, 7.3 kB parsed',
  });
  expect(recorded.styles).toHaveLength(2);
  expect(recorded.scripts.map(({ map }) => map)).toEqual(['used', 'used', 'none', 'none', 'used', 'none']);
});

test('a script whose map could not be used says why', () => {
  const { scripts } = viewOf(largeBundles(50));
  expect(scripts.find(({ name }) => name.includes('widget'))).toMatchObject({
    party: 'third party',
    map: 'HTTP 404 for https://cdn.example.com/chat/widget.min.js.map',
  });
});

test('areas are in proportion to bytes, within what frames take', () => {
  const boxes = bundleBoxes(bundleTree(recordedBundles().files, 'http://app.test/'), 'transferred').filter(
    ({ frame }) => !frame,
  );
  const area = (part: string): number =>
    boxes.filter(({ title }) => title.includes(part)).reduce((sum, { width, height }) => sum + width * height, 0);
  const [dom, react] = [area('react-dom-client'), area('react.production')];
  expect(dom / react).toBeGreaterThan((0.8 * 61_463) / 2370);
  expect(dom / react).toBeLessThan((1.25 * 61_463) / 2370);
  for (const { x, y, width, height } of boxes) {
    expect(Math.min(x, y)).toBeGreaterThanOrEqual(0);
    expect(Math.max(x + width, y + height)).toBeLessThanOrEqual(100.1);
  }
  // 71 % of it never ran
  expect(boxes.find(({ title }) => title.includes('react-dom-client'))?.hatch).toBeCloseTo(29.3, 1);
});

test('small parts become one, and nothing is lost', () => {
  const tree = bundleTree(largeBundles(2000).files, 'http://127.0.0.1:4173/');
  const pruned = pruneTree(tree, 100, ['transferred']);
  const leaves = (nodes: typeof tree): number =>
    nodes.reduce((sum, node) => sum + (node.children.length > 0 ? leaves([...node.children]) : 1), 0);
  expect(leaves(tree)).toBe(2003);
  expect(leaves(pruned)).toBeLessThan(250);
  for (const measure of ['transferred', 'size', 'unused'] as const) {
    const sum = (nodes: typeof tree): number => nodes.reduce((total, node) => total + measureOf(node, measure), 0);
    expect(sum(pruned)).toBe(sum(tree));
    for (const node of pruned.filter(({ children }) => children.length > 0))
      expect(sum([...node.children])).toBe(measureOf(node, measure));
  }
  const named = pruned
    .flatMap(({ children }) => children.flatMap((child) => [child, ...child.children]))
    .filter(({ kind }) => kind === 'rest');
  expect(named[0]?.name).toMatch(/^\d+ more$/);
});

test('with a warm cache nothing came over the wire: the picture is of parsed bytes', () => {
  const cached = recordedBundles();
  const files = cached.files.map((file) => ({
    ...file,
    transferred: 0,
    modules: file.modules.map((module) => ({ ...module, transferred: 0 })),
  }));
  const view = viewOf({ ...cached, files });
  expect(view.description).toContain('by bytes parsed');
  expect(view.boxes.length).toBeGreaterThan(10);
});

test('without coverage or source maps it says so', () => {
  const [file] = recordedBundles().files;
  if (!file) throw new Error('no file');
  const view = viewOf({
    files: [{ ...file, unused: null, map: 'none', firstUse: [], modules: [] }],
    duplicates: [],
    changes: null,
    notes: [],
  });
  expect(view.sentences).toEqual([
    '1 script: 71.91 kB on the wire, 237.4 kB as the browser reads them.',
    'No script has a source map that could be used: what is in them is unknown.',
  ]);
  expect(view.scripts[0]?.unused).toBe('–');
});

test('against base: what is new, gone, grown or shrunk', () => {
  const change = (name: string, base: number | null, head: number | null) => ({
    name,
    kind: 'module' as const,
    base,
    head,
  });
  const changes = [
    change('src/a.ts', null, 5000),
    change('src/b.ts', 4000, null),
    change('src/c.ts', 1000, 3000),
    change('src/d.ts', 3000, 2000),
  ];
  const view = viewOf({ ...recordedBundles(), changes });
  expect(view.changes.map(({ status, name, base, head, change: by }) => [status.word, name, base, head, by])).toEqual([
    ['new', 'src/a.ts', '–', '5 kB', '+5 kB'],
    ['gone', 'src/b.ts', '4 kB', '–', '−4 kB'],
    ['grown', 'src/c.ts', '1 kB', '3 kB', '+2 kB'],
    ['shrunk', 'src/d.ts', '3 kB', '2 kB', '−1 kB'],
  ]);
});

test('5,000 modules take less than 150 kB of the report', () => {
  const bundles = largeBundles(5000);
  expect(sectionOf(bundles).length).toBeLessThan(150_000);
  const { data } = viewOf(bundles);
  const tree = JSON.parse(inflateRawSync(Buffer.from(data, 'base64')).toString()) as unknown[][];
  expect(tree).toHaveLength(15);
  expect(tree[0]).toHaveLength(7);
});

test('a report without bundles carries nothing of the picture', () => {
  const html = renderReport(passingRun());
  expect(html).not.toMatch(/bundle/);
  expect(renderReport(runWithBundles({ files: [], duplicates: [], changes: null, notes: [] }))).not.toMatch(
    /class="step bundles"/,
  );
});

test('a budget on a glob that fails says what it names', () => {
  const [scenario] = runWithBundles(recordedBundles()).scenarios;
  if (!scenario) throw new Error('no scenario');
  const lines = (metric: string): string[] => whyLines(scenario, { step: null, metric, value: 1 });
  expect(lines('bundle.src/**')).toEqual([
    'Largest of 8: src/export-report.js 916 B, src/describe.js 513 B, src/app.jsx 240 B, src/greetings.js 194 B',
  ]);
  expect(lines('bundle.*.css')).toEqual([expect.stringMatching(/^index-[\w-]+\.css 590 B$/)]);
  expect(lines('bundle.node_modules/moment/**')).toEqual([]);
});
