/** Writes src/core/lighthouse-ids.ts: what Lighthouse scores, by which budgets may name it. After each new version. */
import { writeFileSync } from 'node:fs';
import { defaultConfig } from 'lighthouse';

/** In the order in which Lighthouse reports them. Those it is still experimenting with are left out. */
const categories = ['performance', 'accessibility', 'best-practices', 'seo'];

interface AuditClass {
  readonly default: { readonly meta: { readonly id: string; readonly scoreDisplayMode?: string } };
}

/** Ids of the audits of the categories that may have a score, sorted: neither manual nor merely informative ones. */
async function scoredAudits(): Promise<string[]> {
  const refs = categories.flatMap((id) => defaultConfig.categories?.[id]?.auditRefs ?? []);
  const referred = new Set(refs.map((ref) => ref.id));
  const metas = await Promise.all(
    (defaultConfig.audits ?? [])
      .filter((audit) => typeof audit === 'string')
      .map(async (audit) => {
        const file = `lighthouse/core/audits/${audit}.js`;
        return ((await import(file)) as AuditClass).default.meta;
      }),
  );
  return metas
    .filter(({ id, scoreDisplayMode }) => referred.has(id) && !/^(manual|informative)$/.test(scoreDisplayMode ?? ''))
    .map(({ id }) => id)
    .toSorted();
}

/** The file's text, laid out as oxfmt does. */
export async function lighthouseIds(): Promise<string> {
  const list = (ids: readonly string[]): string => ids.map((id) => `  '${id}',\n`).join('');
  return `/** Written by scripts/generate-lighthouse-ids.ts from Lighthouse's own configuration. */

/** The categories that are audited, as Lighthouse names them. */
export const lighthouseCategories = ['${categories.join("', '")}'] as const;

/** The audits of these categories that can have a score. */
export const lighthouseAudits = [
${list(await scoredAudits())}] as const;
`;
}

if (import.meta.main) {
  writeFileSync(new URL('../src/core/lighthouse-ids.ts', import.meta.url), await lighthouseIds());
  console.log('src/core/lighthouse-ids.ts written');
}
