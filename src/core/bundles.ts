/** Bytes of scripts and style sheets by original module, of a whole scenario. Sizes in bytes. */
import * as z from 'zod';

const bytes = z.number();

/** Stands for text of a script that its source map gives to no source: the bundler's own, mostly. */
export const unmappedFile = '(unmapped)';

const bundleModule = z.strictObject({
  file: z.string().describe('original source, as the source map names it; `(unmapped)` for text of no source'),
  package: z.string().nullable().describe('npm package it belongs to; null for own code'),
  version: z.string().nullable().describe('of the package, where the path tells'),
  size: bytes.describe('in the delivered script, uncompressed'),
  transferred: bytes.describe("its share of the script's bytes on the wire"),
  unused: bytes.nullable().describe('of `size`, never run in this scenario; null without coverage'),
  later: bytes.nullable().describe('of `size`, first run in a later step than the one that first ran the script'),
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
  firstUse: z
    .array(z.strictObject({ step: z.string(), size: bytes }))
    .describe('in the order of steps: how much was used for the first time in each'),
  modules: z.array(bundleModule).describe('largest first; empty without a usable source map'),
});
export type BundleFile = z.infer<typeof bundleFile>;

export const bundlesSchema = z.strictObject({
  files: z.array(bundleFile),
  duplicates: z.array(
    z.strictObject({
      module: z.string().describe('package, or path of a module of own code'),
      kind: z
        .enum(['package', 'module'])
        .describe('several installed copies of a package, or the same modules in several scripts'),
      wasted: bytes.describe('of all copies but the largest'),
      wastedTransferred: bytes.describe('their share of the bytes on the wire'),
      copies: z.array(
        z.strictObject({ file: z.string(), version: z.string().nullable(), script: z.string(), size: bytes }),
      ),
    }),
  ),
  changes: z
    .array(
      z.strictObject({
        name: z.string().describe('package, path of a module of own code, or URL of a file without a source map'),
        kind: z.enum(['package', 'module', 'script', 'stylesheet']),
        base: bytes.nullable().describe('on the wire, in all files; null where base has no such part'),
        head: bytes.nullable(),
      }),
    )
    .nullable()
    .describe('in a comparison: what is new, gone or of another size, the largest difference first'),
  notes: z.array(z.string()),
});
export type DuplicateModule = Bundles['duplicates'][number];
export type BundleChange = NonNullable<Bundles['changes']>[number];
export type Bundles = z.infer<typeof bundlesSchema>;
