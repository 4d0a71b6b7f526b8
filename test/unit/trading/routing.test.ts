import { describe } from '@jest/globals';
import { strategyRules } from '../../../src/trading/lifecycle/strategy-windows.js';
import { entry, filled, held, rejected, submitted, working } from './support/given-orders.js';
import {
  blockReported,
  candidateRejected,
  filterBlocks,
  filterThrows,
  fires,
  shorts,
  signalled,
  started,
} from './support/given-strategy.js';
import {
  asset,
  bot,
  brokerSuspended,
  clock,
  defenseMode,
  floatChanged,
  inverseEtfs,
  marketDataLost,
  othersHold,
  minute,
  settings,
  supervision,
  testRunStarted,
  watchdogDown,
  worldAt,
} from './support/given-world.js';
import { ruleSpec, ruleTable, type Given } from './support/rule-spec.js';

const route = (...facts: readonly Given[]) => ruleSpec(strategyRules).given(clock('14:00'), ...facts);
const AIG: readonly Given[] = [started('AIG'), signalled('AIG', 50)];
const SHORT: readonly Given[] = [started('AIG'), signalled('AIG', 50, 'short')];
const INVERSE: readonly Given[] = [...SHORT, shorts('InverseETF')];
const ONE_TRADE = settings({ MAX_TRADES: '1', WEIGHTS: '1' });
const ALL_IN = settings({ TOTAL_ALLOCATION: '1', MAX_TRADES: '1', WEIGHTS: '1' });
const FOUR_HELD = ['AIG', 'BAC', 'SPY', 'IBM'].map((symbol, n) => held(n + 1, { symbol, shares: '1', price: '50.00' }));

describe('routing', () => {
  ruleTable({
    'a candidate without a signal is left alone': route(started('AIG')).at('14:10').then(),
    'a signal is reported': route(started('AIG'), fires('AIG', 50))
      .at('14:10')
      .then('signal AIG long at 50.00, rank 1'),
    'a signal is judged at the end of a minute': route(started('AIG'), fires('AIG', 50)).at('14:10:05').then(),
    'the second candidate has its rank': route(started('AIG', 'BAC'), fires('BAC', 20))
      .at('14:10')
      .then('signal BAC long at 20.00, rank 2'),
    'the better rank comes first': route(started('AIG', 'BAC'), signalled('BAC', 20), signalled('AIG', 50))
      .at('14:10')
      .then('intend 1: buy 16 AIG to open long at 50.00'),
    'a new signal of a better rank comes first': route(started('AIG', 'BAC'), signalled('BAC', 20), fires('AIG', 50))
      .at('14:10')
      .then('signal AIG long at 50.00, rank 1'),
    'a refused candidate falls to the next': route(
      started('AIG', 'BAC'),
      signalled('AIG', 50),
      candidateRejected('AIG'),
      signalled('BAC', 20),
    )
      .at('14:10')
      .then('intend 1: buy 40 BAC to open long at 20.00'),
    'the next candidate knows how many were refused': route(
      started('AIG', 'BAC'),
      signalled('AIG', 50),
      candidateRejected('AIG'),
      signalled('BAC', 20),
      asset('BAC', { tradable: false }),
    )
      .at('14:10')
      .then('reject BAC: NOT_TRADABLE (brokerSays=not tradable), fallback 1'),
    'a signal that changed sides is not traded': route(...AIG, fires('AIG', 50, 'short'))
      .at('14:10')
      .then(),
    'a blocked candidate lets the next one pass': route(
      started('AIG', 'BAC'),
      signalled('AIG', 50),
      signalled('BAC', 20),
      filterBlocks('vix', 'VIX_HIGH', 'AIG'),
      blockReported('AIG', 'vix', 'VIX_HIGH'),
    )
      .at('14:10')
      .then('intend 1: buy 40 BAC to open long at 20.00'),
    'a candidate that is traded is not entered again': route(
      ...AIG,
      entry(1, { shares: '16', price: '50.00' }),
      working(1),
    )
      .at('14:10')
      .then(),
  });
});

