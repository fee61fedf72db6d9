/** Draws filled shapes into a true-colour bitmap and writes it as PNG (ISO/IEC 15948); nothing random, no files. */
import { crc32, deflateSync } from 'node:zlib';

export type Colour = readonly [red: number, green: number, blue: number];
export type Point = readonly [x: number, y: number];

export interface Bitmap {
  readonly width: number;
  readonly height: number;
  /** Three bytes a pixel, row by row. */
  readonly pixels: Uint8Array;
}

export function createBitmap(width: number, height: number): Bitmap {
  return { width, height, pixels: new Uint8Array(width * height * 3) };
}

/** Colour between two others; `share` 0 gives the first. */
export function mix(from: Colour, to: Colour, share: number): Colour {
  return [
    Math.round(from[0] + (to[0] - from[0]) * share),
    Math.round(from[1] + (to[1] - from[1]) * share),
    Math.round(from[2] + (to[2] - from[2]) * share),
  ];
}

function blend(bitmap: Bitmap, x: number, y: number, colour: Colour, alpha: number): void {
  const at = (y * bitmap.width + x) * 3;
  for (const [channel, value] of colour.entries()) {
    const below = bitmap.pixels[at + channel] ?? 0;
    bitmap.pixels[at + channel] = Math.round(below + (value - below) * alpha);
  }
}

/** Fills the bitmap with rows of one colour each, from top to bottom. */
export function fillGradient(bitmap: Bitmap, top: Colour, bottom: Colour): void {
  for (let y = 0; y < bitmap.height; y++) {
    const colour = mix(top, bottom, y / bitmap.height);
    for (let x = 0; x < bitmap.width; x++) blend(bitmap, x, y, colour, 1);
  }
}

// Sub-scanlines of a row; four hide the steps of a slanted edge.
const subRows = 4;

function crossings(polygon: readonly Point[], y: number): number[] {
  const found: number[] = [];
  let [x0, y0] = polygon.at(-1) ?? [0, 0];
  for (const [x1, y1] of polygon) {
    if (y0 <= y !== y1 <= y) found.push(x0 + ((y - y0) / (y1 - y0)) * (x1 - x0));
    [x0, y0] = [x1, y1];
  }
  return found.sort((a, b) => a - b);
}

function addSpan(coverage: Float32Array, from: number, to: number): void {
  const start = Math.max(0, from);
  const end = Math.min(coverage.length, to);
  for (let x = Math.floor(start); x < end; x++) {
    const part = Math.min(x + 1, end) - Math.max(x, start);
    coverage[x] = (coverage[x] ?? 0) + part / subRows;
  }
}

/** Fills a polygon (pixels, even-odd rule, smoothed edges) with one colour a row: `shade` takes the row. */
export function fillPolygon(bitmap: Bitmap, polygon: readonly Point[], shade: (y: number) => Colour, alpha = 1): void {
  const heights = polygon.map(([, y]) => y);
  const first = Math.max(0, Math.floor(Math.min(...heights)));
  const last = Math.min(bitmap.height - 1, Math.ceil(Math.max(...heights)));
  const coverage = new Float32Array(bitmap.width);
  for (let y = first; y <= last; y++) {
    coverage.fill(0);
    for (let sub = 0; sub < subRows; sub++) {
      const found = crossings(polygon, y + (sub + 0.5) / subRows);
      for (let at = 0; at + 1 < found.length; at += 2) addSpan(coverage, found[at] ?? 0, found[at + 1] ?? 0);
    }
    const colour = shade(y);
    for (let x = 0; x < bitmap.width; x++) {
      const part = coverage[x] ?? 0;
      if (part > 0) blend(bitmap, x, y, colour, Math.min(1, part) * alpha);
    }
  }
}

function chunk(type: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const framed = Buffer.alloc(body.length + 8);
  framed.writeUInt32BE(data.length, 0);
  body.copy(framed, 4);
  framed.writeUInt32BE(crc32(body), body.length + 4);
  return framed;
}

/** The bitmap as a PNG file; each row is filtered by "Up", which turns rows of equal colour into zeros. */
export function encodePng({ width, height, pixels }: Bitmap): Buffer {
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 2, 0, 0, 0], 8);
  const stride = width * 3;
  const filtered = Buffer.alloc((stride + 1) * height);
  for (let y = 0; y < height; y++) {
    filtered[y * (stride + 1)] = 2;
    for (let at = 0; at < stride; at++) {
      const above = y === 0 ? 0 : (pixels[(y - 1) * stride + at] ?? 0);
      filtered[y * (stride + 1) + 1 + at] = (pixels[y * stride + at] ?? 0) - above;
    }
  }
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', head),
    chunk('IDAT', deflateSync(filtered, { level: 9 })),
    chunk('IEND', new Uint8Array()),
  ]);
}
