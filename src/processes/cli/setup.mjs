/**
 * Makes a fresh clone ready: packages as the lock file says, sources built to dist/. Needs nothing but Node and npm,
 * so `npm run demo`, `npm test` and the `tradebot` command can each be the first thing that a user runs.
 * A second call only compares the lock file's hash and the sources' times and returns at once.
 * `node setup.mjs` sets up and exits; with --packages it only installs, which works from Node 18 on.
 * Progress goes to stderr; stdout belongs to the command.
 */
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { holdingLock, SetupError } from './setup-lock.mjs';
import { BUNDLE_OPTIONS } from './setup-bundle.mjs';
import { buildUi } from './setup-ui.mjs';

const { isSupported, pinnedRuntime, supportedText } = createRequire(import.meta.url)('./runtime.cjs');

const CLI = dirname(fileURLToPath(import.meta.url));
export const ROOT = join(CLI, '../../..');
const MODULES = join(ROOT, 'node_modules');
const DIST = join(ROOT, 'dist');
const MANIFEST = join(DIST, '.manifest.json');
/** What Node compiled of the built program; the processes of a bot use it too. */
export const COMPILE_CACHE = join(DIST, '.compile-cache');
const STAMP = join(MODULES, '.tradebot-stamp.json');
const SOURCE_FOLDERS = ['src', 'projections'];
/** The browser app has a build of its own. */
const NOT_COMPILED = 'src/ui/';
/** Native packages must load before the packages count as installed: each with a call that needs its binary. */
const PROBE =
  "new (require('better-sqlite3'))(':memory:').close(); require('bcrypt').getRounds; require('@swc/core').version;";

/** jest uses these settings too: swc only strips types; `npm run check` has tsc check them. */
export const SWC_OPTIONS = {
  jsc: {
    target: 'es2022',
    parser: { syntax: 'typescript', decorators: true },
    transform: { legacyDecorator: true, decoratorMetadata: true },
  },
  module: { type: 'es6' },
};

export { SetupError };

/** Throws SetupError with one line that says what to do. */
export async function setUp() {
  if (!isSupported(process.versions.node)) {
    throw new SetupError(
      `TradeBot runs on Node ${supportedText()}; this is ${process.versions.node}. ` +
        'Start it with npm or npx tradebot, which bring a Node that fits.',
    );
  }
  await setUpPackages();
  await build();
  await buildUi({ root: ROOT, dist: DIST, lock: lockHash(), progress });
}

/** Installs the packages unless they are there. Throws SetupError. */
async function setUpPackages() {
  if (!packagesAreCurrent()) await holdingLock(DIST, async () => packagesAreCurrent() || (await installPackages()));
}

// --- packages ---

function lockHash() {
  return createHash('sha256')
    .update(readFileSync(join(ROOT, 'package-lock.json')))
    .digest('hex');
}

function readJson(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}

/** Packages contain binaries for one platform; they do not depend on the version of Node (Node-API). */
const PLATFORM = `${process.platform}-${process.arch}`;

function packagesAreCurrent() {
  const pinned = pinnedRuntime();
  if (!isSupported(process.versions.node) && pinned !== undefined && !existsSync(pinned.path)) return false;
  const stamp = readJson(STAMP);
  if (stamp !== undefined) {
    return stamp.lock === lockHash() && stamp.platform === PLATFORM && areWhole(stamp.binaries);
  }
  if (!installedEqualsLock() || faultOfModules(MODULES) !== undefined) return false;
  writeStamp(MODULES);
  return true;
}

/** The user ran npm by hand: npm's own record of node_modules decides whether the packages are complete. */
function installedEqualsLock() {
  const wanted = readJson(join(ROOT, 'package-lock.json'))?.packages;
  const installed = readJson(join(MODULES, '.package-lock.json'))?.packages;
  if (wanted === undefined || installed === undefined) return false;
  return Object.entries(wanted).every(
    ([path, entry]) =>
      path === '' || entry.optional || entry.devOptional || entry.peer || installed[path]?.version === entry.version,
  );
}

/** Why the native packages in `modules` do not load; undefined when all load. */
function faultOfModules(modules) {
  const pinned = pinnedRuntime();
  const own = isSupported(process.versions.node);
  const runtime = own || pinned === undefined ? process.execPath : join(modules, relative(MODULES, pinned.path));
  const { status, error, stderr } = spawnSync(runtime, ['-e', PROBE], { cwd: dirname(modules), encoding: 'utf8' });
  if (status === 0) return undefined;
  return (stderr ?? '').split('\n').find((line) => /^\w*Error/.test(line)) ?? error?.message ?? `${runtime} failed`;
}

/** A binary that was cut off ends the process that loads it without a word, so their sizes are compared first. */
function areWhole(binaries) {
  if (binaries === undefined) return false;
  return Object.entries(binaries).every(
    ([path, size]) => statSync(join(MODULES, path), { throwIfNoEntry: false })?.size === size,
  );
}

