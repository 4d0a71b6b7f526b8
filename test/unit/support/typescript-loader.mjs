/** Lets a plain node child process import the TypeScript sources: `node --import <this file> child.mjs`. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { createRequire, enableCompileCache, registerHooks } from 'node:module';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { COMPILE_CACHE, ROOT } from '../../../src/processes/cli/setup.mjs';

const require = createRequire(import.meta.url);

enableCompileCache(COMPILE_CACHE);
registerHooks({ resolve, load });

/** A source names the others by what the build makes of them. */
function resolve(specifier, context, next) {
  if (specifier.startsWith('.') && specifier.endsWith('.js') && context.parentURL?.startsWith('file:')) {
    const url = new URL(specifier.replace(/\.js$/, '.ts'), context.parentURL);
    if (existsSync(url)) return { url: url.href, format: 'module', shortCircuit: true };
  }
  return next(specifier, context);
}

function load(url, context, next) {
  if (!url.endsWith('.ts')) return next(url, context);
  const filename = fileURLToPath(url);
  return { format: 'module', source: builtOf(filename) ?? strippedOf(filename), shortCircuit: true };
}

/** What the build made of a source, when it is newer: set-up builds all of them before the tests. */
function builtOf(filename) {
  const built = join(ROOT, 'dist', relative(ROOT, filename)).replace(/\.ts$/, '.js');
  const builtAt = statSync(built, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  return builtAt > statSync(filename).mtimeMs ? readFileSync(built, 'utf8') : undefined;
}

function strippedOf(filename) {
  return require('@swc/core').transformSync(readFileSync(filename, 'utf8'), {
    filename,
    swcrc: false,
    jsc: { target: 'es2022', parser: { syntax: 'typescript', decorators: true } },
    module: { type: 'es6' },
  }).code;
}
