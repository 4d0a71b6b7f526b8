import { describe } from '@jest/globals';
import type { OptionQuote } from '../../../src/domain/options/option-chain.js';
import { Decimal } from '../../../src/kernel/decimal.js';
import { parseDateText } from '../../../src/kernel/time.js';
import { positionManagement } from '../../../src/trading/exits/exit-triggers.js';
import { restingStopRule } from '../../../src/trading/exits/resting-stop.js';
import { strategyRules } from '../../../src/trading/lifecycle/strategy-windows.js';
import { held, stopAt } from './support/given-orders.js';
import { shorts, signalled, started, targetReached } from './support/given-strategy.js';
import { clock, closesAt, minute, othersHold, settings, stopsRest } from './support/given-world.js';
import { ruleSpec, ruleTable, type Given } from './support/rule-spec.js';

const QUOTE: OptionQuote = {
  ...{ expiry: parseDateText('2013-10-25'), strike: Decimal.of(50), right: 'put' },
  ...{ bid: Decimal.parse('3.10'), ask: Decimal.parse('3.20'), impliedVolatility: null, underlying: null },
};
const PUT = 'AIG131025P50';

const puts =
  (...quotes: readonly Partial<OptionQuote>[]): Given =>
  (world) =>
    world.puts(
      'AIG',
      quotes.map((quote) => ({ ...QUOTE, ...quote })),
    );

const route = (...facts: readonly Given[]) =>
  ruleSpec(strategyRules).given(
    clock('14:00'),
    started('AIG'),
    signalled('AIG', 50, 'short'),
    shorts('LongPut'),
    ...facts,
  );
const QUOTED: readonly Given[] = [clock('14:09'), puts({})];

describe('a bearish signal with LongPut (TRD-23)', () => {
  ruleTable({
    'it buys whole contracts of the put at the money, at its ask at most': route(...QUOTED)
      .at('14:10')
      // 800 buy two contracts at 320
      .then(`intend 1: buy 200 ${PUT} to open long at limit 3.20`),
    'it waits for a chain': route().at('14:10').then(),
    'a chain of eight minutes ago is no offer': route(
      clock('14:02'),
      puts({}),
      clock('14:10'),
      minute({ AIG: { close: 50 } }),
    )
      .at('14:10')
      .then(),
    'a symbol without options is refused': route(clock('14:09'), puts())
      .at('14:10')
      .then('reject AIG: NO_OPTIONS_LISTED (contracts=0, minDays=14, maxSpread=0.1)'),
    'quotes that are far apart or missing are refused': route(
      clock('14:09'),
      puts({ bid: Decimal.parse('2.50') }, { ask: null }, { expiry: parseDateText('2013-10-11') }),
    )
      .at('14:10')
      .then('reject AIG: NO_PUT_IN_LIMITS (contracts=3, minDays=14, maxSpread=0.1)'),
    'a contract whose symbol would be too long is passed over': route(
      clock('14:09'),
      puts({ strike: Decimal.parse('50.000125') }, { strike: Decimal.of(49) }),
    )
      .at('14:10')
      .then('intend 1: buy 200 AIG131025P49 to open long at limit 3.20'),
    'a float that buys no contract is the reason': route(
      clock('14:09'),
      puts({ bid: Decimal.of(8), ask: Decimal.parse('8.01') }),
    )
      .at('14:10')
      .then('reject AIG: LESS_THAN_ONE_CONTRACT (slice=800.00, price=8.01, contract=801.00)'),
    'the limits of price are those of the share': route(...QUOTED, settings({ MIN_PRICE: '60' }))
      .at('14:10')
      .then('block entry AIG: PRICE_BELOW_MIN (price=50.00, limit=60.00)'),
    'a put on a share that is held is a second trade in it': route(
      held(1, { symbol: 'AIG', shares: '1', price: '50.00' }),
      ...QUOTED,
    )
      .at('14:10')
      .then(),
    'others who hold the contract keep it theirs': route(...QUOTED, othersHold(PUT, '100'))
      .at('14:10')
      .then(`reject AIG: SHARED_SYMBOL (contract=${PUT}, othersShares=100, othersOrders=0)`),
  });
});

const HELD: readonly Given[] = [clock('14:10'), held(1, { symbol: PUT, shares: '200', price: '3.20' })];
const manage = (...facts: readonly Given[]) => ruleSpec(positionManagement).given(...HELD, ...facts);

describe('a put that is held', () => {
  ruleTable({
    'its stop keeps the distance of options': manage().at('14:10:05').then(`stop ${PUT} to 2.24 (percent, best 3.20)`),
    'its own bids hit the stop': manage(stopAt(1, '2.24'), clock('14:11'), minute({ [PUT]: { close: 2.2 } }))
      .at('14:11')
      .then(`intend 2: sell 200 ${PUT} to close long at 2.20, stop_loss`),
    'without quotes it is sold at the end of the window': manage(stopAt(1, '2.24'))
      .at('16:00')
      .then(`intend 2: sell 200 ${PUT} to close long at 3.20, timeout`),
    'its target is that of the share': manage(
      started('AIG'),
      signalled('AIG', 50, 'short'),
      stopAt(1, '2.24'),
      targetReached('AIG'),
      clock('14:11'),
      minute({ [PUT]: { close: 3.3 } }),
    )
      .at('14:11')
      .then(`intend 2: sell 200 ${PUT} to close long at 3.30, target_hit`),
    'a quarter of an hour before the close of its last day it is sold': ruleSpec(positionManagement)
      .given(
        closesAt('15:30'),
        clock('14:10'),
        held(1, { symbol: 'AIG131007P50', shares: '100', price: '3.20' }),
        stopAt(1, '2.24'),
      )
      .at('15:15')
      .then('intend 2: sell 100 AIG131007P50 to close long at 3.20, timeout'),
    'not before that': ruleSpec(positionManagement)
      .given(
        closesAt('15:30'),
        clock('14:10'),
        held(1, { symbol: 'AIG131007P50', shares: '100', price: '3.20' }),
        stopAt(1, '2.24'),
      )
      .at('15:14')
      .then(),
    'its stop never rests at the broker': ruleSpec(restingStopRule)
      .given(stopsRest(0), ...HELD, stopAt(1, '2.24'))
      .at('14:11')
      .then(),
  });
});