function writeStamp(modules) {
  const binaries = Object.fromEntries(
    readdirSync(modules, { recursive: true })
      .filter((path) => path.endsWith('.node'))
      .map((path) => [path, statSync(join(modules, path)).size]),
  );
  const stamp = { lock: lockHash(), platform: PLATFORM, binaries };
  writeAtomic(join(modules, relative(MODULES, STAMP)), `${JSON.stringify(stamp)}\n`);
}

/**
 * npm ci empties node_modules first, so it works in a separate folder and its result replaces the old packages as a whole:
 * without a network, or when interrupted, the old ones stay. Never under a running bot, which loads modules from there.
 */
async function installPackages() {
  refuseUnderRunningBot('The packages are not changed');
  const done = progress('Installing packages (once; about half a minute)');
  const fail = (text) => {
    done('failed');
    return new SetupError(text);
  };
  // A set-up that was killed may have left an npm at work: it has a folder of its own.
  for (const name of readdirSync(DIST).filter((entry) => entry.startsWith('.packages-'))) {
    rmSync(join(DIST, name), { recursive: true, force: true, maxRetries: 3 });
  }
  const aside = join(DIST, `.packages-${process.pid}`);
  mkdirSync(aside, { recursive: true });
  for (const name of ['package.json', 'package-lock.json', '.npmrc']) copyFileSync(join(ROOT, name), join(aside, name));
  const flags = ['ci', '--include=dev', '--include=optional', '--no-audit', '--no-fund', '--prefer-offline'];
  const underNpm = process.env.npm_execpath?.endsWith('npm-cli.js') ? process.env.npm_execpath : undefined;
  const args = [...flags, '--loglevel=error'];
  const [program, words] = underNpm === undefined ? ['npm', args] : [process.execPath, [underNpm, ...args]];
  const { code, text } = await collect(program, words, aside);
  if (text.startsWith('npm: spawn npm ENOENT')) {
    throw fail(`npm is not found. Install npm, or Node ${supportedText()} with it.`);
  }
  if (code !== 0) {
    const tail = text.trim().split('\n').slice(-15).join('\n');
    throw fail(`${tail}\nnpm could not install the packages (see above). Check the network and try again.`);
  }
  const modules = join(aside, 'node_modules');
  const fault = faultOfModules(modules);
  if (fault !== undefined) {
    throw fail(`The packages were installed but do not load on ${PLATFORM}: ${fault}. ${remedyOfPlatform()}`);
  }
  swapModules(modules);
  // Last, so that packages without it are looked at again.
  writeStamp(MODULES);
  rmSync(aside, { recursive: true, force: true });
  done('done');
  if (isSupported(process.versions.node)) return;
  process.stderr.write(
    `Node ${process.versions.node} is not supported (supported: Node ${supportedText()}). ` +
      `TradeBot runs on Node ${pinnedRuntime().version}, which set-up installed.\n`,
  );
}

function remedyOfPlatform() {
  return 'Binaries exist for Linux and macOS on x64 and arm64.';
}

/** Two renames, so that a crash between them leaves a folder that the next set-up replaces. */
function swapModules(modules) {
  const old = join(DIST, '.packages-old');
  rmSync(old, { recursive: true, force: true });
  // A link or a mount is kept: only its content is exchanged.
  if (lstatSync(MODULES, { throwIfNoEntry: false })?.isSymbolicLink()) return exchangeContent(modules);
  try {
    if (existsSync(MODULES)) renameSync(MODULES, old);
    renameSync(modules, MODULES);
  } catch (error) {
    if (!['EBUSY', 'EXDEV', 'EPERM'].includes(error?.code)) throw error;
    exchangeContent(modules);
  }
  rmSync(old, { recursive: true, force: true });
}

function exchangeContent(modules) {
  if (!existsSync(MODULES)) {
    throw new SetupError(
      `${MODULES} is a link to a folder that does not exist. Create the folder, or delete the link.`,
    );
  }
  const target = realpathSync(MODULES);
  for (const name of readdirSync(target)) rmSync(join(target, name), { recursive: true, force: true });
  cpSync(modules, target, { recursive: true, verbatimSymlinks: true });
}

/** A bot loads modules late and restarts processes: its files must not change. Only Linux shows them by command line. */
function refuseUnderRunningBot(what) {
  const pid = botFromHere();
  if (pid === undefined) return;
  throw new SetupError(
    `${what} while a bot runs from this folder (process ${pid}). Stop the bot first ` +
      '(npx tradebot stop, then Ctrl-C or SIGTERM), or use another clone. start, stop, kill and status still work.',
  );
}

/** A process of a bot that runs from this clone, found by its command line. */
function botFromHere() {
  const own = `${DIST}/`;
  for (const name of readdirOrNothing('/proc').filter((entry) => /^[0-9]+$/.test(entry))) {
    try {
      const words = readFileSync(`/proc/${name}/cmdline`, 'utf8').split('\0');
      if (words.some((word) => word.startsWith(own) && word.endsWith('-process.js'))) return Number(name);
    } catch {
      // The process has ended, or belongs to another user.
    }
  }
  return undefined;
}

