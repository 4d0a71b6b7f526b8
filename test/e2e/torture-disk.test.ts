import { afterAll, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describeNeeding } from '../support/needs.js';
import { removeTemporaryHomes, temporaryHome } from '../unit/support/home.js';
import { ROOT } from './support/program.js';

afterAll(removeTemporaryHomes);

const MOUNT = 'mount -t tmpfs -o size="$2" tmpfs "$1" && shift 2 && exec "$@"';

/** Runs a command with a small file system of its own at `disk`, in a mount namespace that ends with it. */
function onOwnDisk(
  disk: string,
  size: string,
  command: readonly string[],
): { code: number | null; out: string; err: string } {
  mkdirSync(disk, { recursive: true });
  const args = ['-rm', 'sh', '-c', MOUNT, 'sh', disk, size, ...command];
  const child = spawnSync('unshare', args, { cwd: ROOT, encoding: 'utf8', timeout: 240_000 });
  return { code: child.status, out: child.stdout, err: child.stderr };
}

const ownDisk = {
  name: 'a user who may mount a file system (unshare -rm)',
  isHere: onOwnDisk(join(temporaryHome(), 'try'), '1m', ['true']).code === 0,
};

function scenario(name: string, size: string, ballast = 1_000_000): unknown {
  const disk = join(temporaryHome(), 'disk');
  const loader = join(ROOT, 'test/unit/support/typescript-loader.mjs');
  const child = join(ROOT, 'test/e2e/support/disk-child.ts');
  const { code, out, err } = onOwnDisk(disk, size, [
    process.execPath,
    '--import',
    loader,
    child,
    name,
    disk,
    String(ballast),
  ]);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  return JSON.parse(out);
}

describeNeeding(ownDisk)('disks that refuse writes', () => {
  test('a full disk: the append fails with a report, acknowledged events stay, and free space fixes it', () => {
    expect(scenario('journal', '3m')).toEqual({
      refused: 'JOURNAL_STALLED stop',
      next: 'JOURNAL_STALLED stop',
      readable: 0,
      copied: 'BACKUP_NOT_WRITTEN refuse',
      repeated: 'done',
      lost: 0,
      extra: 1,
      ok: true,
    });
  });

  test('a full disk under the projections: partial output is discarded, and a start with free space gives the same bytes', () => {
    expect(scenario('projections', '12m', 7_000_000)).toEqual({
      first: 'done',
      full: 'OUTPUT_NOT_WRITABLE refuse',
      after: 'done',
      same: true,
    });
  });

  test('a read-only disk: one clear error, and nothing differs once it is writable again', () => {
    expect(scenario('readonly', '3m')).toEqual({ opened: 'JOURNAL_STALLED stop', appended: 'done', count: 2 });
  });
});
