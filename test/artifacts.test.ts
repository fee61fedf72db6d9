/** Where artefacts lie, and how they get there. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { artifactMediaType, failedDiagnosis } from '../src/core/diagnosis.ts';
import type { RunDocument } from '../src/core/document.ts';
import { listArtifacts, placeArtifacts } from '../src/reporter/artifacts.ts';
import { artifactPath, isArtifactPath } from '../src/store/artifacts.ts';
import { passingRun } from './fixtures/runs/runs.ts';

const id = '0123456789ab';

describe('names of artefacts', () => {
  test.each([
    ['buy a pair of boots', 'open the shop', 'artifacts/buy-a-pair-of-boots-0123456789ab/01-open-the-shop'],
    ['../../etc', '..', 'artifacts/etc-0123456789ab/01'],
    ['買い物', '', 'artifacts/0123456789ab/01'],
    ['Käse & Brot', 'C:\\temp\\con', 'artifacts/ka-se-brot-0123456789ab/01-c-temp-con'],
    ['x'.repeat(2000), '-', `artifacts/${'x'.repeat(40)}-0123456789ab/01`],
    ['a\u0000b\nc', '%2e%2e%2f', 'artifacts/a-b-c-0123456789ab/01-2e-2e-2f'],
  ])('%j, step %j', (title, name, folder) => {
    const made = artifactPath({ id, title }, { name, position: 0 }, 'trace.json.gz');
    expect(made).toBe(`${folder}/trace.json.gz`);
    expect(isArtifactPath(made)).toBe(true);
  });

  test('of the whole scenario', () => {
    const made = artifactPath({ id, title: 'home' }, null, 'lighthouse.html');
    expect(made).toBe('artifacts/home-0123456789ab/lighthouse.html');
    expect(isArtifactPath(made)).toBe(true);
  });

  test.each([
    'trace.json.gz',
    'artifacts',
    'artifacts/trace.json.gz',
    'artifacts/../run.json/x',
    'artifacts/a/../../run.json',
    'artifacts/a/b/c/d',
    'artifacts//a/b',
    '/artifacts/a/b',
    'artifacts/a/.hidden',
    'artifacts/a/b\n',
    'artifacts\\a\\b',
    `artifacts/a/${'x'.repeat(101)}`,
  ])('%j is none', (name) => {
    expect(isArtifactPath(name)).toBe(false);
  });
});

describe('on their way into the run folder', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'artifacts-test-'));
    writeFileSync(path.join(folder, 'given'), 'trace');
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const attachment = (name: string, contentType = artifactMediaType) => ({
    name,
    contentType,
    path: path.join(folder, 'given'),
  });
  const runWith = (...names: string[]): RunDocument => {
    const run = passingRun();
    const artifacts = names.map((name) => ({ path: name, step: null, title: 'Trace', bytes: 1 }));
    const diagnosis = { ...failedDiagnosis(''), notes: [], artifacts };
    return { ...run, scenarios: run.scenarios.map((scenario) => ({ ...scenario, diagnosis })) };
  };

  test('those of our media type are copied, and found there with their size', () => {
    const run = path.join(folder, 'run');
    placeArtifacts([attachment('artifacts/a/b.gz'), attachment('artifacts/a/c.gz', 'text/plain')], run);
    expect(readFileSync(path.join(run, 'artifacts/a/b.gz'), 'utf8')).toBe('trace');
    expect(existsSync(path.join(run, 'artifacts/a/c.gz'))).toBe(false);
    const [scenario] = listArtifacts(runWith('artifacts/a/b.gz'), run).scenarios;
    expect(scenario?.diagnosis).toMatchObject({ artifacts: [{ path: 'artifacts/a/b.gz', bytes: 5 }], notes: [] });
  });

  test('one that lies at its place already stays there', () => {
    mkdirSync(path.join(folder, 'artifacts/a'), { recursive: true });
    writeFileSync(path.join(folder, 'artifacts/a/b'), 'there');
    placeArtifacts([{ ...attachment('artifacts/a/b'), path: path.join(folder, 'artifacts/a/b') }], folder);
    expect(readFileSync(path.join(folder, 'artifacts/a/b'), 'utf8')).toBe('there');
  });

  test('a name that leads elsewhere is not followed; what is missing becomes a note', () => {
    const run = path.join(folder, 'run');
    mkdirSync(run);
    placeArtifacts([attachment('artifacts/../../escaped'), attachment('../escaped')], run);
    expect(existsSync(path.join(folder, 'escaped'))).toBe(false);
    const [scenario] = listArtifacts(runWith('artifacts/a/b', '../given'), run).scenarios;
    expect(scenario?.diagnosis).toMatchObject({
      artifacts: [],
      notes: ['artifacts/a/b did not reach the run folder.', '../given did not reach the run folder.'],
    });
  });

  test('a disk that takes nothing costs the artefact only', () => {
    const run = path.join(folder, 'run');
    mkdirSync(run);
    writeFileSync(path.join(run, 'artifacts'), 'a file in its place');
    expect(() => placeArtifacts([attachment('artifacts/a/b')], run)).not.toThrow();
    const [scenario] = listArtifacts(runWith('artifacts/a/b'), run).scenarios;
    expect(scenario?.diagnosis?.artifacts).toEqual([]);
  });
});
