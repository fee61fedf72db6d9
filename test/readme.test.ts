/** What the README says that code decides: it must not become wrong unnoticed. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { insertReference } from '../scripts/generate-metrics.ts';
import { networkPresets } from '../src/browser/throttle.ts';
import { readBudgets } from '../src/config/budgets.ts';
import { parseBudget } from '../src/config/budgets-parse.ts';
import { defaultOptions, readOptions } from '../src/config/options.ts';
import { profiles } from '../src/config/profiles.ts';
import { errorCodes, PacewrightError } from '../src/core/errors.ts';
import { defaultParameters } from '../src/judge/parameters.ts';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
const changelog = readFileSync(new URL('../CHANGELOG.md', import.meta.url), 'utf8');

/** The text under a heading of the second level. */
function section(title: string): string {
  const found = readme.split(/^## /m).find((part) => part.startsWith(`${title}\n`));
  if (found === undefined) throw new Error(`README.md has no section "${title}".`);
  return found;
}

/** Rows of Markdown tables as their cells. */
function tableRows(text: string): string[][] {
  return text
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) => line.split(' | ').map((cell) => cell.replace(/^\| | \|$/g, '')));
}

/** The contents of fenced blocks of one language. */
function blocks(text: string, language: string): string[] {
  return [...text.matchAll(new RegExp(`^\`\`\`${language}\n([\\s\\S]*?)^\`\`\``, 'gm'))].map((match) => match[1] ?? '');
}

test('the metric reference is that of the metric table; `npm run docs:metrics` writes it', () => {
  expect(insertReference(readme)).toBe(readme);
});

test('a document without the markers is refused', () => {
  expect(() => insertReference('# Something else')).toThrow('metrics:begin');
});

test('troubleshooting names every error code once, with its exit code', () => {
  const rows = tableRows(section('Troubleshooting')).map(([code, exit]) => `${code} ${exit}`);
  const known = errorCodes.map((code) => `\`${code}\` ${new PacewrightError(code, '', { next: '' }).exitCode}`);
  expect(rows).toEqual(known);
});

describe('options', () => {
  const rows = tableRows(section('Options')).filter(([name = '']) => /^`[a-z]/.test(name));
  const code = (value: unknown): string => {
    const text = typeof value === 'string' ? `'${value}'` : JSON.stringify(value);
    return `\`${text}\``;
  };

  test('every option stands there with its default', () => {
    const expected = Object.entries(defaultOptions).map(([name, value]) => [`\`${name}\``, code(value)]);
    expect(rows.map(([name, value]) => [name, value])).toEqual(expected);
  });

  test('the parts of `settle` stand there with their defaults', () => {
    const { settleTimeout, settleQuiet } = readOptions(defaultOptions);
    const meaning = rows.find(([name]) => name === '`settle`')?.[2] ?? '';
    expect(meaning).toContain(`(${settleTimeout})`);
    expect(meaning).toContain(`(${settleQuiet})`);
  });

  test('the looks of the schedule are those of the rule', () => {
    const [first, ...looks] = defaultParameters.looks;
    const text = `${[first, ...looks.slice(0, -1)].join(', ')} and ${looks.at(-1)}`;
    expect(section('Options')).toContain(text);
    expect(section('How numbers are made and judged')).toContain(text);
  });

  test('every device profile and network preset is named', () => {
    const text = section('Devices and throttling');
    for (const name of Object.keys(profiles)) expect(text).toContain(`profiles.${name}`);
    for (const name of Object.keys(networkPresets)) expect(text).toContain(`\`${name}\``);
  });
});

describe('budgets', () => {
  test.each([
    ['json', blocks(readme, 'json')],
    ['jsonc', blocks(readme, 'jsonc')],
    ['json of the changelog', blocks(changelog.replaceAll(/^ {2}/gm, ''), 'json')],
  ])('every example is a valid budget (%s)', (_language, examples) => {
    expect(examples.length).toBeGreaterThan(0);
    for (const example of examples) {
      const { lines, problems } = parseBudget(example, 'example.json');
      expect(problems).toEqual([]);
      expect(lines.length).toBeGreaterThan(0);
    }
  });

  test('a complete example can be read from a folder', () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'readme-'));
    try {
      writeFileSync(path.join(folder, 'shop.json'), blocks(section('Budgets'), 'jsonc')[0] ?? '');
      expect(readBudgets(folder).files).toHaveLength(1);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

test('links within the document lead to a heading', () => {
  const anchors = [...readme.matchAll(/^#{1,6} (.+)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replaceAll(/[^\w\s-]/g, '')
      .replaceAll(' ', '-'),
  );
  const links = [...readme.matchAll(/\]\(#([^)]+)\)/g)].map(([, anchor]) => anchor);
  expect(links.length).toBeGreaterThan(0);
  expect(links.filter((link) => link === undefined || !anchors.includes(link))).toEqual([]);
});

test('what a failing run prints, the commands, a scenario and a budget stand in the first 40 lines', () => {
  const start = readme.split('\n').slice(0, 40).join('\n');
  for (const text of ['FAIL', 'npm start', "from 'pacewright'", '"scenario"']) expect(start).toContain(text);
});
