/**
 * Makes a fresh clone ready: packages as the lock file says, sources built to dist/. Needs nothing but Node and npm,
 * so that `npm run demo`, `npm test` and the `tradebot` command can each be the first thing that a user calls.
 * A second call only compares the lock file's hash and the sources' times and starts at once.
 * `node setup.mjs` sets up and ends. Lines of progress go to stderr; stdout is the command's own.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

export const ROOT = join(dirname(fileURLToPath(import.meta.url)), '../../..');
const DIST = join(ROOT, 'dist');
const MANIFEST = join(DIST, '.manifest.json');
const STAMP = join(ROOT, 'node_modules/.tradebot-stamp.json');
const LOCK = join(DIST, '.setup.lock');
const LOCK_WAIT_MS = 15 * 60_000;
const SOURCE_FOLDERS = ['src', 'projections'];
const LEAST_NODE = [20, 20];

/** Also what jest uses: swc only strips types; `npm run check` has tsc check them. */
export const SWC_OPTIONS = {
  jsc: {
    target: 'es2022',
    parser: { syntax: 'typescript', decorators: true },
    transform: { legacyDecorator: true, decoratorMetadata: true },
  },
  module: { type: 'es6' },
};

/** A fault that the user can mend; everything else is a defect and keeps its stack. */
export class SetupError extends Error {}

/** Throws SetupError with one line that says what to do. */
export async function setUp() {
  checkNode();
  if (!packagesAreCurrent()) await holdingLock(async () => packagesAreCurrent() || (await installPackages()));
  await build();
}

function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const [leastMajor, leastMinor] = LEAST_NODE;
  if (major > leastMajor || (major === leastMajor && minor >= leastMinor)) return;
  throw new SetupError(
    `TradeBot needs Node ${LEAST_NODE.join('.')} or newer; this is ${process.versions.node}. Install a newer Node.`,
  );
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

function packagesAreCurrent() {
  const stamp = readJson(STAMP);
  if (stamp !== undefined) {
    // Native modules are built for one Node ABI, so a change of Node is a change of packages.
    return stamp.lock === lockHash() && stamp.abi === process.versions.modules;
  }
  if (!installedEqualsLock()) return false;
  writeStamp();
  return true;
}

/** Somebody ran npm themselves: npm's own record of what lies in node_modules says whether that will do. */
function installedEqualsLock() {
  const wanted = readJson(join(ROOT, 'package-lock.json'))?.packages;
  const installed = readJson(join(ROOT, 'node_modules/.package-lock.json'))?.packages;
  if (wanted === undefined || installed === undefined) return false;
  return Object.entries(wanted).every(
    ([path, entry]) =>
      path === '' || entry.optional || entry.devOptional || entry.peer || installed[path]?.version === entry.version,
  );
}

function writeStamp() {
  writeAtomic(STAMP, `${JSON.stringify({ lock: lockHash(), abi: process.versions.modules })}\n`);
}

async function installPackages() {
  const done = progress('Installing packages (once; a minute or two)');
  const flags = ['ci', '--include=dev', '--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error'];
  const underNpm = process.env.npm_execpath?.endsWith('npm-cli.js') ? process.env.npm_execpath : undefined;
  const [program, args] = underNpm === undefined ? ['npm', flags] : [process.execPath, [underNpm, ...flags]];
  const { code, text } = await collect(program, args);
  if (code !== 0) {
    done('failed');
    const tail = text.trim().split('\n').slice(-15).join('\n');
    throw new SetupError(`${tail}\nnpm could not install the packages (see above). Check the network and try again.`);
  }
  writeStamp();
  done('done');
}

function collect(program, args) {
  return new Promise((resolve) => {
    let text = '';
    const child = spawn(program, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
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
      .map((entry) => relative(ROOT, join(entry.parentPath, entry.name))),
  ).sort();
}

/** Compiles what changed since the last build; a build that two processes do at once ends the same. */
async function build() {
  const settings = JSON.stringify({ swc: SWC_OPTIONS, lock: lockHash() });
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
  if (stale.length > 0) await compile(stale);
  for (const path of gone) for (const end of ['', '.map']) rmSync(`${outputOf(path)}${end}`, { force: true });
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

// --- shared ---

function writeAtomic(path, text) {
  mkdirSync(dirname(path), { recursive: true });
  const temporary = `${path}.${process.pid}.tmp`;
  writeFileSync(temporary, text);
  renameSync(temporary, path);
}

/** One set-up at a time in one clone; a lock whose process is gone is taken over. */
async function holdingLock(work) {
  mkdirSync(DIST, { recursive: true });
  const until = performance.now() + LOCK_WAIT_MS;
  while (!tookLock()) {
    if (performance.now() > until) {
      throw new SetupError(`Another set-up holds ${relative(ROOT, LOCK)}; remove it if none runs.`);
    }
    if (holderIsGone()) rmSync(LOCK, { force: true });
    else await new Promise((resolve) => setTimeout(resolve, 200));
  }
  try {
    await work();
  } finally {
    rmSync(LOCK, { force: true });
  }
}

/** A link appears whole, so the lock always names its holder. */
function tookLock() {
  const own = `${LOCK}.${process.pid}`;
  writeFileSync(own, String(process.pid));
  try {
    linkSync(own, LOCK);
    return true;
  } catch (error) {
    if (error?.code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(own, { force: true });
  }
}

function holderIsGone() {
  try {
    process.kill(Number(readFileSync(LOCK, 'utf8')), 0);
    return false;
  } catch (error) {
    return error?.code === 'ESRCH' || error?.code === 'ENOENT';
  }
}

/** On a terminal one line that counts seconds; elsewhere a line at the start, at the end and now and then between. */
function progress(title) {
  const started = performance.now();
  const live = process.stderr.isTTY;
  const seconds = () => `${Math.round((performance.now() - started) / 1000)} s`;
  const tell = () => process.stderr.write(live ? `\r${title} ... ${seconds()}` : `${title} ... ${seconds()}\n`);
  process.stderr.write(`${title} ...${live ? '' : '\n'}`);
  const timer = setInterval(tell, live ? 1_000 : 20_000);
  return (outcome) => {
    clearInterval(timer);
    process.stderr.write(`${live ? '\r' : ''}${title}: ${outcome}, ${seconds()}\n`);
  };
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  try {
    await setUp();
  } catch (error) {
    process.stderr.write(`${error instanceof SetupError ? error.message : (error?.stack ?? String(error))}\n`);
    process.exitCode = error instanceof SetupError ? 1 : 2;
  }
}
