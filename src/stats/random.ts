/** Random numbers that come out the same for the same seed, so that a run can be replayed. */

/** A number in [0, 1). */
export type Random = () => number;

/**
 * sfc32, a small fast counter generator (Chris Doty-Humphrey, PractRand; passes TestU01 BigCrush), its 128 bits of
 * state filled from a 32-bit seed by splitmix32 and mixed for 12 rounds, as its author advises.
 */
export function seededRandom(seed: number): Random {
  let mixer = seed >>> 0;
  const mix = (): number => {
    mixer = (mixer + 0x9e3779b9) | 0;
    let word = mixer ^ (mixer >>> 16);
    word = Math.imul(word, 0x21f0aaad);
    word ^= word >>> 15;
    word = Math.imul(word, 0x735a2d97);
    return word ^ (word >>> 15);
  };
  let a = mix();
  let b = mix();
  let c = mix();
  let counter = 1;
  const next = (): number => {
    const out = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + out) | 0;
    return (out >>> 0) / 2 ** 32;
  };
  for (let round = 0; round < 12; round += 1) next();
  return next;
}

/** A standard normal number (Box and Muller 1958; one of the pair is thrown away, so that calls stay independent). */
export function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
