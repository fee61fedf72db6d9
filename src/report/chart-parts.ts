/** A value cut into its parts, as one stacked bar, and a machine's contention, as one bar a sample. */
import type { Sample } from '../core/sample.ts';
import { pixel } from './chart-scale.ts';
import { count, quantity, share } from './view-format.ts';

export interface PartsChart {
  readonly title: string;
  readonly description: string;
  /** x and width in thousandths of the whole. */
  readonly parts: ReadonlyArray<{
    readonly label: string;
    readonly value: string;
    readonly share: string;
    readonly x: number;
    readonly width: number;
    readonly tone: number;
  }>;
}

/** Values in ms, in the order in which they happen; null when they sum to nothing. */
export function partsChart(
  title: string,
  parts: ReadonlyArray<readonly [label: string, value: number]>,
): PartsChart | null {
  const total = parts.reduce((sum, [, value]) => sum + Math.max(0, value), 0);
  if (!(total > 0) || !Number.isFinite(total)) return null;
  let x = 0;
  const shown = parts.map(([label, value], index) => {
    const width = (Math.max(0, value) / total) * 1000;
    const part = {
      label,
      value: quantity(value, 'ms'),
      share: share(Math.max(0, value) / total),
      x: Math.round(x),
      // a gap of four thousandths keeps neighbours apart without colour
      width: Math.max(1, Math.round(width) - 4),
      tone: index + 1,
    };
    x += width;
    return part;
  });
  return { title, description: shown.map((part) => `${part.label} ${part.value}`).join(', '), parts: shown };
}

export interface NoiseChart {
  readonly width: number;
  readonly title: string;
  readonly description: string;
  readonly bars: ReadonlyArray<{
    readonly x: number;
    readonly y: number;
    readonly width: number;
    readonly height: number;
    readonly kind: string;
    readonly label: string;
    readonly cross: string;
  }>;
}

const full = 48;

/** Share of its ready time in which the main thread waited for a core; null where that could not be read. */
export function waitingShare(sample: Sample): number | null {
  const { run, delay } = sample.contention;
  return run === null || delay === null || run + delay <= 0 ? null : delay / (run + delay);
}

/** A bar a sample, full height for 100 %; null when no sample could read its contention. */
export function noiseChart(samples: readonly Sample[]): NoiseChart | null {
  const readings = samples.flatMap((sample) => {
    const waiting = waitingShare(sample);
    return waiting === null ? [] : [{ sample, waiting }];
  });
  if (readings.length === 0) return null;
  const pitch = Math.max(3, Math.min(14, Math.floor(340 / readings.length)));
  const rejected = readings.filter(({ sample }) => !sample.accepted).length;
  const worst = Math.max(...readings.map(({ waiting }) => waiting));
  return {
    width: readings.length * pitch,
    title: 'Waiting for a core, every sample in order',
    description: `${count(readings.length, 'sample')}, ${rejected} rejected; the worst waited ${share(worst)} of its time.`,
    bars: readings.map(({ sample, waiting }, position) => {
      const height = Math.max(1, pixel(waiting * full));
      const [x, y] = [position * pitch, pixel(12 + full - height)];
      const middle = x + (pitch - 2) / 2;
      return {
        x,
        y,
        width: pitch - 2,
        height,
        kind: sample.accepted ? (sample.role === 'warm-up' ? 'warm-up' : 'kept') : 'rejected',
        label: `${sample.pair === null ? '' : `${sample.variant} `}${sample.index}: ${share(waiting)}${sample.accepted ? '' : ', rejected'}`,
        cross: sample.accepted ? '' : `M${middle - 3} ${y - 9}l6 6m-6 0l6 -6`,
      };
    }),
  };
}
