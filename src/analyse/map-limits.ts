/** How much of source maps is read: they come from the page under test, and decoding takes many times their size. */

/** UTF-16 units: 67 million. The collector fetches no larger one; those of large applications have 20 MB. */
export const largestMap = 64 * 2 ** 20;

/**
 * Places and lines together. A real map of 20 MB has two million; each takes 100 bytes and more once it is decoded,
 * even if its text is a single `;`, so that 50 MB of them would fill the memory of the thread that reads it.
 */
export const mostMappings = 4_000_000;

export const tooLarge = `is larger than ${largestMap / 2 ** 20} MB`;
export const tooMany = `has more than ${mostMappings / 1e6} million mappings and lines, and is not read`;

/**
 * Mappings and lines of a map, from its text alone; at least one a section. Not exact beyond `mostMappings`.
 * @param sections with base64 VLQ, and the line of the script that each starts at, from 0: those before are held too
 */
export function countMappings(sections: readonly { readonly mappings: string; readonly line: number }[]): number {
  let count = 0;
  let lines = 0;
  for (const { mappings, line } of sections) {
    lines = Math.max(lines, line);
    count += 1;
    for (let at = 0; at < mappings.length && count <= mostMappings; at += 1) {
      const code = mappings.charCodeAt(at);
      if (code === comma || code === semicolon) count += 1;
    }
  }
  return count + lines;
}

const comma = 44;
const semicolon = 59;
