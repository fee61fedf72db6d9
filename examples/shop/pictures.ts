/** Paints the shop's pictures: one for each product, and the hero of the home page. The same bytes every time. */
import type { Category, ProductSummary } from './catalogue.ts';
import {
  createBitmap,
  encodePng,
  fillGradient,
  fillPolygon,
  mix,
  type Bitmap,
  type Colour,
  type Point,
} from './png.ts';
import { seededRandom } from './random.ts';

export const productPicture = { width: 480, height: 360 } as const;
export const heroPicture = { width: 1200, height: 480 } as const;

/** Layers of a drawing on a field of 120 × 90: the part of the palette, then SVG path data with M, L, Q and Z only. */
type Drawing = readonly (readonly [tone: Tone, path: string])[];
type Tone = 'main' | 'dark' | 'light' | 'accent';

const drawings: Record<Category, Drawing> = {
  Boots: [
    ['main', 'M44 16 L66 16 L67 44 Q69 50 80 53 Q92 56 92 66 L92 70 L42 70 Q46 44 44 16 Z'],
    ['light', 'M42 14 L68 14 Q70 18 68 22 L42 22 Q40 18 42 14 Z'],
    ['dark', 'M41 70 L93 70 L93 76 Q93 78 90 78 L66 78 L64 75 L58 75 L56 78 L42 78 Q40 78 40 75 Z'],
    [
      'accent',
      'M57 27 L68 26 L68 28 L57 29 Z M57 34 L68 33 L68 35 L57 36 Z M58 41 L69 40 L69 42 L58 43 Z M61 48 L72 46 L73 48 L62 50 Z',
    ],
    ['dark', 'M78 60 Q88 59 92 66 L92 70 L72 70 Q73 63 78 60 Z'],
  ],
  Jackets: [
    ['dark', 'M30 28 Q24 34 22 68 L33 70 L40 40 Z M90 28 Q96 34 98 68 L87 70 L80 40 Z'],
    ['main', 'M50 14 L70 14 Q84 18 92 28 L84 44 L84 78 L36 78 L36 44 L28 28 Q36 18 50 14 Z'],
    ['light', 'M50 14 Q60 24 70 14 Q70 10 60 10 Q50 10 50 14 Z'],
    ['accent', 'M59 20 L61 20 L61 78 L59 78 Z'],
    ['dark', 'M42 56 L54 56 L54 58 L42 58 Z M66 56 L78 56 L78 58 L66 58 Z'],
  ],
  Backpacks: [
    [
      'dark',
      'M34 34 Q28 40 29 66 L36 70 L38 38 Z M86 34 Q92 40 91 66 L84 70 L82 38 Z M52 14 Q60 6 68 14 L65 16 Q60 11 55 16 Z',
    ],
    ['main', 'M44 14 L76 14 Q86 18 86 34 L88 74 Q88 80 82 80 L38 80 Q32 80 32 74 L34 34 Q34 18 44 14 Z'],
    ['light', 'M40 16 L80 16 Q88 24 86 36 Q60 44 34 36 Q32 24 40 16 Z'],
    ['dark', 'M42 50 L78 50 L80 74 Q80 76 76 76 L44 76 Q40 76 40 74 Z'],
    ['accent', 'M50 34 L54 34 L54 48 L50 48 Z M66 34 L70 34 L70 48 L66 48 Z M46 56 L74 56 L74 58 L46 58 Z'],
  ],
  Tents: [
    ['dark', 'M60 18 L104 74 L86 74 Z'],
    ['main', 'M60 16 L92 74 L14 74 Z'],
    ['light', 'M60 16 L66 27 L20 74 L14 74 Z'],
    ['dark', 'M58 30 L72 74 L42 74 Z'],
    ['accent', 'M58 30 L60 36 L49 74 L42 74 Z M10 74 L110 74 L110 76 L10 76 Z'],
  ],
  Bottles: [
    ['main', 'M48 28 Q48 22 54 20 L66 20 Q72 22 72 28 L72 74 Q72 80 66 80 L54 80 Q48 80 48 74 Z'],
    ['light', 'M51 30 Q51 26 54 25 L55 25 L55 74 L54 75 Q51 74 51 72 Z'],
    ['dark', 'M52 10 L68 10 Q70 10 70 12 L70 20 L50 20 L50 12 Q50 10 52 10 Z'],
    ['accent', 'M48 44 L72 44 L72 58 L48 58 Z'],
    ['dark', 'M57 56 L60 48 L63 56 Z M48 72 L72 72 L72 74 L48 74 Z'],
  ],
  Lanterns: [
    ['dark', 'M46 24 Q46 6 60 6 Q74 6 74 24 L71 24 Q71 10 60 10 Q49 10 49 24 Z'],
    ['main', 'M48 22 L72 22 L78 32 L42 32 Z M42 66 L78 66 L80 78 Q80 80 78 80 L42 80 Q40 80 40 78 Z'],
    ['light', 'M45 32 L75 32 L77 66 L43 66 Z'],
    ['accent', 'M60 38 Q68 50 66 56 Q64 62 60 62 Q56 62 54 56 Q52 50 60 38 Z'],
    ['dark', 'M44 32 L47 32 L45 66 L42 66 Z M73 32 L76 32 L78 66 L75 66 Z'],
  ],
  Beanies: [
    ['accent', 'M60 8 Q68 8 68 16 Q68 24 60 24 Q52 24 52 16 Q52 8 60 8 Z'],
    ['main', 'M32 58 Q32 20 60 20 Q88 20 88 58 Z'],
    [
      'dark',
      'M58 20 L62 20 L63 58 L57 58 Z M46 24 Q40 36 41 58 L45 58 Q45 36 50 23 Z M74 24 Q80 36 79 58 L75 58 Q75 36 70 23 Z',
    ],
    ['light', 'M30 54 L90 54 Q94 54 94 58 L94 70 Q94 74 90 74 L30 74 Q26 74 26 70 L26 58 Q26 54 30 54 Z'],
    [
      'dark',
      'M38 56 L40 56 L40 72 L38 72 Z M52 56 L54 56 L54 72 L52 72 Z M66 56 L68 56 L68 72 L66 72 Z M80 56 L82 56 L82 72 L80 72 Z',
    ],
  ],
  Mittens: [
    ['dark', 'M72 40 Q82 30 88 36 Q92 42 82 52 L74 60 Z'],
    ['main', 'M42 62 L42 32 Q42 12 58 12 Q74 12 74 32 L74 62 Z'],
    ['light', 'M40 60 L76 60 Q78 60 78 62 L78 78 Q78 80 76 80 L40 80 Q38 80 38 78 L38 62 Q38 60 40 60 Z'],
    [
      'accent',
      'M50 38 L54 34 L58 38 L62 34 L66 38 L66 42 L62 38 L58 42 L54 38 L50 42 Z M50 48 L54 44 L58 48 L62 44 L66 48 L66 52 L62 48 L58 52 L54 48 L50 52 Z',
    ],
    ['dark', 'M38 68 L78 68 L78 70 L38 70 Z'],
  ],
  Mugs: [
    ['dark', 'M78 34 Q98 32 98 50 Q98 66 78 66 L78 60 Q91 60 91 50 Q91 39 78 40 Z'],
    ['main', 'M34 26 L82 26 L80 72 Q80 78 74 78 L42 78 Q36 78 36 72 Z'],
    ['light', 'M32 24 L84 24 Q86 26 84 29 L32 29 Q30 26 32 24 Z'],
    ['accent', 'M46 62 L58 42 L64 52 L67 47 L74 62 Z'],
    [
      'dark',
      'M48 16 Q46 12 49 8 L51 8 Q49 12 51 16 Z M58 18 Q56 12 59 6 L61 6 Q59 12 61 18 Z M68 16 Q66 12 69 8 L71 8 Q69 12 71 16 Z',
    ],
  ],
  Socks: [
    ['main', 'M44 12 L66 12 L66 48 Q68 54 80 60 Q90 66 86 74 Q82 80 70 78 L50 70 Q42 66 43 56 Z'],
    ['light', 'M43 10 L67 10 L67 22 L43 22 Z'],
    ['accent', 'M44 28 L66 28 L66 32 L44 32 Z M44 36 L66 36 L66 40 L44 40 Z'],
    ['dark', 'M72 56 Q88 62 87 71 Q84 80 71 78 Q68 68 72 56 Z M43 54 Q50 54 54 62 Q54 68 51 71 Q42 66 43 54 Z'],
  ],
};

