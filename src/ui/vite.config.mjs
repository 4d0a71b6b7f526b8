import { defineConfig } from 'vite';

/** Must equal BASE in lib/base.ts: the address below which the web process serves the app. */
const BASE = '/app/';

export default defineConfig({
  root: import.meta.dirname,
  base: BASE,
  publicDir: false,
  oxc: { jsx: { runtime: 'automatic' } },
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