describe('entries', () => {
  ruleTable({
    'an entry buys whole shares of its slice': route(...AIG)
      .at('14:10')
      .then('intend 1: buy 16 AIG to open long at 50.00'),
    'an entry of a fractionable asset buys fractions': route(
      // 800 / 30.01 is 26.6577807...
      started('AIG'),
      signalled('AIG', 30.01),
      asset('AIG', { fractionable: true }),
    )
      .at('14:10')
      .then('intend 1: buy 26.65778 AIG to open long at 30.01'),
    'a price with half a cent rounds the shares down': route(started('AIG'), signalled('AIG', 50.005))
      .at('14:10')
      .then('intend 1: buy 15 AIG to open long at 50.005'),
    'the second entry has a slice of 400': route(
      started('AIG', 'BAC'),
      held(1, { shares: '16', price: '50.00' }),
      signalled('BAC', 20),
    )
      .at('14:10')
      .then('intend 2: buy 20 BAC to open long at 20.00'),
    'an entry takes what is left of the session cap': route(
      // 1,700 of 2,000 are at work
      started('AIG', 'BAC'),
      held(1, { shares: '34', price: '50.00' }),
      signalled('BAC', 20),
    )
      .at('14:10')
      .then('intend 2: buy 15 BAC to open long at 20.00'),
    'an entry in defense mode has half the cap': route(...AIG, defenseMode)
      .at('14:10')
      .then('intend 1: buy 8 AIG to open long at 50.00'),
    'a short entry sells': route(...SHORT)
      .at('14:10')
      .then('intend 1: sell 16 AIG to open short at 50.00'),
    'a short entry of a fractionable asset sells whole shares': route(
      started('AIG'),
      signalled('AIG', 30.01, 'short'),
      asset('AIG', { fractionable: true }),
    )
      .at('14:10')
      .then('intend 1: sell 26 AIG to open short at 30.01'),
    'a short signal of a strategy without shorts is refused': route(...SHORT, shorts('disabled'))
      .at('14:10')
      .then('reject AIG: SHORT_DISABLED (shortType=disabled)'),
    'a short signal without an inverse ETF in the list is refused': route(...INVERSE)
      .at('14:10')
      .then('reject AIG: NO_INVERSE_ETF (listVersion=0)'),
    'a short signal whose symbol left the list is refused': route(
      ...INVERSE,
      inverseEtfs({ AIG: 'BAC' }),
      inverseEtfs({ IBM: 'BAC' }, 2),
    )
      .at('14:10')
      .then('reject AIG: NO_INVERSE_ETF (listVersion=2)'),
    'an inverse ETF that the bot does not follow is refused': route(...INVERSE, inverseEtfs({ AIG: 'SH' }))
      .at('14:10')
      .then('reject AIG: INVERSE_ETF_NOT_FOLLOWED (etf=SH, listVersion=1)'),
    'a short signal buys the inverse ETF': route(
      ...INVERSE,
      inverseEtfs({ AIG: 'BAC' }),
      clock('14:10'),
      minute({ BAC: { close: 20 } }),
    )
      .at('14:10')
      .then('intend 1: buy 40 BAC to open long at 20.00'),
    'an inverse ETF without a trade in the minute is waited for': route(...INVERSE, inverseEtfs({ AIG: 'BAC' }))
      .at('14:10')
      .then(),
    'an inverse ETF that cannot be traded is refused, and needs nobody to lend it': route(
      ...INVERSE,
      inverseEtfs({ AIG: 'BAC' }),
      asset('BAC', { tradable: false, shortable: false }),
      clock('14:10'),
      minute({ BAC: { close: 20 } }),
    )
      .at('14:10')
      .then('reject AIG: NOT_TRADABLE (etf=BAC, brokerSays=not tradable)'),
    'a symbol in which others hold shares is refused': route(othersHold('AIG', '7'), ...AIG)
      .at('14:10')
      .then('reject AIG: SHARED_SYMBOL (othersShares=7, othersOrders=0)'),
    'shares of others in another symbol do not matter': route(othersHold('BAC', '7'), ...AIG)
      .at('14:10')
      .then('intend 1: buy 16 AIG to open long at 50.00'),
    'a signal that was traded by its inverse ETF is not traded again': route(
      ...INVERSE,
      inverseEtfs({ AIG: 'BAC' }),
      entry(1, { symbol: 'BAC', shares: '40', price: '20.00', signalOf: 'AIG' }),
      working(1),
      clock('14:10'),
      minute({ BAC: { close: 20 } }),
    )
      .at('14:10')
      .then(),
    'a symbol that cannot be borrowed is refused': route(...SHORT, asset('AIG', { shortable: false }))
      .at('14:10')
      .then('reject AIG: NOT_SHORTABLE (brokerSays=not to be sold short)'),
    'a short that the broker decides by its answer is sent': route(...SHORT, asset('AIG', { shortable: 'unknown' }))
      .at('14:10')
      .then('intend 1: sell 16 AIG to open short at 50.00'),
    'a symbol that cannot be borrowed may be bought': route(...AIG, asset('AIG', { shortable: false }))
      .at('14:10')
      .then('intend 1: buy 16 AIG to open long at 50.00'),
    'a symbol that the broker does not trade is refused': route(...AIG, asset('AIG', { tradable: false }))
      .at('14:10')
      .then('reject AIG: NOT_TRADABLE (brokerSays=not tradable)'),
    'a filter blocks an entry': route(...AIG, filterBlocks('vix', 'VIX_HIGH'))
      .at('14:10')
      .then('filter vix blocks AIG: VIX_HIGH'),
    'all filters that block are reported': route(
      ...AIG,
      filterBlocks('vix', 'VIX_HIGH'),
      filterBlocks('adx', 'ADX_LOW'),
    )
      .at('14:10')
      .then('filter vix blocks AIG: VIX_HIGH', 'filter adx blocks AIG: ADX_LOW'),
    'a block is reported once': route(...AIG, filterBlocks('vix', 'VIX_HIGH'), blockReported('AIG', 'vix', 'VIX_HIGH'))
      .at('14:10')
      .then(),
    'a second filter that blocks later is reported': route(
      ...AIG,
      filterBlocks('vix', 'VIX_HIGH'),
      filterBlocks('adx', 'ADX_LOW'),
      blockReported('AIG', 'vix', 'VIX_HIGH'),
    )
      .at('14:10')
      .then('filter adx blocks AIG: ADX_LOW'),
    'an entry follows when the block is over': route(...AIG, blockReported('AIG', 'vix', 'VIX_HIGH'))
      .at('14:10')
      .then('intend 1: buy 16 AIG to open long at 50.00'),
    'a filter that throws is reported': route(...AIG, filterThrows('vix'))
      .at('14:10')
      .then('error FILTER_FAILED'),
    'an entry waits while the broker is suspended': route(...AIG, brokerSuspended)
      .at('14:10')
      .then(),
    'an entry waits for the end of a test run': route(...AIG, testRunStarted)
      .at('14:10')
      .then(),
    'an entry waits while no main supervises the engine': route(...AIG, supervision('none'))
      .at('14:10')
      .then(),
    'an entry is made when a main is back': route(...AIG, supervision('none'), supervision('main'))
      .at('14:10')
      .then('intend 1: buy 16 AIG to open long at 50.00'),
    'an entry waits while the clock is wrong': route(...AIG, watchdogDown('clock'))
      .at('14:10')
      .then(),
    'an entry without market data is refused': route(...AIG, marketDataLost)
      .at('14:10')
      .then('reject AIG: MARKET_DATA_LOST'),
    'an entry is made in the last minute of its window': route(...AIG)
      .at('14:59')
      .then('intend 1: buy 16 AIG to open long at 50.00'),
    'no entry is made when the window closes': route(...AIG)
      .at('15:00')
      .then('reject AIG: WAITED_UNTIL_WINDOW_CLOSED (signalNow=FIRED)'),
    'no entry is made when the world is past the window': route(...AIG, worldAt('15:00'))
      .at('14:50')
      .then('reject AIG: WAITED_UNTIL_WINDOW_CLOSED (signalNow=FIRED)'),
  });
});

