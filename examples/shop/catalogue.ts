/** The shop's 200 products, the same on every start. Exactly 12 of them match "boots". */
import { seededRandom } from './random.ts';

export const categories = [
  'Boots',
  'Jackets',
  'Backpacks',
  'Tents',
  'Bottles',
  'Lanterns',
  'Beanies',
  'Mittens',
  'Mugs',
  'Socks',
] as const;
export type Category = (typeof categories)[number];

export interface Review {
  readonly author: string;
  /** ISO date, UTC. */
  readonly date: string;
  readonly stars: number;
  readonly text: string;
}

/** What the list shows of a product. */
export interface ProductSummary {
  readonly slug: string;
  readonly name: string;
  readonly category: Category;
  /** Euro cents. */
  readonly price: number;
  /** Mean of the stars, one decimal. */
  readonly rating: number;
  readonly image: string;
}

export interface Product extends ProductSummary {
  readonly description: string;
  readonly features: readonly string[];
  readonly reviews: readonly Review[];
}

const lines: Record<Category, { count: number; nouns: readonly string[]; from: number; to: number }> = {
  Boots: { count: 12, nouns: ['Hiking Boots', 'Winter Boots', 'Leather Boots'], from: 89, to: 260 },
  Jackets: { count: 24, nouns: ['Rain Jacket', 'Down Jacket', 'Fleece Jacket', 'Wind Jacket'], from: 69, to: 340 },
  Backpacks: { count: 24, nouns: ['Daypack', 'Trekking Pack', 'Roll-top Pack'], from: 45, to: 220 },
  Tents: { count: 20, nouns: ['Two-person Tent', 'Dome Tent', 'Tunnel Tent'], from: 140, to: 620 },
  Bottles: { count: 20, nouns: ['Steel Bottle', 'Trail Flask', 'Vacuum Bottle'], from: 14, to: 48 },
  Lanterns: { count: 18, nouns: ['Camp Lantern', 'Storm Lantern', 'Solar Lantern'], from: 22, to: 80 },
  Beanies: { count: 22, nouns: ['Wool Beanie', 'Ribbed Beanie', 'Merino Beanie'], from: 16, to: 45 },
  Mittens: { count: 20, nouns: ['Wool Mittens', 'Down Mittens', 'Liner Mittens'], from: 18, to: 95 },
  Mugs: { count: 20, nouns: ['Enamel Mug', 'Titanium Mug', 'Camp Mug'], from: 9, to: 42 },
  Socks: { count: 20, nouns: ['Trail Socks', 'Merino Socks', 'Alpine Socks'], from: 12, to: 32 },
};

const words =
  'Alder Birch Cedar Drift Ember Fjell Gale Heath Isle Juniper Kelp Larch Moor North Osprey Pine Quarry Ridge Spruce Tarn Umber Vale Willow Yarrow'.split(
    ' ',
  );
const openings = [
  'Made for long days far from the road.',
  'A quiet favourite of our own team.',
  'Built to be repaired, not replaced.',
  'Light enough to forget, tough enough to trust.',
  'For weather that changes its mind.',
];
const middles = [
  'The seams are doubled where it matters and left out where it does not.',
  'Every part that wears can be ordered on its own.',
  'We tested it through two winters on the coast and one in the mountains.',
  'The cut is simple, so that it sits well over other layers.',
  'It packs small and dries overnight.',
];
const closings = [
  'Ten years of guarantee.',
  'Made in small numbers.',
  'Comes in a box of recycled card.',
  'Care instructions are sewn inside.',
];
const features = [
  'Recycled materials',
  'Water repellent without fluorine',
  'Spare parts for ten years',
  'Plant-dyed',
  'Packs into its own pocket',
  'Machine washable',
  'Reflective details',
  'Made in Europe',
];
const opinions = [
  'Does exactly what it says. I would buy it again.',
  'Arrived quickly, and the quality is a surprise at this price.',
  'After a year of weekends it still looks new.',
  'A little smaller than I expected, but it has grown on me.',
  'My partner took it, so I ordered a second one.',
  'Good, though the colour is darker than in the picture.',
  'Kept me warm and dry through a week of rain.',
];
const authors = ['Ada', 'Bram', 'Chidi', 'Dora', 'Emil', 'Farah', 'Goran', 'Hana', 'Ivo', 'Jun', 'Kaja', 'Lea'];

type Draw = () => number;

function pick<T>(items: readonly T[], draw: Draw): T {
  const item = items[Math.floor(draw() * items.length)];
  if (item === undefined) throw new RangeError('nothing to pick from');
  return item;
}

function shuffle<T>(items: readonly T[], draw: Draw): T[] {
  return items
    .map((item) => ({ item, rank: draw() }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ item }) => item);
}

function makeReview(text: string, draw: Draw): Review {
  const day = new Date(Date.UTC(2025, 0, 1 + Math.floor(draw() * 300)));
  return {
    author: pick(authors, draw),
    date: day.toISOString().slice(0, 10),
    stars: 3 + Math.floor(draw() * 3),
    text,
  };
}

function makeProduct(category: Category, name: string, draw: Draw): Product {
  const { from, to } = lines[category];
  const slug = name.toLowerCase().replaceAll(' ', '-');
  const reviews = shuffle(opinions, draw)
    .slice(0, 2 + Math.floor(draw() * 5))
    .map((text) => makeReview(text, draw));
  const stars = reviews.reduce((sum, review) => sum + review.stars, 0) / reviews.length;
  return {
    slug,
    name,
    category,
    price: Math.round(from + (to - from) * draw() ** 1.6) * 100 - 5,
    rating: Math.round(stars * 10) / 10,
    image: `/images/${slug}.png`,
    description: `${pick(openings, draw)} ${pick(middles, draw)} ${pick(closings, draw)}`,
    features: shuffle(features, draw).slice(0, 4),
    reviews,
  };
}

function makeProducts(): Product[] {
  const draw = seededRandom(2025);
  const made = categories.flatMap((category) => {
    const { count, nouns } = lines[category];
    return words.slice(0, count).map((word, at) => {
      return makeProduct(category, `${word} ${nouns[at % nouns.length] ?? ''}`, draw);
    });
  });
  return shuffle(made, draw);
}

export const products: readonly Product[] = makeProducts();

/** Products whose name or category has every word of the query; all of them for an empty query. */
export function searchProducts(query: string): readonly Product[] {
  const wanted = query.toLowerCase().split(/\s+/).filter(Boolean);
  return products.filter((product) => {
    const text = `${product.name} ${product.category}`.toLowerCase();
    return wanted.every((word) => text.includes(word));
  });
}

export function findProduct(slug: string): Product | undefined {
  return products.find((product) => product.slug === slug);
}

/** The parts of a product that the list shows. */
export function summarise({ slug, name, category, price, rating, image }: Product): ProductSummary {
  return { slug, name, category, price, rating, image };
}
