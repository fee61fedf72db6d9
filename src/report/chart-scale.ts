/**
 * Geometry shared by our charts. They are a few hundred bytes of static SVG each, made from numbers in a template;
 * the chart libraries that render on a server (Observable Plot and Vega among them) need a DOM or a megabyte, and
 * hand back markup that would have to pass the template unescaped.
 */

/** A linear map of values to pixels, clamped to the plot. */
export interface Scale {
  readonly low: number;
  readonly high: number;
  at(value: number): number;
}

export function linearScale(low: number, high: number, from: number, to: number): Scale {
  const span = high - low || 1;
  const [least, most] = from < to ? [from, to] : [to, from];
  return {
    low,
    high,
    at: (value) => Math.min(most, Math.max(least, from + ((value - low) / span) * (to - from))),
  };
}

/** One decimal is a tenth of a pixel, and keeps paths short. */
export function pixel(value: number): number {
  return Math.round(value * 10) / 10;
}

/** Round numbers within a range, 1, 2 or 5 times a power of ten apart: `most` at most. */
export function niceTicks(low: number, high: number, most: number): number[] {
  const span = high - low;
  if (!(span > 0) || !Number.isFinite(span)) return [low];
  const magnitude = 10 ** Math.floor(Math.log10(span / most));
  for (const factor of [1, 2, 5, 10, 20]) {
    const step = factor * magnitude;
    const first = Math.ceil(low / step - 1e-9);
    const last = Math.floor(high / step + 1e-9);
    if (last - first + 1 <= most) {
      // multiplied, not added up, so that 0.3 does not become 0.30000000000000004
      return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) =>
        Number(((first + index) * step).toPrecision(12)),
      );
    }
  }
  return [low, high];
}

/**
 * Dots as segments of a hundredth of a pixel with round caps: a dozen bytes each instead of a circle element's forty.
 * Without any length Chrome 156 draws them on the screen, but leaves a path of a single dot out of what it prints.
 */
export function dots(places: ReadonlyArray<readonly [x: number, y: number]>): string {
  return places.map(([x, y]) => `M${pixel(x)} ${pixel(y)}h.01`).join('');
}

/** Crosses of 2 × `half` pixels. */
export function crosses(places: ReadonlyArray<readonly [x: number, y: number]>, half: number): string {
  const size = 2 * half;
  return places
    .map(([x, y]) => `M${pixel(x - half)} ${pixel(y - half)}l${size} ${size}m${-size} 0l${size} ${-size}`)
    .join('');
}
