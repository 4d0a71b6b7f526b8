/**
 * Builds the browser app (src/ui) to dist/ui: once, and again only when its sources or the packages changed. The bot does
 * not need it to trade, so a failure is reported and the old app, or none, is served.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { holdingLock } from './setup-lock.mjs';

const STAMP = '.stamp.json';
const COMPRESSED = /\.(js|css|html|svg)$/;
const MOST_MS = 5 * 60_000;
const MOST_TEXT = 2_000;

/** `progress` starts a line of progress and returns what ends it. */
export async function buildUi({ root, dist, lock, progress }) {
  const source = join(root, 'src/ui');
  // A copy of the program without the app, as the tests of the launcher make it, has nothing to build.
  if (statSync(join(source, 'index.html'), { throwIfNoEntry: false }) === undefined) return;
  const target = join(dist, 'ui');
  if (readStamp(target)?.looked === looksOf(source, lock)) return;
  try {
    await holdingLock(dist, async () => {
      const looked = looksOf(source, lock);
      const stamp = readStamp(target);
      if (stamp?.looked === looked) return;
      const content = contentOf(source, lock);
      if (stamp?.content !== content) await bundle({ root, source, dist, target, progress });
      writeStamp(target, { looked, content });
    });
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error);
    process.stderr.write(
      'The browser app could not be built; the bot and its commands work without it. ' +
        `Fix the cause and run npm run build.\n${cause.slice(-MOST_TEXT)}\n`,
    );
  }
}

/** Bundles into a folder aside, which then replaces the old one as a whole. Throws when it fails. */
async function bundle({ root, source, dist, target, progress }) {
  const done = progress('Building the browser app (once; a few seconds)');
  const aside = join(dist, `.ui-${process.pid}`);
  const old = join(dist, `.ui-old-${process.pid}`);
  try {
    await runVite({ root, source, aside });
    compress(aside);
    rmSync(old, { recursive: true, force: true });
    if (statSync(target, { throwIfNoEntry: false }) !== undefined) renameSync(target, old);
    renameSync(aside, target);
    done('done');
  } catch (error) {
    done('failed');
    throw error;
  } finally {
    rmSync(aside, { recursive: true, force: true });
    rmSync(old, { recursive: true, force: true });
  }
}

/** In a process of its own: a bundler that crashes or hangs does not take the start of the bot with it. */
function runVite({ root, source, aside }) {
  const vite = join(root, 'node_modules/vite/bin/vite.js');
  const words = ['build', '--config', join(source, 'vite.config.mjs'), '--outDir', aside, '--logLevel', 'warn'];
  return new Promise((resolve, reject) => {
    let text = '';
    const child = spawn(process.execPath, [vite, ...words], {
      ...{ cwd: root, stdio: ['ignore', 'pipe', 'pipe'], timeout: MOST_MS, killSignal: 'SIGKILL' },
    });
    const take = (chunk) => (text = `${text}${chunk}`.slice(-MOST_TEXT));
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (code === 0) resolve();
      else reject(new Error(`${text.trim()}\nthe bundler ended with ${signal ?? code}`.trim()));
    });
  });
}

/** Compressed once, not for each request. */
function compress(folder) {
  for (const path of filesOf(folder).filter((name) => COMPRESSED.test(name))) {
    writeFileSync(join(folder, `${path}.gz`), gzipSync(readFileSync(join(folder, path)), { level: 9 }));
  }
}

function filesOf(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}

/** Names, sizes and times: what is cheap to compare at each start. */
function looksOf(source, lock) {
  const looks = filesOf(source).map((path) => {
    const { mtimeMs, size } = statSync(join(source, path));
    return `${path} ${mtimeMs} ${size}`;
  });
  return digestOf([lock, ...looks]);
}

function contentOf(source, lock) {
  return digestOf([lock, ...filesOf(source).flatMap((path) => [path, readFileSync(join(source, path))])]);
}

function digestOf(parts) {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part).update('\0');
  return hash.digest('hex');
}

function readStamp(target) {
  try {
    return JSON.parse(readFileSync(join(target, STAMP), 'utf8'));
  } catch {
    return undefined;
  }
}

function writeStamp(target, stamp) {
  writeFileSync(join(target, STAMP), `${JSON.stringify(stamp)}\n`);
}
