import { expect, test } from '@jest/globals';
import { applyToBook, initialBook } from '../../src/domain/accounting/book.js';
import type { EventData } from '../../src/events/event.js';
import type { DecimalText } from '../../src/kernel/decimal.js';
import { sha256Hex } from '../../src/kernel/hash.js';
import type { UtcText } from '../../src/kernel/time.js';
import { recorded } from './support/events.js';
import { CODES } from './support/fills.js';

const FEE: EventData<'BrokerActivityImported'> = {
  ...{ activityId: 'A-1', activityType: 'fee', amount: '4.00' as DecimalText, symbol: null, adjustmentId: null },
  ...{ happenedAt: '2013-10-07T20:00:00.001Z' as UtcText, description: 'fee', rawSha256: sha256Hex('raw') },
};

test('a fee that the broker took back is reversed in the accounts of the fee', () => {
  const fee = recorded('BrokerActivityImported', FEE, { position: 1 });
  const back = { ...FEE, activityId: 'A-1/taken-back', reversesEventId: fee.id };
  const first = applyToBook(initialBook(CODES), fee);
  const second = applyToBook(first.book, recorded('BrokerActivityImported', back, { position: 2 }));
  const groups = [...first.groups, ...second.groups];
  expect(groups.map(({ legs }) => legs.map((leg) => [leg.accountCode, leg.debit - leg.credit]))).toEqual([
    [
      ['5010', 4_00n],
      ['1030', -4_00n],
    ],
    [
      ['1030', 4_00n],
      ['5010', -4_00n],
    ],
  ]);
  expect(groups.map(({ trntype, netAmount, reverses }) => [trntype, netAmount, reverses])).toEqual([
    ['FEE', -4_00n, null],
    ['FEE', 4_00n, groups[0]?.groupId],
  ]);
  expect([...second.book.balances.values()]).toEqual([0n, 0n]);
});
