import { describe, expect, test } from 'vitest';
import { LiveLine } from '../src/reporter/live.ts';

function screen(isTTY: boolean, columns = 40): { written: string[]; line: LiveLine; clock: { now: number } } {
  const written: string[] = [];
  const clock = { now: 0 };
  const line = new LiveLine({ write: (text) => written.push(text), isTTY, columns, now: () => clock.now });
  return { written, line, clock };
}

const erase = '\r\u001b[2K';

describe('on a terminal', () => {
  test('the line is rewritten in place, ten times a second at most', () => {
    const { written, line, clock } = screen(true);
    line.show('one');
    clock.now = 99;
    line.show('two');
    clock.now = 100;
    line.show('three');
    expect(written).toEqual([`${erase}one`, `${erase}three`]);
  });

  test('it never fills the row: a wrapped line could not be taken away', () => {
    const { written, line } = screen(true, 25);
    line.show('x'.repeat(25));
    expect(written).toEqual([`${erase}${'x'.repeat(23)}…`]);
  });

  test('it is cut without half a character', () => {
    const { written, line } = screen(true, 25);
    line.show(`${'x'.repeat(22)}\u{1f97e}yyy`);
    expect(written[0]?.isWellFormed()).toBe(true);
  });

  test('it is taken away once, and only if it was shown', () => {
    const { written, line } = screen(true);
    line.clear();
    expect(written).toEqual([]);
    line.show('one');
    line.clear();
    line.clear();
    expect(written).toEqual([`${erase}one`, erase]);
  });
});

describe('elsewhere', () => {
  test('a whole plain line every 5 s, or when asked for', () => {
    const { written, line, clock } = screen(false, 25);
    line.show('x'.repeat(50));
    clock.now = 4999;
    line.show('two');
    line.show('a new scenario', true);
    clock.now = 9999;
    line.show('three');
    line.clear();
    expect(written).toEqual([`${'x'.repeat(50)}\n`, 'a new scenario\n', 'three\n']);
  });
});
