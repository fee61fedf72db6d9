/**
 * Builds the shop for production with Vite: minified, source maps, compressed copies of what compresses, pictures.
 * Run as a program it builds and prints the folder.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

const here = import.meta.dirname;
const distRoot = join(here, 'dist');
const repository = join(here, '../..');
const packages = ['react', 'react-dom', 'vite', '@vitejs/plugin-react', 'zod'];
// As styles.css names it.
const font = import.meta.resolve('@fontsource-variable/figtree/files/figtree-latin-wght-normal.woff2');

/** A hash of all that the build depends on: the shop's own files and the versions of the packages in it. */
async function hashSources(): Promise<string> {
  const hash = createHash('sha256');
  const entries = await readdir(here, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile() && /\.(tsx?|css|html)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => !file.startsWith(distRoot))
    .sort();
  for (const file of files)
    hash
      .update(file.slice(here.length))
      .update('\0')
      .update(await readFile(file))
      .update('\0');
  for (const name of packages) {
    hash.update(await readFile(join(repository, 'node_modules', name, 'package.json')));
  }
  hash.update(await readFile(fileURLToPath(font)));
  return hash.digest('hex').slice(0, 16);
}

async function bundle(outDir: string): Promise<void> {
  const [{ build }, { default: react }] = await Promise.all([import('vite'), import('@vitejs/plugin-react')]);
  await build({
    configFile: false,
    root: here,
    logLevel: 'warn',
    plugins: [
      react(),
      {
        // The font is found only after the style sheet; a preload starts it with the page.
        name: 'preload-font',
        transformIndexHtml: {
          order: 'post',
          handler: (_html, { bundle: output }) =>
            Object.keys(output ?? {})
              .filter((file) => file.endsWith('.woff2'))
              .map((file) => ({
                tag: 'link',
                attrs: { rel: 'preload', as: 'font', type: 'font/woff2', crossorigin: '', href: `/${file}` },
                injectTo: 'head-prepend',
              })),
        },
      },
    ],
    build: { outDir, emptyOutDir: true, sourcemap: true, target: 'es2022', assetsInlineLimit: 0, copyPublicDir: false },
  });
}

async function compressAssets(folder: string): Promise<void> {
  const brotli = promisify(brotliCompress);
  const zip = promisify(gzip);
  for (const file of await readdir(folder)) {
    if (!/\.(js|css|map)$/.test(file)) continue;
    const body = await readFile(join(folder, file));
    await writeFile(join(folder, `${file}.gz`), await zip(body, { level: 9 }));
    if (file.endsWith('.map')) continue;
    const quality = { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY };
    await writeFile(join(folder, `${file}.br`), await brotli(body, { params: quality }));
  }
}

async function paintPictures(folder: string): Promise<void> {
  const [{ products }, { paintHero, paintProduct }] = await Promise.all([
    import('./catalogue.ts'),
    import('./pictures.ts'),
  ]);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'hero.png'), paintHero());
  for (const [at, product] of products.entries()) {
    await writeFile(join(folder, `${product.slug}.png`), paintProduct(product, at + 1));
  }
}

async function buildInto(target: string): Promise<void> {
  // Built beside and moved when whole, so that two builds at once, or one cut short, leave nothing half done.
  const draft = join(distRoot, `.draft-${process.pid}`);
  try {
    await bundle(draft);
    await compressAssets(join(draft, 'assets'));
    await paintPictures(join(draft, 'images'));
    await rename(draft, target).catch((error: unknown) => {
      if (!existsSync(join(target, 'index.html'))) throw error;
    });
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
  for (const entry of await readdir(distRoot)) {
    const old = join(distRoot, entry);
    if (old !== target && !entry.startsWith('.draft-')) await rm(old, { recursive: true, force: true });
  }
}

/**
 * The folder of the production build, `dist/HASH`; built anew only when the sources have changed. Throws what Vite
 * or the file system throw.
 */
export async function buildShop(): Promise<string> {
  const target = join(distRoot, await hashSources());
  if (existsSync(join(target, 'index.html'))) return target;
  // In a process of its own: Vite and React choose development or production by NODE_ENV, which a test runner sets.
  await promisify(execFile)(process.execPath, [fileURLToPath(import.meta.url), target], {
    cwd: dirname(here),
    env: { ...process.env, NODE_ENV: 'production' },
  });
  return target;
}

if (import.meta.main) {
  const [target] = process.argv.slice(2);
  if (target === undefined) process.stdout.write(`${await buildShop()}\n`);
  else await buildInto(target);
}