function readdirOrNothing(folder) {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function collect(program, args, cwd) {
  return new Promise((resolve) => {
    let text = '';
    const child = spawn(program, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
    const take = (chunk) => (text = `${text}${chunk}`.slice(-20_000));
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    child.on('error', (error) => resolve({ code: 1, text: `${program}: ${error.message}` }));
    child.on('close', (code) => resolve({ code: code ?? 1, text }));
  });
}

// --- build ---

function sources() {
  return SOURCE_FOLDERS.flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith('.ts') && !entry.name.endsWith('.d.ts'))
      .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)))
      .filter((path) => !path.startsWith(NOT_COMPILED)),
  ).sort();
}

/** Compiles what changed since the last build; two builds at once give the same result. */
async function build() {
  const settings = JSON.stringify({ swc: SWC_OPTIONS, bundle: BUNDLE_OPTIONS, lock: lockHash() });
  const known = readJson(MANIFEST);
  const before = known?.settings === settings ? known.files : {};
  const files = {};
  const stale = [];
  for (const path of sources()) {
    const { mtimeMs, size } = statSync(join(ROOT, path));
    const old = before[path];
    files[path] = { mtimeMs, size, sha: old?.sha };
    if (old?.mtimeMs === mtimeMs && old.size === size) continue;
    const sha = createHash('sha256')
      .update(readFileSync(join(ROOT, path)))
      .digest('hex');
    files[path].sha = sha;
    if (old?.sha !== sha) stale.push(path);
  }
  const gone = Object.keys(before).filter((path) => files[path] === undefined);
  const touched = Object.keys(files).some((path) => before[path]?.mtimeMs !== files[path].mtimeMs);
  if (stale.length + gone.length === 0 && !touched) return;
  if (stale.length + gone.length > 0) refuseUnderRunningBot('The program is not rebuilt');
  if (stale.length > 0) await compile(stale);
  for (const path of gone) for (const end of ['', '.map']) rmSync(`${outputOf(path)}${end}`, { force: true });
  if (stale.length + gone.length > 0) await bundle();
  // It only grows: what it has of older sources would stay for ever.
  rmSync(COMPILE_CACHE, { recursive: true, force: true });
  writeAtomic(MANIFEST, `${JSON.stringify({ settings, files })}\n`);
}

function outputOf(path) {
  return join(DIST, path.replace(/\.ts$/, '.js'));
}

async function compile(paths) {
  const done = progress(`Building ${paths.length} files`);
  const { transform } = await import('@swc/core');
  for (const path of paths) {
    const output = outputOf(path);
    const source = readFileSync(join(ROOT, path), 'utf8');
    let made;
    try {
      made = await transform(source, {
        ...SWC_OPTIONS,
        filename: join(ROOT, path),
        sourceFileName: relative(dirname(output), join(ROOT, path)),
        sourceMaps: true,
        configFile: false,
        swcrc: false,
      });
    } catch (error) {
      done('failed');
      throw new SetupError(`${path} does not compile:\n${error instanceof Error ? error.message : String(error)}`);
    }
    const name = output.slice(output.lastIndexOf('/') + 1);
    writeAtomic(`${output}.map`, made.map);
    writeAtomic(output, `${made.code}\n//# sourceMappingURL=${name}.map\n`);
  }
  done('done');
}

/** Joins what was compiled to dist/program, which is what runs. */
async function bundle() {
  const done = progress('Joining them to a program');
  const { code, text } = await collect(process.execPath, [join(CLI, 'setup-bundle.mjs'), ROOT], ROOT);
  if (code !== 0) {
    done('failed');
    throw new SetupError(`The built files could not be joined to a program:\n${text.trim()}`);
  }
  done('done');
}

// --- shared ---

function writeAtomic(path, text) {
  mkdirSync(dirname(path), { recursive: true });
  const temporary = `${path}.${process.pid}.tmp`;
  writeFileSync(temporary, text);
  renameSync(temporary, path);
}

/** On a terminal one line that counts seconds; elsewhere a line at the start, at the end and at intervals between. */
function progress(title) {
  const started = performance.now();
  const live = process.stderr.isTTY;
  const seconds = () => `${Math.round((performance.now() - started) / 1000)} s`;
  const report = () => process.stderr.write(live ? `\r${title} ... ${seconds()}` : `${title} ... ${seconds()}\n`);
  process.stderr.write(`${title} ...${live ? '' : '\n'}`);
  const timer = setInterval(report, live ? 1_000 : 20_000);
  // An unforeseen failure must end the program, not leave it counting seconds.
  timer.unref();
  return (outcome) => {
    clearInterval(timer);
    process.stderr.write(`${live ? '\r' : ''}${title}: ${outcome}, ${seconds()}\n`);
  };
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  try {
    await (process.argv.includes('--packages') ? setUpPackages() : setUp());
  } catch (error) {
    process.stderr.write(`${error instanceof SetupError ? error.message : (error?.stack ?? String(error))}\n`);
    process.exitCode = error instanceof SetupError ? 1 : 2;
  }
}
