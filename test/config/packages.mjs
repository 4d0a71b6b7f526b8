import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const FOLDER = join(ROOT, 'dist/packages');
const STAMP = join(FOLDER, 'stamp');

/** Packages of many files, which each file of tests would find, read and compile again, and the one that has only ES modules. */
const ES_MODULES = [
  '@nestjs/common',
  '@nestjs/common/constants.js',
  '@nestjs/core',
  '@nestjs/platform-express',
  '@nestjs/swagger',
  'fast-check',
  'ofx-js',
];
const COMMONJS = [
  '@stoqey/ib',
  '@stoqey/ib/dist/core/io/decoder.js',
  '@stoqey/ib/dist/core/io/encoder.js',
  '@zxcvbn-ts/core',
  '@zxcvbn-ts/language-common',
  'ajv/dist/2020.js',
  'class-transformer',
  'class-validator',
  'express',
  'rate-limiter-flexible',
  'rxjs',
];
const JOINED = [...ES_MODULES, ...COMMONJS];
/** What must be there before any part of Nest is read, and what Nest asks for and nobody installed. */
const APART = [
  'reflect-metadata',
  /^@nestjs\/(microservices|websockets)/,
  /^@fastify\//,
  /^file-type$/,
  /^class-transformer\/storage/,
];

const fileOf = (name) => name.replace(/^@/, '').replace(/\.js$/, '').replaceAll('/', '-');

/**
 * What jest maps the packages to: each is one file in dist/packages, made once for the versions of the lock file. A part that
 * two of them use is a file of its own, so all see the same one.
 */
export async function joinedPackages() {
  const stamp = `${sha256('package-lock.json')} ${sha256('test/config/packages.mjs')}\n`;
  if (readStamp() !== stamp) await make(stamp);
  return Object.fromEntries(
    JOINED.map((name) => [`^${name.replaceAll(/[./]/g, '\\$&')}$`, join(FOLDER, `${fileOf(name)}.cjs`)]),
  );
}

function readStamp() {
  try {
    return readFileSync(STAMP, 'utf8');
  } catch {
    return undefined;
  }
}

function sha256(path) {
  return createHash('sha256')
    .update(readFileSync(join(ROOT, path)))
    .digest('hex');
}

const ENTRY = 'joined:';
/** A module of its own for each package: what several of them use is in none of their files. */
const entries = {
  name: 'entries',
  resolveId: (id) => (id.startsWith(ENTRY) ? { id: `${join(ROOT, 'test/config')}/${id}` } : undefined),
  load(id) {
    const [, name] = id.split(`/${ENTRY}`);
    if (name === undefined) return undefined;
    return COMMONJS.includes(name) ? `module.exports = require('${name}');` : `export * from '${name}';`;
  },
};

const nestFirst = ({ moduleIds }) =>
  moduleIds.some((id) => id.includes('/@nestjs/')) ? 'require("reflect-metadata");' : '';

/** Into a folder aside, which then replaces the old one: another run may read that. */
async function make(stamp) {
  const vite = createRequire(join(ROOT, 'package.json')).resolve('vite/package.json');
  const { rolldown } = await import(pathToFileURL(createRequire(vite).resolve('rolldown')).href);
  const bundled = await rolldown({
    cwd: ROOT,
    platform: 'node',
    treeshake: false,
    logLevel: 'silent',
    input: Object.fromEntries(JOINED.map((name) => [fileOf(name), `${ENTRY}${name}`])),
    plugins: [entries],
    external: APART,
  });
  const { output } = await bundled.generate({
    ...{ format: 'cjs', keepNames: true, banner: nestFirst },
    ...{ entryFileNames: '[name].cjs', chunkFileNames: '[name]-[hash].cjs' },
  });
  const aside = `${FOLDER}-${process.pid}`;
  mkdirSync(aside, { recursive: true });
  for (const { fileName, code } of output) writeFileSync(join(aside, fileName), code);
  writeFileSync(join(aside, 'stamp'), stamp);
  rmSync(FOLDER, { recursive: true, force: true });
  try {
    renameSync(aside, FOLDER);
  } catch (error) {
    // another run has made the same meanwhile
    if (readStamp() !== stamp) throw error;
    rmSync(aside, { recursive: true });
  }
}
