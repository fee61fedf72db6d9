/** What dead runs leave behind, with real folders and a real process in place of Chrome. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  createProfileFolder,
  findOtherOwners,
  killGroup,
  noteChrome,
  processStart,
  removeAbandoned,
  removeFolder,
} from '../src/browser/abandoned.ts';

let folder: string;
const usual = process.env['TMPDIR'];
const children: ChildProcess[] = [];
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'abandoned-test-'));
  process.env['TMPDIR'] = folder;
});
afterEach(() => {
  if (usual === undefined) delete process.env['TMPDIR'];
  else process.env['TMPDIR'] = usual;
  for (const child of children.splice(0)) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

/** A process that waits for its input to end, with words on its command line, leading a group as our Chrome does. */
function start(...words: string[]): { pid: number; ended: Promise<unknown> } {
  const child = spawn('/bin/sh', ['-c', 'read line', 'sh', ...words], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  children.push(child);
  if (child.pid === undefined) throw new Error('no shell');
  return { pid: child.pid, ended: once(child, 'exit') };
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** The note of an owner that is gone: our own id, as if another process had had it at another time. */
function abandon(profile: string, note: Record<string, unknown> = {}): void {
  const text = JSON.stringify({ owner: process.pid, ownerStart: 'another time', chrome: null, ...note });
  writeFileSync(path.join(profile, 'owner.json'), text);
}

// As below: on Linux alone the start of a process is known.
describe.runIf(process.platform === 'linux')('findOtherOwners', () => {
  test('tells living processes with a Chrome of ours, not ourselves and not the dead', () => {
    noteChrome(createProfileFolder(), 12);
    abandon(createProfileFolder(), { chrome: 12 });
    expect(findOtherOwners()).toEqual([]);
    const other = start();
    const note = { owner: other.pid, ownerStart: processStart(other.pid) };
    // It has not started its Chrome yet.
    abandon(createProfileFolder(), note);
    expect(findOtherOwners()).toEqual([]);
    for (let chrome = 20; chrome < 22; chrome += 1) abandon(createProfileFolder(), { ...note, chrome });
    expect(findOtherOwners()).toEqual([other.pid]);
  });
});

// Process ids are told apart by their start, which Linux alone shows in /proc.
describe.runIf(process.platform === 'linux')('removeAbandoned', () => {
  test('leaves alone what a living owner uses', () => {
    const profile = createProfileFolder();
    noteChrome(profile, 12);
    expect(JSON.parse(readFileSync(path.join(profile, 'owner.json'), 'utf8'))).toMatchObject({
      owner: process.pid,
      chrome: 12,
    });
    expect(removeAbandoned()).toBe(0);
    expect(existsSync(profile)).toBe(true);
  });

  test('removes the folder of an owner that is gone, and of one whose id another process has', async () => {
    const dead = start();
    process.kill(dead.pid, 'SIGKILL');
    await dead.ended;
    const [one, two] = [createProfileFolder(), createProfileFolder()];
    abandon(one, { owner: dead.pid });
    abandon(two);
    expect(removeAbandoned()).toBe(2);
    expect([existsSync(one), existsSync(two)]).toEqual([false, false]);
  });

  test('ends the Chrome that is left, and no other process that has its id by now', async () => {
    const profile = createProfileFolder();
    const chrome = start(`--user-data-dir=${profile}`);
    const other = start('--user-data-dir=/another');
    abandon(profile, { chrome: other.pid });
    const second = createProfileFolder();
    const left = start(`--user-data-dir=${second}`);
    abandon(second, { chrome: left.pid });
    expect(removeAbandoned()).toBe(2);
    await left.ended;
    expect([isAlive(chrome.pid), isAlive(other.pid)]).toEqual([true, true]);
  });

  test.each(['', '{"owner":', 'null'])('a folder whose note is %j is of somebody who is just making it', (note) => {
    const profile = createProfileFolder();
    writeFileSync(path.join(profile, 'owner.json'), note);
    expect(removeAbandoned()).toBe(0);
  });

  test('a note without the ids of anybody ends nobody', () => {
    const profile = createProfileFolder();
    writeFileSync(path.join(profile, 'owner.json'), '{"owner":"me","chrome":"you"}');
    expect(removeAbandoned()).toBe(1);
  });

  test('touches nothing but profile folders', () => {
    const foreign = path.join(folder, 'playwright-profile');
    mkdirSync(foreign);
    abandon(foreign);
    expect(removeAbandoned()).toBe(0);
    expect(existsSync(foreign)).toBe(true);
  });
});

// The one call that is not made for real: where this fails, it would end every process of the machine.
test.each([-1, 0, 1, -12, 1.5, Number.NaN])('killGroup(%d) ends nobody', (pid) => {
  const kill = vi.spyOn(process, 'kill').mockReturnValue(true);
  try {
    killGroup(pid);
    expect(kill).not.toHaveBeenCalled();
  } finally {
    kill.mockRestore();
  }
});

test('removeFolder takes what is in it, and what is not there', () => {
  const profile = createProfileFolder();
  removeFolder(profile);
  removeFolder(profile);
  expect(existsSync(profile)).toBe(false);
});
