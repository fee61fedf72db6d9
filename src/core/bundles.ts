/** Bytes of scripts and style sheets by original module, of a whole scenario. Sizes in bytes. */
import * as z from 'zod';

const bytes = z.number();

const bundleModule = z.strictObject({
  file: z.string().describe('original source, as the source map names it'),
  package: z.string().nullable().describe('npm package it belongs to; null for own code'),
  size: bytes.describe('in the delivered script, uncompressed'),
  transferred: bytes.describe("its share of the script's bytes on the wire"),
  unused: bytes.nullable().describe('of `size`, never run in this scenario; null without coverage'),
});
export type BundleModule = z.infer<typeof bundleModule>;

export const bundleFile = z.strictObject({
  url: z.string().describe('redacted; inline code has the URL of its document and its line'),
  kind: z.enum(['script', 'stylesheet']),
  party: z.enum(['first-party', 'third-party']),
  size: bytes,
  transferred: bytes,
  unused: bytes.nullable(),
  map: z.enum(['used', 'none', 'broken']),
  problem: z.string().nullable().describe('why the source map could not be used'),
  modules: z.array(bundleModule).describe('largest first; empty without a usable source map'),
});
export type BundleFile = z.infer<typeof bundleFile>;

export const bundlesSchema = z.strictObject({
  files: z.array(bundleFile),
  duplicates: z.array(
    z.strictObject({
      module: z.string().describe('path within its package, or the package'),
      wasted: bytes.describe('of all copies but the largest'),
      copies: z.array(z.strictObject({ file: z.string(), script: z.string(), size: bytes })),
    }),
  ),
  notes: z.array(z.string()),
});
export type Bundles = z.infer<typeof bundlesSchema>;
