/** What `pacewright leaks <url>` hands from its own process to the tests it declares. */
import * as z from 'zod';

const visitLink = z.strictObject({
  attribute: z.string().describe('the href as it stands in the document, to find the link by'),
  href: z.string().describe('where it leads'),
});
export type VisitLink = z.infer<typeof visitLink>;

export const visitPlan = z.strictObject({
  url: z.string(),
  links: z.array(visitLink),
  clicks: z.array(z.string()).describe('selectors, clicked one after the other as one action'),
  iterations: z.number().int().nullable(),
  output: z.string().describe("Playwright's own folder"),
});
export type VisitPlan = z.infer<typeof visitPlan>;

const variable = 'PACEWRIGHT_VISIT';

export function rememberPlan(env: NodeJS.ProcessEnv, plan: VisitPlan): void {
  env[variable] = JSON.stringify(plan);
}

/** @throws ZodError, SyntaxError where the tests are run without the command */
export function readPlan(env: NodeJS.ProcessEnv): VisitPlan {
  return visitPlan.parse(JSON.parse(env[variable] ?? 'null'));
}
