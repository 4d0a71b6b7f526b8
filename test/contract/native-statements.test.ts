import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';

const CHILD = fileURLToPath(new URL('./support/drop-statements.mjs', import.meta.url));
const STATEMENTS = 100_000;

test.each([
  ['in the main thread', 'main'],
  ['in a worker thread', 'worker'],
  ['at the exit of the process', 'exit'],
])('SQLite statements freed %s by garbage collection do not end the process', (_where, mode) => {
  const args = ['--expose-gc', CHILD, mode, String(STATEMENTS)];
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  expect({ status, signal, stdout, stderr }).toEqual({
    status: 0,
    signal: null,
    stdout: `${STATEMENTS}\n`,
    stderr: '',
  });
});
