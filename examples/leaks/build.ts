/** Builds the React and the Vue pages for production with Vite: minified, with source maps. */
import { execFile } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

async function build(kit: 'react' | 'vue', outDir: string): Promise<void> {
  const [vite, { default: react }] = await Promise.all([import('vite'), import('@vitejs/plugin-react')]);
  await vite.build({
    configFile: false,
    root: path.join(import.meta.dirname, kit),
    base: `/${kit}/`,
    logLevel: 'warn',
    plugins: kit === 'react' ? [react()] : [],
    // With the compiler of templates: the pages have theirs as strings.
    resolve: { alias: kit === 'vue' ? { vue: 'vue/dist/vue.esm-bundler.js' } : {} },
    define: {
      __VUE_OPTIONS_API__: 'true',
      __VUE_PROD_DEVTOOLS__: 'false',
      __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: 'false',
    },
    build: { outDir: path.join(outDir, kit), emptyOutDir: true, sourcemap: true, target: 'es2022' },
  });
}

/**
 * Builds into `FOLDER/react` and `FOLDER/vue`, in a process of its own: Vite, React and Vue choose development or
 * production by NODE_ENV, which a test runner sets.
 * @throws what Vite or the file system throw
 */
export async function buildLeaks(folder: string): Promise<void> {
  await promisify(execFile)(process.execPath, [fileURLToPath(import.meta.url), folder], {
    env: { ...process.env, NODE_ENV: 'production' },
  });
}

if (import.meta.main) {
  const [folder] = process.argv.slice(2);
  if (folder === undefined) throw new Error('node examples/leaks/build.ts FOLDER');
  for (const kit of ['react', 'vue'] as const) await build(kit, folder);
}