function flattenPath(path: string, scale: number): Point[][] {
  const polygons: Point[][] = [];
  for (const [, command, numbers = ''] of path.matchAll(/([MLQZ])([^MLQZ]*)/g)) {
    const [a = 0, b = 0, c = 0, d = 0] = numbers.trim().split(/\s+/).map(Number);
    const polygon = polygons.at(-1);
    if (command === 'M') polygons.push([[a * scale, b * scale]]);
    else if (command === 'L') polygon?.push([a * scale, b * scale]);
    else if (command === 'Q') {
      const [x, y] = polygon?.at(-1) ?? [0, 0];
      for (let step = 1; step <= 8; step++) {
        const t = step / 8;
        const [near, middle, far] = [(1 - t) ** 2, 2 * t * (1 - t), t ** 2];
        polygon?.push([near * x + (middle * a + far * c) * scale, near * y + (middle * b + far * d) * scale]);
      }
    }
  }
  return polygons;
}

function ellipse(x: number, y: number, rx: number, ry: number): Point[] {
  return Array.from({ length: 48 }, (_, at): Point => {
    const angle = (at / 48) * 2 * Math.PI;
    return [x + rx * Math.cos(angle), y + ry * Math.sin(angle)];
  });
}

/** CSS hsl() to sRGB bytes. */
function hsl(hue: number, saturation: number, lightness: number): Colour {
  const channel = (offset: number): number => {
    const k = (offset + hue / 30) % 12;
    const reach = saturation * Math.min(lightness, 1 - lightness);
    return Math.round(255 * (lightness - reach * Math.max(-1, Math.min(k - 3, 9 - k, 1))));
  };
  return [channel(0), channel(8), channel(4)];
}

