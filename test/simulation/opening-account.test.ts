import { expect, test } from '@jest/globals';
import { Decimal } from '../../src/kernel/decimal.js';
import type { TickerSymbol } from '../../src/events/names.js';
import type { Sha256Hex } from '../../src/kernel/hash.js';
import { epochMs } from '../../src/kernel/time.js';
import type { CashActivity } from '../../src/ports/account-queries.js';
import { wrapBroker } from '../../src/ports/broker.js';
import { DAY, home, NEXT_DAY } from './support/days.js';

function deposit(activityId: string, at: string, dollars: string): CashActivity {
  return {
    ...{ kind: 'deposit', activityId, at: epochMs(Date.parse(at)), amount: Decimal.parse(dollars), symbol: null },
    ...{ reference: null, description: 'incoming transfer', rawSha256: 'ab'.repeat(32) as Sha256Hex },
  };
}

test('ACC-63 an account that is short and holds BRK-B is opened, traded and reconciled', async () => {
  const own = [
    { symbol: 'SHRT' as TickerSymbol, quantity: Decimal.parse('-10'), averagePrice: Decimal.parse('10.00') },
    { symbol: 'BRK-B' as TickerSymbol, quantity: Decimal.parse('10'), averagePrice: Decimal.parse('100.00') },
  ];
  const day = home({
    wrapBroker: (broker) =>
      wrapBroker(broker, (_name, call) => call(), { positions: async () => [...(await broker.positions()), ...own] }),
  });
  await day.run(DAY);
  await day.run(NEXT_DAY);
  const [opening] = await day.eventsOf('OpeningBalancesRecorded');
  expect(opening?.data.positions).toEqual([
    { symbol: 'SHRT', quantity: '-10', cost: '-100.00', basis: 'COST', acquiredAt: null },
    { symbol: 'BRK.B', quantity: '10', cost: '1000.00', basis: 'COST', acquiredAt: null },
  ]);
  const reconciled = await day.eventsOf('ReconciliationCompleted');
  expect(reconciled.map(({ data }) => data.ok)).toEqual([true, true]);
  expect(reconciled[0]?.data.positions.map(({ symbol, ledger }) => [symbol, ledger])).toEqual([
    ['BRK.B', '10'],
    ['SHRT', '-10'],
  ]);
});

test('records of the account from before the books are a part of the opening cash, and only a later one is booked', async () => {
  const old = [
    deposit('20150105-T-first', '2015-01-05T15:00:00.000Z', '60000.00'),
    deposit('20251231-T-last', '2025-12-31T15:00:00.000Z', '40000.00'),
  ];
  // it comes while the account is read: the cash of the first reading lacks it
  const between = deposit('20260106T142959-T-between', '2026-01-06T14:29:59.000Z', '250.00');
  const later = deposit('20260107T100000-T-later', '2026-01-07T10:00:00.000Z', '75.50');
  let came: readonly CashActivity[] = old;
  let readings = 0;
  const asked: (string | null)[] = [];
  const day = home({
    wrapBroker: (broker) =>
      wrapBroker(broker, (_name, call) => call(), {
        account: async () => {
          const account = await broker.account();
          if (came === old) came = [...old, between];
          const more = came.slice(old.length).reduce((sum, { amount }) => sum.plus(amount), Decimal.ZERO);
          readings += 1;
          const own = readings === 1 ? Decimal.ZERO : more;
          return { ...account, cash: account.cash.plus(own), equity: account.equity.plus(own) };
        },
        activities: async (after, limit, which) => {
          asked.push(after);
          const found = [...came, ...(await broker.activities(null, 100, which))];
          // records of the last days are handed out again: some come late
          const isRecent = (id: string): boolean => id > '2025' && id !== after;
          return found.filter(({ activityId: id }) => after === null || id > after || isRecent(id)).slice(0, limit);
        },
      }),
  });
  await day.run(DAY);
  came = [...came, later];
  asked.splice(0);
  await day.run(NEXT_DAY);
  expect(asked.length).toBeGreaterThan(0);
  expect(asked).not.toContain(null);
  const [opening] = await day.eventsOf('OpeningBalancesRecorded');
  expect(opening?.data).toMatchObject({
    cash: '100250.00',
    activities: ['20150105-T-first', '20251231-T-last', '20260106T142959-T-between'],
  });
  const imported = await day.eventsOf('BrokerActivityImported');
  expect(imported.map(({ data }) => data.activityId)).toEqual(['20260107T100000-T-later']);
  const reconciled = await day.eventsOf('ReconciliationCompleted');
  expect(reconciled.map(({ data }) => data.ok)).toEqual([true, true]);
});
