/** Writes schema/budget.schema.json, which editors check and complete budget files with. */
import { writeFileSync } from 'node:fs';
import { budgetJsonSchema } from '../src/config/schema.ts';

const target = new URL('../schema/budget.schema.json', import.meta.url);
writeFileSync(target, `${JSON.stringify(budgetJsonSchema(), null, 2)}\n`);
console.log('schema/budget.schema.json written');
