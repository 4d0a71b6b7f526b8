import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { describeNeeding } from '../support/needs.js';
import { removeTemporaryHomes } from '../unit/support/home.js';
import { onOwnDisk, ownDisk } from './support/own-disk.js';
import { buildOnce } from './support/program.js';

beforeAll(buildOnce);
afterAll(removeTemporaryHomes);

const SOUND = { ended: 0, open: [], chain: true, repeated: 0 };

function scenario(name: string): Promise<unknown> {
  return onOwnDisk({ child: 'test/e2e/support/full-disk-child.ts', scenario: name, size: '200m' });
}

describeNeeding(ownDisk())('a disk that fills up while a position is open (A.5)', () => {
  test('a kill flag closes everything while it is full; room again, full again, and the next kill is obeyed too', async () => {
    expect(await scenario('killByFlag')).toEqual({
      seen: [
        { round: 1, open: [], ballast: true },
        { round: 2, open: [], ballast: true },
      ],
      ...SOUND,
    });
  });

  test('on the page: sessions, log-in and kill work while it is full, and everything is journaled afterwards', async () => {
    expect(await scenario('killByWeb')).toEqual({
      statuses: { read: 200, late: 200, wrong: 401, kill: 202, again: 200 },
      left: [],
      ...SOUND,
    });
  });

  test('nobody asks for anything: the bot continues by itself when there is room again', async () => {
    expect(await scenario('roomAgain')).toEqual({ error: false, ...SOUND });
  });

  test('main dies on the full disk: its next start works, and obeys the kill flag that lies there', async () => {
    expect(await scenario('startOnFullDisk')).toEqual(SOUND);
  });
});
