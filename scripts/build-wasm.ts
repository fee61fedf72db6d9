/** Compiles src/heap/numbers.wat into src/heap/numbers-wasm.ts: node scripts/build-wasm.ts */
import { readFileSync, writeFileSync } from 'node:fs';
import wabt from 'wabt';

const source = new URL('../src/heap/numbers.wat', import.meta.url);
const target = new URL('../src/heap/numbers-wasm.ts', import.meta.url);

const compiler = await wabt();
const module = compiler.parseWat('numbers.wat', readFileSync(source, 'utf8'));
module.validate();
const { buffer } = module.toBinary({ write_debug_names: false });
const text = Buffer.from(buffer).toString('base64');
writeFileSync(
  target,
  `/** numbers.wat, compiled: written by scripts/build-wasm.ts. */\nexport const numbersWasm =\n  '${text}';\n`,
);
console.log(`${buffer.length} bytes`);
