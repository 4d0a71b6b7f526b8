import { describe, expect, test } from '@jest/globals';
import { accountWithRecords, recordsAtOpening } from '../../src/app/day/import-activities.js';
import { Decimal } from '../../src/kernel/decimal.js';
import type { Sha256Hex } from '../../src/kernel/hash.js';
import { epochMs } from '../../src/kernel/time.js';
import type { BrokerAccount, CashActivity } from '../../src/ports/account-queries.js';

const rawSha256 = 'ab'.repeat(32) as Sha256Hex;

function deposit(activityId: string, reference: string | null = null): CashActivity {
  const facts = { at: epochMs(0), symbol: null, description: 'incoming transfer', rawSha256 };
  return { ...facts, kind: 'deposit', activityId, amount: Decimal.parse('10.00'), reference };
}

const NONE = new Map<string, unknown>();
const ACKNOWLEDGED = new Map<string, unknown>([['FA-1', {}]]);

describe('the records that opening balances include (ACC-63)', () => {
  test('all of them, the newest last', () => {
    const found = recordsAtOpening([deposit('a'), deposit('b', 'FA-1'), deposit('c')], NONE);
    expect(found).toEqual({ included: ['a', 'b', 'c'], arriving: [] });
  });

  test('a transfer that somebody acknowledged arrives later, and reading continues in front of it', () => {
    const arriving = deposit('b', 'FA-1');
    const found = recordsAtOpening([deposit('a'), arriving, deposit('c')], ACKNOWLEDGED);
    expect(found).toEqual({ included: ['c', 'a'], arriving: [arriving] });
  });

  test('a record that cannot be read is left for a person', () => {
    const broken = { ...deposit('b'), rawSha256: 7 as never };
    expect(recordsAtOpening([deposit('a'), broken], NONE)).toEqual({ included: ['a'], arriving: [] });
  });
});

test('an account whose records change with every reading is read again later', async () => {
  let number = 0;
  const broker = {
    account: () => Promise.resolve({ cash: Decimal.ZERO } as BrokerAccount),
    activities: () => Promise.resolve([deposit(`n${(number += 1)}`)]),
  };
  await expect(accountWithRecords(broker)).rejects.toMatchObject({ code: 'ACCOUNT_CHANGES', callerMust: 'retry' });
  expect(number).toBe(10);
});
