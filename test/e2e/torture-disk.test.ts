import { afterAll, expect, test } from '@jest/globals';
import { describeNeeding } from '../support/needs.js';
import { removeTemporaryHomes } from '../unit/support/home.js';
import { onOwnDisk, ownDisk } from './support/own-disk.js';

afterAll(removeTemporaryHomes);

function scenario(name: string, size: string, ballast = 1_000_000): Promise<unknown> {
  return onOwnDisk({ child: 'test/e2e/support/disk-child.ts', scenario: name, size, rest: [String(ballast)] });
}

describeNeeding(ownDisk())('disks that refuse writes', () => {
  test('a full disk: the append fails with a report, acknowledged events stay, and free space fixes it', async () => {
    expect(await scenario('journal', '3m')).toEqual({
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

  test('a full disk under the projections: partial output is discarded, and a start with free space gives the same bytes', async () => {
    expect(await scenario('projections', '12m', 7_000_000)).toEqual({
      first: 'done',
      full: 'OUTPUT_NOT_WRITABLE refuse',
      after: 'done',
      same: true,
    });
  });

  test('a read-only disk: one clear error, and nothing differs once it is writable again', async () => {
    expect(await scenario('readonly', '3m')).toEqual({ opened: 'JOURNAL_STALLED stop', appended: 'done', count: 2 });
  });
});
