import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { runDoctor } from '../src/browser/doctor.ts';

const project = path.join(import.meta.dirname, '..');

test('the doctor starts Chrome and looks at a folder that does not exist yet', async () => {
  const results = await runDoctor({ project, reports: path.join(tmpdir(), 'no', 'such', 'folder') });
  expect(results.map((check) => check.id)).toEqual([
    'node',
    'playwright',
    'chrome',
    'start',
    'sandbox',
    'cores',
    'noise-gate',
    'quiet',
    'disk-reports',
    'disk-temp',
    'shm',
  ]);
  expect(results.find((check) => check.id === 'start')?.detail).toMatch(
    /^Chrome\/\d+\.\d+\.\d+\.\d+, new headless mode, in \d+ ms$/,
  );
  expect(results.filter((check) => check.status === 'fail')).toEqual([]);
});

test('the doctor goes on when there is no Chrome', async () => {
  const results = await runDoctor({ project, find: () => Promise.resolve(undefined) });
  expect(results.find((check) => check.id === 'chrome')).toMatchObject({ status: 'fail', detail: 'not found' });
  expect(results.map((check) => check.id)).not.toContain('start');
  expect(results.map((check) => check.id)).toContain('shm');
});

test('the doctor says what a program that is no Chrome said', async () => {
  const find = () => Promise.resolve({ path: '/bin/false', source: 'system', version: '1.2.3.4' } as const);
  const results = await runDoctor({ project, find });
  expect(results.find((check) => check.id === 'start')).toMatchObject({
    status: 'fail',
    detail: 'Chrome (/bin/false) ended while starting (exit code 1).',
  });
});
