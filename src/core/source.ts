/** Places in source code, as findings and flame graphs name them. Lines and columns count from 1. */
import * as z from 'zod';

/** Whose code it is: the application's own, a package it bundles, another site's script, or Chrome itself. */
export const codeOrigins = ['application', 'library', 'third-party', 'browser'] as const;
export type CodeOrigin = (typeof codeOrigins)[number];

export const sourceLocation = z.strictObject({
  function: z.string().nullable().describe('name of the enclosing function in the original source'),
  file: z.string().describe('original source as the source map names it, else the URL of the script'),
  line: z.number().int(),
  column: z.number().int(),
  mapped: z.boolean().describe('whether a source map gave the place; else it is one in the delivered script'),
  script: z.string().describe('URL of the script as it was delivered, redacted'),
  origin: z.enum(codeOrigins),
});
export type SourceLocation = z.infer<typeof sourceLocation>;
