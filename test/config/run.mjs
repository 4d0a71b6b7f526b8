/**
 * `npm test [-- jest arguments]`: sets the clone up, then runs jest over every kind of test but the long soaks.
 * `--soak` runs only those (test/soak); they take minutes and guard no commit.
 */
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { ROOT, SetupError, setUp } from '../../src/processes/cli/setup.mjs';

try {
  await setUp();
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
}

const given = process.argv.slice(2);
const soak = given.includes('--soak');
const jest = createRequire(import.meta.url).resolve('jest/bin/jest');
const asked = given.filter((arg) => arg !== '--soak');
// jest's configuration leaves the soaks out; this list replaces its own. It stands last: jest takes every word after it
// for one more pattern to ignore.
const kinds = soak
  ? [...(asked.some((arg) => arg.startsWith('test/')) ? [] : ['test/soak']), '--testPathIgnorePatterns=/node_modules/']
  : [];
// jest loads ES modules through node:vm, which node 20 still calls experimental.
const flags = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'];
const args = [jest, '-c', 'test/config/jest.config.mjs', ...asked, ...kinds];
const child = spawn(process.execPath, [...flags, ...args], { cwd: ROOT, stdio: 'inherit' });
child.on('exit', (code, signal) => (process.exitCode = signal === null ? (code ?? 1) : 1));
