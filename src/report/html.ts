/** Renders a run as one self-contained HTML file, and the list of runs. The only file that knows handlebars. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import Handlebars from 'handlebars';
import type { RunDocument } from '../core/document.ts';
import { indexView, type RunSummary } from './index-page.ts';
import { reportView } from './view.ts';

const folder = new URL('./templates/', import.meta.url);

interface Pages {
  readonly report: HandlebarsTemplateDelegate;
  readonly index: HandlebarsTemplateDelegate;
  readonly style: string;
  readonly script: string;
  readonly policy: string;
}

/** `strict` makes a template that asks for what the view does not have throw instead of printing nothing. */
const options = { strict: true, knownHelpersOnly: true, preventIndent: true } as const;

function read(file: string): string {
  return readFileSync(new URL(file, folder), 'utf8');
}

function hashSource(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
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
  const style = `${read('report.css').trim()}\n${read('comparison.css').trim()}`;
  const script = read('report.js').trim();
  loaded = {
    report: handlebars.compile(read('report.hbs'), options),
    index: handlebars.compile(read('index.hbs'), options),
    style,
    script,
    policy: [
      "default-src 'none'",
      `style-src ${hashSource(style)}`,
      `script-src ${hashSource(script)}`,
      'img-src data:',
      "base-uri 'none'",
      "form-action 'none'",
    ].join('; '),
  };
  return loaded;
}

/** The report of a run: complete HTML that loads nothing, with a policy that lets nothing else in. */
export function renderReport(run: RunDocument): string {
  const { report, style, script, policy } = pages();
  return report({ view: reportView(run), style, script, policy });
}

/** The list of runs for `reports/index.html`, newest first; each links to `ID/index.html`. */
export function renderIndex(runs: readonly RunSummary[]): string {
  const { index, style, script, policy } = pages();
  return index({ ...indexView(runs), style, script, policy });
}