/** The picture of a product as PNG; its colours follow from `seed`. */
export function paintProduct({ category }: ProductSummary, seed: number): Buffer {
  const draw = seededRandom(seed);
  const hue = Math.floor(draw() * 360);
  const saturation = 0.28 + draw() * 0.3;
  const tones: Record<Tone, Colour> = {
    main: hsl(hue, saturation, 0.46),
    dark: hsl(hue, saturation, 0.27),
    light: hsl(hue, saturation * 0.8, 0.68),
    accent: hsl((hue + 40 + draw() * 140) % 360, 0.62, 0.66),
  };
  const bitmap = createBitmap(productPicture.width, productPicture.height);
  const scale = productPicture.width / 120;
  fillGradient(bitmap, hsl((hue + 30) % 360, 0.22, 0.955), hsl((hue + 30) % 360, 0.2, 0.88));
  fillPolygon(bitmap, ellipse(60 * scale, 79 * scale, 36 * scale, 4 * scale), () => tones.dark, 0.18);
  for (const [tone, path] of drawings[category]) {
    const base = tones[tone];
    for (const polygon of flattenPath(path, scale)) {
      fillPolygon(bitmap, polygon, (y) => mix(base, [0, 0, 0], 0.22 * (y / bitmap.height)));
    }
  }
  return encodePng(bitmap);
}

/** A line of hills: sums of seeded sines, in pixels from the top, closed at the bottom. */
function hills(draw: () => number, base: number, height: number): Point[] {
  const waves = [1, 2.3, 4.1, 8.7, 17].map((rate) => ({ rate, phase: draw() * 7, reach: height / rate ** 0.9 }));
  const { width, height: bottom } = heroPicture;
  const ridge = Array.from({ length: width / 4 + 1 }, (_, at): Point => {
    const x = at * 4;
    const rise = waves.reduce((sum, { rate, phase, reach }) => {
      return sum + reach * (1 - Math.abs(Math.sin((x / width) * 3 * rate + phase)));
    }, 0);
    return [x, base - rise];
  });
  return [...ridge, [width, bottom], [0, bottom]];
}

function plantForest(bitmap: Bitmap, draw: () => number): void {
  for (let x = -10; x < bitmap.width + 20; x += 7 + draw() * 12) {
    const foot = bitmap.height - 14 + draw() * 20;
    const size = 34 + draw() * 66;
    const half = size * 0.19;
    const shade: Colour = mix([16, 42, 40], [28, 66, 58], draw());
    for (const [from, to, reach] of [
      [0, 0.5, 0.62],
      [0.22, 0.75, 0.82],
      [0.46, 1, 1],
    ] as const) {
      const top = foot - size * (1 - from);
      const bottom = foot - size * (1 - to);
      fillPolygon(
        bitmap,
        [
          [x, top],
          [x + half * reach, bottom],
          [x - half * reach, bottom],
        ],
        () => shade,
      );
    }
  }
}

/** The hero of the home page as PNG: dawn over hills. */
export function paintHero(): Buffer {
  const draw = seededRandom(41);
  const bitmap = createBitmap(heroPicture.width, heroPicture.height);
  fillGradient(bitmap, [58, 92, 128], [255, 206, 160]);
  fillPolygon(bitmap, ellipse(880, 210, 120, 120), () => [255, 232, 196], 0.25);
  fillPolygon(bitmap, ellipse(880, 210, 58, 58), () => [255, 244, 220]);
  const layers: readonly (readonly [base: number, height: number, colour: Colour])[] = [
    [330, 120, [150, 150, 168]],
    [380, 100, [104, 124, 146]],
    [425, 80, [62, 98, 112]],
    [470, 60, [32, 72, 76]],
  ];
  for (const [base, height, colour] of layers) {
    fillPolygon(bitmap, hills(draw, base, height), (y) => mix(colour, [255, 226, 196], Math.max(0, (y - 200) / 900)));
  }
  plantForest(bitmap, draw);
  return encodePng(bitmap);
}