describe('entries that the gate blocks', () => {
  ruleTable({
    'a price below the minimum is blocked': route(started('AIG'), signalled('AIG', 1.99))
      .at('14:10')
      .then('block entry AIG: PRICE_BELOW_MIN (price=1.99, limit=2.00)'),
    'a price at the minimum is entered': route(started('AIG'), signalled('AIG', 2))
      .at('14:10')
      .then('intend 1: buy 400 AIG to open long at 2.00'),
    'a price at the maximum is entered': route(started('AIG'), signalled('AIG', 300))
      .at('14:10')
      .then('intend 1: buy 2 AIG to open long at 300.00'),
    'a price above the maximum is blocked': route(started('AIG'), signalled('AIG', 300.01))
      .at('14:10')
      .then('block entry AIG: PRICE_ABOVE_MAX (price=300.01, limit=300.00)'),
    'all of the cash buys, less what a broker holds for the order': route(...AIG, ALL_IN)
      .at('14:10')
      .then('intend 1: buy 1960 AIG to open long at 50.00'),
    'money that is injected while the session is open buys nothing': route(
      ...AIG,
      ALL_IN,
      floatChanged('inject', '50000'),
    )
      .at('14:10')
      .then('intend 1: buy 1960 AIG to open long at 50.00'),
    'money that was returned buys nothing': route(...AIG, ALL_IN, floatChanged('return', '50000'))
      .at('14:10')
      .then('intend 1: buy 980 AIG to open long at 50.00'),
    'a small return leaves the size that the float of the start gives': route(...AIG, floatChanged('return', '1000'))
      .at('14:10')
      .then('intend 1: buy 16 AIG to open long at 50.00'),
    'after a return no more capital is at work than the float': route(
      entry(1, { symbol: 'BAC', shares: '3000', price: '25.00' }),
      working(1),
      filled(1, '3000', '25.00'),
      ...AIG,
      settings({ TOTAL_ALLOCATION: '1', MAX_TRADES: '2', WEIGHTS: '0.5,0.5' }),
      floatChanged('return', '20000'),
    )
      .at('14:10')
      .then('intend 2: buy 98 AIG to open long at 50.00'),
    'the last entry is smaller than its slice when others hold the rest': route(
      entry(1, { symbol: 'BAC', shares: '3000', price: '25.00' }),
      working(1),
      ...AIG,
      settings({ TOTAL_ALLOCATION: '1', MAX_TRADES: '2', WEIGHTS: '0.75,0.25' }),
    )
      .at('14:10')
      .then('intend 2: buy 460 AIG to open long at 50.00'),
    'a long after a short that lost leaves the cover of the short': route(
      // 175000 in cash, of which 150 % of 3000 x 36
      held(1, { symbol: 'BAC', side: 'short', shares: '3000', price: '25.00' }),
      clock('14:10'),
      minute({ BAC: { close: 36 } }),
      ...AIG,
      settings({ TOTAL_ALLOCATION: '1', MAX_TRADES: '2', WEIGHTS: '0.75,0.25' }),
    )
      .at('14:10')
      .then('intend 2: buy 254 AIG to open long at 50.00'),
    'an entry is no larger than its risk at the stop allows': route(
      ...AIG,
      settings({ TOTAL_ALLOCATION: '1', MAX_TRADES: '1', WEIGHTS: '1', MAX_RISK_PER_TRADE: '0.0015' }),
    )
      .at('14:10')
      .then('intend 1: buy 150 AIG to open long at 50.00'),
    'a slice of exactly one share is entered': route(
      started('AIG'),
      signalled('AIG', 800),
      settings({ MAX_PRICE: '1000' }),
    )
      .at('14:10')
      .then('intend 1: buy 1 AIG to open long at 800.00'),
    'a halted symbol is blocked': route(...AIG, clock('14:10'), minute({}, ['AIG']))
      .at('14:10')
      .then('block entry AIG: SYMBOL_HALTED (symbol=AIG)'),
    'an idle bot is blocked': route(...AIG, bot('monitoring'), bot('idle'))
      .at('14:10')
      .then('block entry AIG: STATE_FORBIDS_ENTRY (state=idle)'),
    'a ban on all trades blocks': route(...AIG, settings({ DISABLE_ALL_TRADES: 'true' }))
      .at('14:10')
      .then('block entry AIG: DISABLE_ALL_TRADES'),
    'a fifth trade is blocked': route(started('KO'), ...FOUR_HELD, signalled('KO', 40))
      .at('14:10')
      .then('block entry KO: MAX_TRADES (used=4, limit=4)'),
    'a second open position is blocked': route(
      started('AIG', 'BAC'),
      settings({ MAX_OPEN_POSITIONS: '1' }),
      held(1, { shares: '1', price: '50.00' }),
      signalled('BAC', 20),
    )
      .at('14:10')
      .then('block entry BAC: MAX_OPEN_POSITIONS (used=1, limit=1)'),
    'a slot that the broker has not confirmed is waited for': route(
      started('AIG', 'BAC'),
      ONE_TRADE,
      entry(1, { shares: '1', price: '50.00' }),
      submitted(1),
      signalled('BAC', 20),
    )
      .at('14:10')
      .then(),
    'a slot that the broker confirmed is taken': route(
      started('AIG', 'BAC'),
      ONE_TRADE,
      entry(1, { shares: '1', price: '50.00' }),
      working(1),
      signalled('BAC', 20),
    )
      .at('14:10')
      .then('block entry BAC: MAX_TRADES (used=1, limit=1)'),
    'a half-filled rival has taken the slot': route(
      started('AIG', 'BAC'),
      ONE_TRADE,
      entry(1, { shares: '2', price: '50.00' }),
      submitted(1),
      filled(1, '1', '50.00'),
      signalled('BAC', 20),
    )
      .at('14:10')
      .then('block entry BAC: MAX_TRADES (used=1, limit=1)'),
    'a slot is free again when the broker refused the rival': route(
      started('AIG', 'BAC'),
      ONE_TRADE,
      entry(1, { shares: '1', price: '50.00' }),
      submitted(1),
      rejected(1),
      signalled('BAC', 20),
    )
      .at('14:10')
      .then('intend 2: buy 100 BAC to open long at 20.00'),
  });
});
