import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '../..');

test(
  'a million sessions against a hostile broker, by seed',
  async () => {
    const play = spawn(process.execPath, ['test/config/run.mjs', '--soak', 'hostile'], { cwd: ROOT, stdio: 'inherit' });
    expect(await new Promise((resolve) => play.on('exit', resolve))).toBe(0);
  },
  7 * 24 * 3_600_000,
);
