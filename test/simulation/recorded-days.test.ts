import { expect, test } from '@jest/globals';
import type { SimFault } from '../../src/adapters/broker-sim/faults.js';
import { LeanFeed } from '../../src/adapters/feed-replay/lean-feed.js';
import { parseSymbol } from '../../src/events/names.js';
import { Decimal } from '../../src/kernel/decimal.js';
import { parseDateText } from '../../src/kernel/time.js';
import { describeNeeding } from '../support/needs.js';
import { marketData } from '../support/shared-data.js';
import { after, home } from './support/days.js';
import { expectGoodBooks } from './support/oracle.js';

const DATES = ['2013-10-04', '2013-10-07', '2013-10-08', '2013-10-09'].map(parseDateText);
const SYMBOLS = ['SPY', 'AIG', 'BAC', 'IBM'].map(parseSymbol);

/** Each session of the four has all of it. Market opens at 13:30 UTC here; instants count from the open. */
const FAULTS: readonly SimFault[] = [
  { kind: 'submit_timeout_accepted', match: { nth: 1 } },
  { kind: 'submit_timeout_lost', match: { nth: 2 } },
  { kind: 'drop_fill', match: { nth: 3 } },
  { kind: 'duplicate_fill', times: 4, match: { nth: 4 } },
  { kind: 'correct', afterMs: 45_000, priceChange: Decimal.parse('0.01'), match: { nth: 1 } },
  { kind: 'disconnect', from: after('15:20:30.500'), to: after('15:40:30.500') },
];

describeNeeding(marketData)('recorded days with many faults', () => {
  test('four days in one home: correct books after each', async () => {
    const feed = new LeanFeed({ root: marketData.path, symbols: SYMBOLS, vix: { value: 17 } });
    const day = home({ feed, faults: FAULTS, profile: { partialFillProbability: 0.5 } });
    for (const date of DATES) {
      await day.run(date);
      await expectGoodBooks(day, { trades: 1 });
    }
    expect(await day.eventsOf('SessionClosed')).toHaveLength(DATES.length);
    expect((await day.eventsOf('OrderUnresolved')).length).toBeGreaterThan(DATES.length);
    expect((await day.eventsOf('BrokerResumed')).length).toBe(DATES.length);
  });
});
