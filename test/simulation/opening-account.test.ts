import { expect, test } from '@jest/globals';
import { Decimal } from '../../src/kernel/decimal.js';
import type { TickerSymbol } from '../../src/events/names.js';
import { wrapBroker } from '../../src/ports/broker.js';
import { DAY, home, NEXT_DAY } from './support/days.js';

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
