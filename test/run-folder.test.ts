import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createRunFolder, listRuns, readRun, runFileName, writeRun, writeWhole } from '../src/store/run-folder.ts';
import { failingRun, passingRun } from './fixtures/runs/runs.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'run-folder-test-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const at = (...names: string[]): string => path.join(folder, ...names);
const noon = new Date('2026-11-20T12:00:00.789Z');

describe('createRunFolder', () => {
  test('is named by the second, in UTC, without characters that Windows refuses', () => {
    expect(createRunFolder(at('reports'), noon)).toEqual({
      id: '2026-11-20T12-00-00',
      folder: at('reports', '2026-11-20T12-00-00'),
    });
    expect(existsSync(at('reports', '2026-11-20T12-00-00'))).toBe(true);
  });

  test('runs of the same second get folders of their own; a file in the way is left alone', () => {
    writeFileSync(at('2026-11-20T12-00-00'), 'a file');
    const ids = [1, 2, 3].map(() => createRunFolder(folder, noon).id);
    expect(ids).toEqual(['2026-11-20T12-00-00-2', '2026-11-20T12-00-00-3', '2026-11-20T12-00-00-4']);
    expect(readFileSync(at('2026-11-20T12-00-00'), 'utf8')).toBe('a file');
  });

  test('a file in place of the reports folder is an error, not an endless search for a name', () => {
    writeFileSync(at('reports'), 'a file');
    expect(() => createRunFolder(at('reports'), noon)).toThrow(/EEXIST|ENOTDIR/);
  });
});

describe('writeWhole', () => {
  test('makes folders, replaces what was there, and leaves nothing beside it', () => {
    writeWhole(at('a', 'b', 'file.txt'), 'one');
    writeWhole(at('a', 'b', 'file.txt'), 'two');
    expect(readFileSync(at('a', 'b', 'file.txt'), 'utf8')).toBe('two');
    expect(readdirSync(at('a', 'b'))).toEqual(['file.txt']);
  });

  test('where it fails, the code says so and no half is left', () => {
    mkdirSync(at('taken', 'inside'), { recursive: true });
    expect(() => writeWhole(at('taken'), 'text')).toThrow(
      expect.objectContaining({ code: 'WRITE_FAILED', exitCode: 3 }),
    );
    expect(readdirSync(folder)).toEqual(['taken']);
    writeFileSync(at('file'), '');
    expect(() => writeWhole(at('file', 'below'), 'text')).toThrow(expect.objectContaining({ code: 'WRITE_FAILED' }));
  });
});

describe('readRun', () => {
  const problem = (place: string): unknown => {
    try {
      return readRun(place);
    } catch (error) {
      return error;
    }
  };

  test('reads what was written, from the folder or from the file', () => {
    writeRun(at('one'), failingRun());
    expect(readRun(at('one'))).toEqual({ run: failingRun(), folder: at('one') });
    expect(readRun(at('one', runFileName)).run).toEqual(failingRun());
  });

  test('a wrong name gets the nearest run', () => {
    writeRun(at('2026-11-20T12-00-00'), passingRun());
    expect(problem(at('2026-11-20T12-00-01'))).toMatchObject({
      code: 'RUN_NOT_FOUND',
      exitCode: 2,
      message: `There is no run at ${at('2026-11-20T12-00-01')}. Did you mean "2026-11-20T12-00-00"? Allowed: 2026-11-20T12-00-00.`,
    });
  });

  test.each([
    ['a folder without a run', ['empty']],
    ['a folder that is not there', ['none', 'at', 'all']],
    ['a name below a file', ['file', 'below']],
  ])('%s', (_name, place) => {
    mkdirSync(at('empty'));
    writeFileSync(at('file'), '');
    expect(problem(at(...place))).toMatchObject({
      code: 'RUN_NOT_FOUND',
      message: `There is no run at ${at(...place)}.`,
    });
  });

  test.each([
    ['half of it', JSON.stringify(passingRun()).slice(0, 1000), /^This is not JSON: /],
    ['nothing', '', /^This is not JSON: /],
    ['another version', '{"schemaVersion":4}', /^Its schemaVersion is 4; this version reads 3\.$/],
    ['another document', '{"name":"pacewright"}', /^It is not a result of a run: /],
    ['null', 'null', /^It is not a result of a run: /],
    ['a key of nobody', JSON.stringify({ ...passingRun(), extra: 1 }), /Unrecognized key: "extra"/],
  ])('%s is RUN_INVALID', (_name, text, message) => {
    writeFileSync(at(runFileName), text);
    expect(problem(folder)).toMatchObject({
      code: 'RUN_INVALID',
      exitCode: 2,
      place: { file: at(runFileName) },
      message: expect.stringMatching(message),
    });
  });
});

test('writeRun refuses a document that readRun would not take', () => {
  expect(() => writeRun(folder, { ...passingRun(), startedAt: JSON.parse('1') })).toThrow('startedAt');
  expect(readdirSync(folder)).toEqual([]);
});

test('listRuns: newest first, whatever the folders are called; what cannot be read does not hide the others', () => {
  const run = (startedAt: string) => ({ ...passingRun(), startedAt });
  writeRun(at('z'), run('2026-11-20T09:00:00.000Z'));
  writeRun(at('a'), run('2026-11-20T10:00:00.000Z'));
  writeRun(at('m'), run('2026-11-20T11:00:00.000Z'));
  mkdirSync(at('broken'));
  writeFileSync(at('broken', runFileName), '{');
  mkdirSync(at('no run'));
  writeFileSync(at('index.html'), '');
  const hours = listRuns(folder, ({ startedAt }) => ({ startedAt })).map(({ startedAt }) => startedAt.slice(11, 13));
  expect(hours).toEqual(['11', '10', '09']);
  expect(listRuns(at('not there'), ({ startedAt }) => ({ startedAt }))).toEqual([]);
});
