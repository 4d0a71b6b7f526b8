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
  plugins: [packagesOfFiles],
  // Whatever NODE_ENV says where it is built: the development build of React is larger and slower.
  define: { 'process.env.NODE_ENV': '"production"' },
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
