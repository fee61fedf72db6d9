import { appendFileSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ScenarioDocument } from '../src/core/document.ts';
import type { Sample } from '../src/core/sample.ts';
import { appendJournal, journalName, readJournal } from '../src/store/journal.ts';
import { passingRun } from './fixtures/runs/runs.ts';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'journal-test-'));
  file = path.join(folder, journalName);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function scenario(id = 'boots'): ScenarioDocument {
  const [first] = passingRun().scenarios;
  if (!first) throw new Error('the fixture has no scenario');
  return { ...first, id };
}

function write(document: ScenarioDocument, samples: readonly Sample[] = document.samples): void {
  appendJournal(folder, { scenario: { ...document, samples: [], verdicts: [] } });
  for (const sample of samples) appendJournal(folder, { id: document.id, sample });
}

const counts = (): Record<string, number> =>
  Object.fromEntries(readJournal(folder).map((document) => [document.id, document.samples.length]));

test('what was written is read again, scenario by scenario', () => {
  write(scenario());
  expect(readJournal(folder)).toEqual([{ ...scenario(), verdicts: [] }]);
  write(scenario('checkout'));
  expect(counts()).toEqual({ boots: 9, checkout: 9 });
});

test('the folder is made with the first line', () => {
  appendJournal(path.join(folder, 'new', 'run'), { scenario: { ...scenario(), samples: [] } });
  expect(readJournal(path.join(folder, 'new', 'run'))).toHaveLength(1);
});

test('each line is JSON of its own', () => {
  write(scenario());
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  expect(lines).toHaveLength(10);
  for (const line of lines) expect(() => JSON.parse(line)).not.toThrow();
});

test('a last line cut short costs that sample', () => {
  write(scenario());
  const text = readFileSync(file, 'utf8');
  truncateSync(file, Buffer.byteLength(text) - 100);
  expect(counts()).toEqual({ boots: 8 });
});

test('a last line that lacks only its end is whole', () => {
  write(scenario());
  truncateSync(file, readFileSync(file).length - 1);
  expect(counts()).toEqual({ boots: 9 });
});

test('a line cut in the middle of a character costs that sample only', () => {
  write(scenario(), []);
  appendFileSync(file, Buffer.from('{"id":"boots","sample":{"startedAt":"東', 'utf8').subarray(0, -1));
  expect(counts()).toEqual({ boots: 0 });
});

test('the scenario after a line cut short is not lost with it', () => {
  write(scenario());
  truncateSync(file, readFileSync(file).length - 100);
  write(scenario('checkout'));
  expect(counts()).toEqual({ boots: 8, checkout: 9 });
});

test('what is no line of ours is passed over', () => {
  write(scenario());
  appendFileSync(file, 'null\n[]\n"text"\n\n{"id":"boots","sample":{"index":1}}\n{"scenario":{"id":"boots"}}\n');
  expect(counts()).toEqual({ boots: 9 });
});

test('samples of an unknown scenario, and of one that is told later, are left out', () => {
  const [sample] = scenario().samples;
  if (!sample) throw new Error('the fixture has no sample');
  appendJournal(folder, { id: 'boots', sample });
  write(scenario(), []);
  expect(counts()).toEqual({ boots: 0 });
});

test('a scenario measured again begins again', () => {
  write(scenario());
  write(scenario(), scenario().samples.slice(0, 2));
  expect(counts()).toEqual({ boots: 2 });
});

test('a scenario that is judged keeps its samples', () => {
  write({ ...scenario(), status: 'interrupted' });
  appendJournal(folder, { judged: { ...scenario(), samples: [] } });
  expect(readJournal(folder)).toEqual([scenario()]);
});

test('no journal, an empty one and a folder in its place hold nothing', () => {
  expect(readJournal(folder)).toEqual([]);
  writeFileSync(file, '');
  expect(readJournal(folder)).toEqual([]);
  expect(readJournal(path.dirname(folder))).toEqual([]);
});
