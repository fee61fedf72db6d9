/** Renders a run as one self-contained HTML file, and the list of runs. The only file that knows handlebars. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import Handlebars from 'handlebars';
import type { RunDocument } from '../core/document.ts';
import { indexView, type RunSummary } from './index-page.ts';
import { type ReportView, reportView } from './view.ts';

const folder = new URL('./templates/', import.meta.url);

interface Pages {
  readonly report: HandlebarsTemplateDelegate;
  readonly index: HandlebarsTemplateDelegate;
}

/** What is put into a page beside its markup, and the policy that lets nothing else in. */
interface Assets {
  readonly style: string;
  readonly script: string;
  readonly policy: string;
}

/** `strict` makes a template that asks for what the view does not have throw instead of printing nothing. */
const options = { strict: true, knownHelpersOnly: true, preventIndent: true } as const;

function read(file: string): string {
  return readFileSync(new URL(file, folder), 'utf8');
}

/**
 * Sections with a style and a script of their own; pages that have none of them carry nothing of it. Modules stand each
 * after those that it imports.
 */
const parts = {
  flames: {
    style: 'flame.css',
    modules: 'words tree layout sums paint export table source panel input view graph'
      .split(' ')
      .map((name) => `flame-${name}.js`),
    isIn: ({ scenarios }: ReportView) => scenarios.some(({ steps }) => steps.some(({ flame }) => flame !== null)),
  },
  bundles: {
    style: 'bundles.css',
    modules: ['bundles-layout.js', 'bundles.js'],
    isIn: ({ scenarios }: ReportView) => scenarios.some(({ bundles }) => bundles !== null),
  },
  waterfalls: {
    style: 'waterfall.css',
    modules: [],
    isIn: ({ scenarios }: ReportView) =>
      scenarios.some(({ steps }) => steps.some(({ waterfall }) => waterfall !== null)),
  },
  memory: {
    style: 'memory.css',
    modules: [],
    isIn: ({ scenarios }: ReportView) => scenarios.some(({ memory }) => memory !== null),
  },
};
type PartName = keyof typeof parts;
const partNames = Object.keys(parts) as PartName[];

/** Modules as one script, a function each: a page that may load nothing cannot import. Imports name what they take. */
function inlineModules(files: readonly string[]): string {
  const bodies = files.map((file) => {
    const source = read(file);
    const names = [...source.matchAll(/^export (?:async )?(?:const|function) (\w+)/gm)].map(([, name]) => name);
    const body = source
      .replaceAll(/^import (\{[^}]*\}) from '\.\/([\w-]+\.js)';$/gm, "const $1 = modules['$2'];")
      .replaceAll(/^export /gm, '')
      // a fifth of the bytes, and of no use in a report
      .replaceAll(/^ *(\/\/.*|\/\*\*[\s\S]*?\*\/)\n/gm, '');
    return `modules['${file}'] = (() => {\n${body.trim()}\nreturn { ${names.join(', ')} };\n})();`;
  });
  return `(() => {\n'use strict';\nconst modules = {};\n${bodies.join('\n')}\n})();`;
}

function hashSource(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}

const assetsLoaded = new Map<string, Assets>();

function assets(names: readonly PartName[]): Assets {
  const key = names.join(' ');
  const known = assetsLoaded.get(key);
  if (known) return known;
  const styles = [
    'report.css',
    'comparison.css',
    'lighthouse.css',
    'findings.css',
    ...names.map((name) => parts[name].style),
  ];
  const style = styles.map((file) => read(file).trim()).join('\n');
  const script = [
    read('report.js').trim(),
    ...names.flatMap((name) => (parts[name].modules.length > 0 ? [inlineModules(parts[name].modules)] : [])),
  ].join('\n');
  const policy = [
    "default-src 'none'",
    `style-src ${hashSource(style)}`,
    `script-src ${hashSource(script)}`,
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  const made = { style, script, policy };
  assetsLoaded.set(key, made);
  return made;
}

let loaded: Pages | undefined;

function pages(): Pages {
  if (loaded) return loaded;
  const handlebars = Handlebars.create();
  for (const file of readdirSync(folder)) {
    // compiled here, since partials given as text are compiled without `strict`
    if (file.endsWith('.hbs'))
      handlebars.registerPartial(file.slice(0, -'.hbs'.length), handlebars.compile(read(file).trimEnd(), options));
  }
  loaded = {
    report: handlebars.compile(read('report.hbs'), options),
    index: handlebars.compile(read('index.hbs'), options),
  };
  return loaded;
}

/** The report of a run: complete HTML that loads nothing, with a policy that lets nothing else in. */
export function renderReport(run: RunDocument): string {
  const view = reportView(run);
  const names = partNames.filter((name) => parts[name].isIn(view));
  const has = Object.fromEntries(partNames.map((name) => [name, names.includes(name)]));
  return pages().report({ view, parts: has, ...assets(names) });
}

/** The list of runs for `reports/index.html`, newest first; each links to `ID/index.html`. */
export function renderIndex(runs: readonly RunSummary[]): string {
  return pages().index({ ...indexView(runs), ...assets([]) });
}
