/**
 * `npm test [-- jest arguments]`: sets the clone up, then runs jest over every kind of test but whole bots (test/e2e), of which
 * it runs one, and the long soaks. `--e2e` runs the other whole bots. `--soak` runs only the soaks (test/soak); they take minutes and
 * guard no commit. Paths and `--findRelatedTests` choose among all but the soaks. `--slowest` also prints where the time went.
 * `--shard=i/n` is jest's own. `--soak hostile [--from SEED] [--count N]` plays sessions by seed, without jest.
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

/** The whole bot that `npm test` starts; the others take twice the ten minutes that it may take on two cores. */
const ALWAYS = 'run';
/** Options of jest whose value is the next word. */
const WITH_VALUE = ['-t', '--testNamePattern', '-w', '--maxWorkers'];
const OWN = ['--soak', '--e2e', '--slowest'];
const HOSTILE = ['--import', './test/unit/support/typescript-loader.mjs', 'test/simulation/support/hostile/main.ts'];
const given = process.argv.slice(2);
const [soak, e2e, slowest] = OWN.map((word) => given.includes(word));
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
  const reporters = slowest ? ['--reporters=default', '--reporters=<rootDir>/test/config/slowest-reporter.mjs'] : [];
  // jest loads ES modules through node:vm, which Node still calls experimental.
  const flags = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'];
  // The reporters stand before another option: jest takes every word after them for one more reporter.
  return [...flags, jest, ...reporters, '-c', 'test/config/jest.config.mjs', ...asked, ...kinds()];
}

/** Which kinds of test, for the end of the line: jest takes every word after a pattern for one more pattern. */
function kinds() {
  const chosen = asked.some(
    (arg, n) => arg === '--findRelatedTests' || (!arg.startsWith('-') && !WITH_VALUE.includes(asked[n - 1])),
  );
  // its own list leaves the soaks out, and this one replaces it
  if (soak) return [...(chosen ? [] : ['test/soak']), '--testPathIgnorePatterns=/node_modules/'];
  if (chosen) return [];
  const always = `${ALWAYS}\\.test`;
  const left = ['/node_modules/', '/test/soak/', e2e ? `/test/e2e/${always}` : `/test/e2e/(?!${always})`];
  return [...(e2e ? ['test/e2e/'] : []), ...left.map((pattern) => `--testPathIgnorePatterns=${pattern}`)];
}
