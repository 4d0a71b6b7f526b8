import { readFileSync } from 'node:fs';
import { defineConfig } from 'vite';

/** Must equal BASE in lib/base.ts: the address below which the web process serves the app. */
const BASE = '/app/';

/** Which packages a file of the app is made of, largest first: the test of sizes names them. */
const packagesOfFiles = {
  name: 'packages-of-files',
  generateBundle(_options, bundle) {
    const chunks = Object.values(bundle).filter(({ type }) => type === 'chunk');
    const files = Object.fromEntries(chunks.map(({ fileName, modules }) => [fileName, packagesOf(modules)]));
    this.emitFile({ type: 'asset', fileName: 'packages.json', source: JSON.stringify(files) });
  },
};

/**
 * Of the page: early.js runs before the first paint, as a file because the policy of content allows no script in a page; what
 * the app starts with is loaded meanwhile.
 */
const earlyPage = {
  name: 'early-page',
  generateBundle() {
    this.emitFile({ type: 'asset', name: 'early.js', source: readFileSync(`${import.meta.dirname}/early.js`) });
  },
  transformIndexHtml: {
    order: 'post',
    handler(_html, { bundle }) {
      const files = Object.values(bundle);
      const early = files.find(({ type, names }) => type === 'asset' && names.includes('early.js'));
      const { scripts, styles } = startOf(files);
      // Of low priority: measured, they delay the first paint by half of what they do otherwise.
      const link = (attrs) => ({
        ...{ tag: 'link', attrs: { crossorigin: true, fetchpriority: 'low', ...attrs }, injectTo: 'head' },
      });
      return [
        { tag: 'script', attrs: { src: BASE + early.fileName }, injectTo: 'head-prepend' },
        ...scripts.map((file) => link({ rel: 'modulepreload', href: BASE + file })),
        ...styles.map((file) => link({ rel: 'preload', as: 'style', href: BASE + file })),
      ];
    },
  },
};

/** What app/start.tsx imports, with its styles. */
function startOf(files) {
  const chunks = new Map(files.filter(({ type }) => type === 'chunk').map((chunk) => [chunk.fileName, chunk]));
  const first = [...chunks.values()].find(({ facadeModuleId }) => facadeModuleId?.endsWith('/app/start.tsx'));
  const scripts = new Set();
  const walk = (name) => {
    if (scripts.has(name) || !chunks.has(name)) return;
    scripts.add(name);
    for (const next of chunks.get(name).imports) walk(next);
  };
  walk(first.fileName);
  // The page itself has the entry and its styles.
  const others = [...scripts].filter((name) => !chunks.get(name).isEntry);
  return { scripts: others, styles: others.flatMap((name) => [...chunks.get(name).viteMetadata.importedCss]) };
}

function packagesOf(modules) {
  const sizes = new Map();
  for (const [path, { renderedLength }] of Object.entries(modules)) {
    const name = path
      .split('node_modules/')
      .at(-1)
      .match(/^(@[^/]+\/[^/]+|[^@/][^/]*)/)?.[1];
    const known = path.includes('node_modules/') && name !== undefined ? name : 'src/ui';
    sizes.set(known, (sizes.get(known) ?? 0) + renderedLength);
  }
  return [...sizes].sort(([, a], [, b]) => b - a).map(([name]) => name);
}

export default defineConfig({
  root: import.meta.dirname,
  base: BASE,
  publicDir: false,
  plugins: [packagesOfFiles, earlyPage],
  // Whatever NODE_ENV says where it is built: the development builds of React and of the charts are larger and slower.
  define: { 'process.env.NODE_ENV': '"production"' },
  resolve: { conditions: ['production', 'module', 'browser'] },
  oxc: { jsx: { runtime: 'automatic', development: false } },
  build: {
    target: 'es2022',
    // The policy of content allows no data: address for scripts and styles, and a font as a file is cached by itself.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // The test of sizes reads which file each page loads.
    manifest: 'manifest.json',
    reportCompressedSize: false,
  },
});
