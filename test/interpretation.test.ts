/** The thread that reads recordings, and what it keeps of a trace. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { StepSample } from '../src/core/sample.ts';
import { Interpretation } from '../src/diagnose/interpretation.ts';
import type { InterpretationInput } from '../src/diagnose/interpreter.ts';
import type { RecordedStep } from '../src/diagnose/recorded.ts';
import { redactTrace } from '../src/diagnose/redact-trace.ts';
import { passingRun } from './fixtures/runs/runs.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'interpretation-test-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const line = (name: string, url: string): string =>
  JSON.stringify({ name, ph: 'I', ts: 1, pid: 1, tid: 1, args: { url } });
const traceText = `{"traceEvents":[\n${line('a', 'http://shop.test/?token=abc')},\n${line('b', '東京')}],\n"metadata":{}}`;

function writeTrace(content: Buffer): string {
  const file = path.join(folder, 'trace.json.gz');
  writeFileSync(file, content);
  return file;
}

describe('redactTrace', () => {
  const redact = async (content: Buffer, ...added: string[]): Promise<string> => {
    const target = path.join(folder, 'redacted');
    await redactTrace(writeTrace(content), target, added);
    return gunzipSync(readFileSync(target)).toString();
  };

  test('the same trace without its secrets', async () => {
    const text = await redact(gzipSync(traceText));
    expect(JSON.parse(text)).toEqual(JSON.parse(traceText.replace('abc', 'REDACTED')));
  });

  test('with events of our own', async () => {
    const text = await redact(gzipSync(traceText), line('ours', 'x'), line('ours too', 'y'));
    const { traceEvents } = JSON.parse(text) as { traceEvents: { name: string }[] };
    expect(traceEvents.map(({ name }) => name)).toEqual(['ours', 'ours too', 'a', 'b']);
  });

  test('of a text that ends in the middle of a line nothing of that line is kept', async () => {
    const text = await redact(gzipSync(traceText.slice(0, traceText.indexOf('abc') + 2)));
    expect(text).toBe('{"traceEvents":[\n');
  });

  test('a file that ends within its compression is an error', async () => {
    const whole = gzipSync(traceText);
    await expect(redact(whole.subarray(0, whole.length - 20))).rejects.toThrow('unexpected end of file');
  });
});

describe('Interpretation', () => {
  const sample = passingRun().scenarios[0]?.samples[0]?.steps[0];

  function inputWith(file: string): InterpretationInput {
    if (!sample) throw new Error('the fixture has no step');
    const step: RecordedStep = {
      name: 'open',
      kind: 'navigation',
      variant: 'head',
      pass: 0,
      start: 0,
      end: 1e6,
      sample: sample satisfies StepSample,
      network: [],
      console: [
        { level: 'error', text: 'password=hunter2', place: { url: 'http://shop.test/a.js', line: 1, column: 2 } },
      ],
      flowTrace: { file, bytes: 1, cut: "Chrome's buffer was full" },
    };
    const head = {
      variant: 'head',
      pageUrl: 'http://shop.test',
      steps: [step],
      flow: [],
      counted: [],
      scripts: [],
    } as const;
    return { head, base: null, globs: [], folder };
  }

  test('facts of a step, its notes, and files to keep', async () => {
    const interpretation = new Interpretation(inputWith(writeTrace(gzipSync(traceText))), new AbortController().signal);
    try {
      expect((await interpretation.pass('head', 0)).map(({ name }) => name)).toEqual(['trace.json.gz']);
      const { step, files } = await interpretation.step('open');
      expect(step).toMatchObject({ name: 'open', passes: 1, waterfall: { length: 1000 } });
      expect(step.notes).toContain("Chrome's buffer was full");
      expect(step.console).toMatchObject([
        { text: 'password=REDACTED', location: { line: 2, column: 3, mapped: false } },
      ]);
      expect(files.map(({ name }) => name)).toEqual(['profile.cpuprofile']);
      const scenario = await interpretation.scenario();
      expect(scenario).toMatchObject({ bundles: null, values: [], findings: [] });
      expect(scenario.files.map(({ name }) => name)).toEqual(['network.har']);
    } finally {
      await interpretation.close();
    }
  });

  test('a trace that cannot be read costs what comes from it', async () => {
    const interpretation = new Interpretation(
      inputWith(writeTrace(Buffer.from('no gzip'))),
      new AbortController().signal,
    );
    try {
      expect(await interpretation.pass('head', 0)).toEqual([]);
      const { step, files } = await interpretation.step('open');
      expect(files).toEqual([]);
      expect(step).toMatchObject({
        passes: 0,
        profile: null,
        waterfall: { shots: [], marks: [] },
        notes: expect.arrayContaining(["Chrome's buffer was full"]),
      });
      expect(step.notes.join(' ')).toContain('The trace');
    } finally {
      await interpretation.close();
    }
  });

  test('a thread that ends costs its question; the next one reads again what could be read', async () => {
    const interpretation = new Interpretation(inputWith(writeTrace(gzipSync(traceText))), new AbortController().signal);
    try {
      await interpretation.pass('head', 0);
      const asked = interpretation.step('open');
      const ended = interpretation.close();
      await expect(asked).rejects.toThrow('the thread that reads the recordings ended');
      await ended;
      expect((await interpretation.step('open')).step.passes).toBe(1);
    } finally {
      await interpretation.close();
    }
  });

  test('ends when the run is interrupted', async () => {
    const aborter = new AbortController();
    const interpretation = new Interpretation(inputWith(writeTrace(gzipSync(traceText))), aborter.signal);
    const asked = interpretation.step('open');
    aborter.abort();
    await expect(asked).rejects.toThrow('the thread that reads the recordings ended');
    await expect(async () => interpretation.step('open')).rejects.toThrow('aborted');
  });
});
