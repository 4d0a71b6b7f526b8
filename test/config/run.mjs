/**
 * `npm test [-- jest arguments]`: sets the clone up, then runs jest over every kind of test but the long soaks.
 * `--soak` runs only those (test/soak); they take minutes and guard no commit. `--slowest` also prints where the time
 * went. `--shard=i/n` is jest's own. `--soak hostile [--from SEED] [--count N]` plays sessions by seed, without jest.
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

const OWN = ['--soak', '--slowest'];
const HOSTILE = ['--import', './test/unit/support/typescript-loader.mjs', 'test/simulation/support/hostile/main.ts'];
const given = process.argv.slice(2);
const [soak, slowest] = OWN.map((word) => given.includes(word));
const asked = given.filter((arg) => !OWN.includes(arg));
const [kind, ...options] = asked;
const child = spawn(process.execPath, soak && kind === 'hostile' ? [...HOSTILE, ...options] : argsOfJest(), {
  cwd: ROOT,
  stdio: 'inherit',
});
// Ctrl-C reaches the child too, which says what it has done before it ends
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => child.kill('SIGTERM'));
child.on('exit', (code, signal) => (process.exitCode = signal === null ? (code ?? 1) : 1));

function argsOfJest() {
  const jest = createRequire(import.meta.url).resolve('jest/bin/jest');
  // jest's configuration leaves the soaks out; this list replaces its own. It stands last: jest takes every word after it
  // for one more pattern to ignore.
  const kinds = soak
    ? [
        ...(asked.some((arg) => arg.startsWith('test/')) ? [] : ['test/soak']),
        '--testPathIgnorePatterns=/node_modules/',
      ]
    : [];
  const reporters = slowest ? ['--reporters=default', '--reporters=<rootDir>/test/config/slowest-reporter.mjs'] : [];
  // jest loads ES modules through node:vm, which Node still calls experimental.
  const flags = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'];
  // The reporters stand before another option, for the same reason.
  return [...flags, jest, ...reporters, '-c', 'test/config/jest.config.mjs', ...asked, ...kinds];
}
