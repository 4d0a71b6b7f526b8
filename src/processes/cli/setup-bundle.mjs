/**
 * Joins the built modules and the packages that they import to a few files in dist/program, which the processes of a bot run:
 * most of the time that one needed to start went into finding and reading 500 to 1,700 small files. Run by set-up in a process
 * of its own, so that no bot carries the memory of a bundler: `node setup-bundle.mjs FOLDER_OF_THE_PROJECT`.
 */
import { mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const CHILDREN = ['engine', 'projector', 'web', 'worker'];
/** Module of each file that something starts, by the name of that file. */
const ENTRIES = {
  main: 'processes/cli/main.js',
  // what `run` loads, and what tests start with fake children
  'run-main': 'processes/main/run-main.js',
  ...Object.fromEntries(CHILDREN.map((name) => [`${name}-process`, `processes/${name}/${name}-process.js`])),
  'compile-thread': 'adapters/own-strategies/compile-thread.js',
};
/** Stay packages: native ones, those that look for files of their own, and what Nest asks for and nobody installed. */
const PACKAGES = [
  /^better-sqlite3$/,
  /^bcrypt$/,
  /^typescript$/,
  /^@eventstore\//,
  /^swagger-ui-dist/,
  /^@nestjs\/(microservices|websockets)/,
  /^@fastify\//,
];

/** What the result depends on besides the sources and the packages. */
export const BUNDLE_OPTIONS = {
  entries: ENTRIES,
  platform: 'node',
  // A module is kept for what it does when it is read, such as the decorators of a controller.
  treeshake: { moduleSideEffects: true },
  // Classes and functions keep the names that Nest, the REST interface and stacks show.
  output: { format: 'esm', keepNames: true, entryFileNames: '[name].js', chunkFileNames: '[name]-[hash].js' },
};

/** Rejects with what the bundler says. */
async function bundle(root) {
  const sources = join(root, 'dist/src');
  const { entries, output, ...options } = BUNDLE_OPTIONS;
  const bundled = await bundler(root).then(({ rolldown }) =>
    rolldown({
      ...options,
      cwd: root,
      input: Object.fromEntries(Object.entries(entries).map(([name, file]) => [name, join(sources, file)])),
      external: PACKAGES,
      logLevel: 'silent',
    }),
  );
  const { output: files } = await bundled.generate(output);
  keep(join(root, 'dist/program'), files);
}

/** The bundler that Vite brings, which builds the browser app too. */
function bundler(root) {
  const vite = createRequire(join(root, 'package.json')).resolve('vite/package.json');
  return import(pathToFileURL(createRequire(vite).resolve('rolldown')).href);
}

/** Two at once write the same: a name has the hash of its content, and what is started comes last. */
function keep(folder, files) {
  mkdirSync(folder, { recursive: true });
  const entriesLast = [...files].sort((one, other) => Number(one.isEntry) - Number(other.isEntry));
  for (const { fileName, code } of entriesLast) writeAtomic(join(folder, fileName), code);
  const made = new Set(files.map(({ fileName }) => fileName));
  for (const name of readdirSync(folder)) {
    if (!made.has(name) && !name.endsWith('.tmp')) rmSync(join(folder, name), { force: true });
  }
}

function writeAtomic(path, text) {
  const temporary = `${path}.${process.pid}.tmp`;
  writeFileSync(temporary, text);
  renameSync(temporary, path);
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const root = process.argv[2] ?? process.cwd();
  await bundle(root);
}
