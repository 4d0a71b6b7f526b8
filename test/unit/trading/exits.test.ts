import { describe } from '@jest/globals';
import { positionManagement } from '../../../src/trading/exits/exit-triggers.js';
import {
  cancelled,
  cancelRequestedForExit,
  entry,
  exit,
  filled,
  held,
  opened,
  rejected,
  stopAt,
  stopMoved,
  working,
} from './support/given-orders.js';
import {
  begun,
  budgetAllows,
  budgetExceeded,
  strategyFailed,
  strategyThrows,
  targetReached,
} from './support/given-strategy.js';
import { clock, closesAt, minute, settings, supervision } from './support/given-world.js';
import { ruleSpec, ruleTable, type Given } from './support/rule-spec.js';

const AIG = { shares: '16', price: '50.00' };
const SHORT = { ...AIG, side: 'short' } as const;
/** 16 shares at 50.00 since 14:10, stop at 49.00 (long) or 51.00 (short). */
const LONG_HELD: readonly Given[] = [clock('14:10'), held(1, AIG), stopAt(1, '49.00')];
const SHORT_HELD: readonly Given[] = [clock('14:10'), held(1, SHORT), stopAt(1, '51.00')];
/** The same, filled at 14:10:45: most of the minute that ends at 14:11 was before the fill. */
const LONG_LATE: readonly Given[] = [clock('14:10:45'), held(1, AIG), stopAt(1, '49.00')];
const SHORT_LATE: readonly Given[] = [clock('14:10:45'), held(1, SHORT), stopAt(1, '51.00')];
const HALF_HELD: readonly Given[] = [
  clock('14:10'),
  entry(1, AIG),
  working(1),
  filled(1, '8', '50.00'),
  opened(1),
  stopAt(1, '49.00'),
];
const manage = (...facts: readonly Given[]) => ruleSpec(positionManagement).given(...facts);
const bar = (close: number, more: { high?: number; low?: number } = {}): readonly Given[] => [
  clock('14:11'),
  minute({ AIG: { close, ...more } }),
];

describe('stops', () => {
  ruleTable({
    'nothing held needs no stop': manage(...bar(50))
      .at('14:11')
      .then(),
    'the first stop of a long is set at once': manage(clock('14:10'), held(1, AIG))
      .at('14:10:05')
      .then('stop AIG to 49.00 (percent, best 50.00)'),
    'the first stop of a short is set at once': manage(clock('14:10'), held(1, SHORT))
      .at('14:10:05')
      .then('stop AIG to 51.00 (percent, best 50.00)'),
    'a half-filled entry gets a stop': manage(
      clock('14:10'),
      entry(1, AIG),
      working(1),
      filled(1, '8', '50.00'),
      opened(1),
    )
      .at('14:10:05')
      .then('stop AIG to 49.00 (percent, best 50.00)'),
    'a fill that is not reported open gets no stop yet': manage(
      clock('14:10'),
      entry(1, AIG),
      working(1),
      filled(1, '8', '50.00'),
    )
      .at('14:10:05')
      .then(),
    'half a cent of the entry places the stop at the cent above': manage(
      // 50.005 less 2 % is 49.0049
      clock('14:10'),
      held(1, { shares: '16', price: '50.005' }),
    )
      .at('14:10:05')
      .then('stop AIG to 49.01 (percent, best 50.005)'),
    'a stop below a dollar has hundredths of a cent': manage(
      // 0.1234 less 2 % is 0.120932
      clock('14:10'),
      held(1, { shares: '100', price: '0.1234' }),
    )
      .at('14:10:05')
      .then('stop AIG to 0.121 (percent, best 0.1234)'),
    'a stop follows a new high': manage(...LONG_HELD, ...bar(51, { high: 52 }))
      .at('14:11')
      .then('stop AIG from 49.00 to 50.96 (percent, best 52.00)'),
    'a stop of a short follows a new low': manage(...SHORT_HELD, ...bar(48.5, { low: 48 }))
      .at('14:11')
      .then('stop AIG from 51.00 to 48.96 (percent, best 48.00)'),
    'a stop never moves back': manage(...LONG_HELD, ...bar(49.5, { high: 49.8 }))
      .at('14:11')
      .then(),
    'a stop does not move within the minute': manage(...LONG_HELD, ...bar(51, { high: 52 }))
      .at('14:11:05')
      .then(),
    'a price at the exact stop closes a long': manage(...LONG_HELD, ...bar(49.5, { low: 49 }))
      .at('14:11')
      .then('intend 2: sell 16 AIG to close long at 49.50, stop_loss'),
    'a stop is obeyed without main': manage(...LONG_HELD, supervision('none'), ...bar(49.5, { low: 49 }))
      .at('14:11')
      .then('intend 2: sell 16 AIG to close long at 49.50, stop_loss'),
    'a price one cent above the stop keeps a long': manage(...LONG_HELD, ...bar(49.5, { low: 49.01 }))
      .at('14:11')
      .then(),
    'a price at the exact stop closes a short': manage(...SHORT_HELD, ...bar(50.5, { high: 51 }))
      .at('14:11')
      .then('intend 2: buy 16 AIG to close short at 50.50, stop_loss'),
    'a price one cent below the stop keeps a short': manage(...SHORT_HELD, ...bar(50.5, { high: 50.99 }))
      .at('14:11')
      .then(),
    'the stop is judged before it moves': manage(...LONG_HELD, ...bar(52, { low: 48.5, high: 53 }))
      .at('14:11')
      .then('intend 2: sell 16 AIG to close long at 52.00, stop_loss'),
    'a minute moves the stop once': manage(clock('14:10'), held(1, AIG), ...bar(50, { low: 40 }), stopAt(1, '49.00'))
      .at('14:11')
      .then(),
    'a minute without a trade hits no stop': manage(
      ...LONG_HELD,
      ...bar(49.5, { low: 49.01 }),
      clock('14:12'),
      minute({ BAC: { close: 20 } }),
    )
      .at('14:12')
      .then(),
    'a stop of a long that was passed while nobody looked is obeyed when the price is back': manage(
      ...LONG_HELD,
      ...bar(49.5, { low: 48 }),
      clock('14:14'),
      minute({ AIG: { close: 50 } }),
    )
      .at('14:14')
      .then('intend 2: sell 16 AIG to close long at 50.00, stop_loss'),
    'a stop of a short that was passed while nobody looked is obeyed when the price is back': manage(
      ...SHORT_HELD,
      ...bar(50.5, { high: 52 }),
      clock('14:14'),
      minute({ AIG: { close: 50 } }),
    )
      .at('14:14')
      .then('intend 2: buy 16 AIG to close short at 50.00, stop_loss'),
    'a price before the stop was set does not pass it': manage(
      clock('14:10'),
      held(1, AIG),
      ...bar(50, { low: 40 }),
      stopAt(1, '49.00'),
      clock('14:12'),
      minute({ AIG: { close: 49.5 } }),
    )
      .at('14:12')
      .then(),
    'the best price of the journal counts when its minutes are missing': manage(
      ...LONG_HELD,
      stopMoved(1, '52.92', '54.00'),
      clock('14:15'),
      minute({ AIG: { close: 54.5 } }),
      stopMoved(1, '49.00', '60.00'),
      clock('14:16'),
      minute({ AIG: { close: 59 } }),
    )
      .at('14:16')
      .then('stop AIG from 49.00 to 58.80 (percent, best 60.00)'),
    'a low before the fill in its minute hits no stop of a long': manage(...LONG_LATE, ...bar(50, { low: 48.5 }))
      .at('14:11')
      .then(),
    'a high before the fill in its minute hits no stop of a short': manage(...SHORT_LATE, ...bar(50, { high: 51.5 }))
      .at('14:11')
      .then(),
    'a minute that closes at the stop after the fill closes a long': manage(...LONG_LATE, ...bar(49, { low: 48.5 }))
      .at('14:11')
      .then('intend 2: sell 16 AIG to close long at 49.00, stop_loss'),
    'a minute that closes at the stop after the fill closes a short': manage(...SHORT_LATE, ...bar(51, { high: 51.5 }))
      .at('14:11')
      .then('intend 2: buy 16 AIG to close short at 51.00, stop_loss'),
    'a high before the fill moves no stop': manage(...LONG_LATE, ...bar(50, { high: 53 }))
      .at('14:11')
      .then(),
    'a minute that ended before the fill hits no stop': manage(
      clock('14:11'),
      minute({ AIG: { close: 48.5 } }),
      clock('14:11:01'),
      held(1, AIG),
      stopAt(1, '49.00'),
    )
      .at('14:11')
      .then(),
    'the first whole minute after the fill hits the stop': manage(
      ...LONG_LATE,
      ...bar(50, { low: 48.5 }),
      clock('14:12'),
      minute({ AIG: { close: 50, low: 49 } }),
    )
      .at('14:12')
      .then('intend 2: sell 16 AIG to close long at 50.00, stop_loss'),
    'the stop tightens in the last 150 seconds': manage(...LONG_HELD, clock('15:58'), minute({ AIG: { close: 50 } }))
      .at('15:58')
      .then('stop AIG from 49.00 to 49.50 (tightened, best 50.00)'),
    'the stop is not tightened three minutes before the end': manage(
      ...LONG_HELD,
      clock('15:57'),
      minute({ AIG: { close: 50 } }),
    )
      .at('15:57')
      .then(),
    'a stop of a half-filled entry cancels the rest first': manage(...HALF_HELD, ...bar(49.5, { low: 48.9 }))
      .at('14:11')
      .then('request cancel 1: the position is closed: stop_loss'),
    'the stop waits for the cancel': manage(...HALF_HELD, cancelRequestedForExit(1, 'stop_loss'), ...bar(49.5))
      .at('14:11')
      .then(),
    'the stop sells the filled half after the cancel': manage(
      ...HALF_HELD,
      cancelRequestedForExit(1, 'stop_loss'),
      cancelled(1, '8'),
      ...bar(49.5),
    )
      .at('14:11')
      .then('intend 2: sell 8 AIG to close long at 49.50, stop_loss'),
    'the half is sold at the end of a minute': manage(
      ...HALF_HELD,
      cancelRequestedForExit(1, 'stop_loss'),
      cancelled(1, '8'),
      ...bar(49.5),
    )
      .at('14:11:05')
      .then(),
  });
});

describe('targets', () => {
  ruleTable({
    'a target closes a long': manage(...LONG_HELD, targetReached('AIG'), ...bar(53))
      .at('14:11')
      .then('intend 2: sell 16 AIG to close long at 53.00, target_hit'),
    'a target closes a short': manage(...SHORT_HELD, targetReached('AIG'), ...bar(47))
      .at('14:11')
      .then('intend 2: buy 16 AIG to close short at 47.00, target_hit'),
    'a target is judged at the end of a minute': manage(...LONG_HELD, targetReached('AIG'), ...bar(53))
      .at('14:11:05')
      .then(),
    'a stop in the same minute comes before the target': manage(
      ...LONG_HELD,
      targetReached('AIG'),
      ...bar(53, { low: 49 }),
    )
      .at('14:11')
      .then('intend 2: sell 16 AIG to close long at 53.00, stop_loss'),
    'the first stop comes before a target': manage(clock('14:10'), held(1, AIG), targetReached('AIG'), ...bar(53))
      .at('14:11')
      .then('stop AIG to 51.94 (percent, best 53.00)'),
    'a target of another symbol closes nothing': manage(...LONG_HELD, targetReached('BAC'), ...bar(50))
      .at('14:11')
      .then(),
    'a target of a half-filled entry cancels the rest first': manage(...HALF_HELD, targetReached('AIG'), ...bar(50))
      .at('14:11')
      .then('request cancel 1: the position is closed: target_hit'),
    'a target is not sent twice': manage(
      ...LONG_HELD,
      targetReached('AIG'),
      exit(2, 1, '16', 'target_hit'),
      working(2),
      ...bar(53),
    )
      .at('14:11')
      .then(),
    'a target in a halted symbol is reported': manage(
      ...LONG_HELD,
      targetReached('AIG'),
      clock('14:11'),
      minute({ AIG: { close: 53 } }, ['AIG']),
    )
      .at('14:11')
      .then('block exit AIG: SYMBOL_HALTED (symbol=AIG)'),
    'a failed strategy is not asked for a target': manage(
      begun,
      ...LONG_HELD,
      strategyFailed,
      budgetAllows,
      targetReached('AIG'),
      ...bar(50),
    )
      .at('14:11')
      .then(),
    'a failed strategy keeps its stops': manage(
      begun,
      ...LONG_HELD,
      strategyFailed,
      budgetAllows,
      ...bar(49.5, { low: 49 }),
    )
      .at('14:11')
      .then('intend 2: sell 16 AIG to close long at 49.50, stop_loss'),
    'a strategy beyond its time budget fails': manage(begun, ...LONG_HELD, budgetExceeded, ...bar(50))
      .at('14:11')
      .then('StrategyFailed STRATEGY_TIMEOUT'),
    'a strategy that throws fails': manage(begun, ...LONG_HELD, budgetAllows, strategyThrows, ...bar(50))
      .at('14:11')
      .then('StrategyFailed STRATEGY_THREW'),
  });
});

describe('exits', () => {
  ruleTable({
    'a position is kept in the last minute of its window': manage(...LONG_HELD)
      .at('15:59')
      .then('stop AIG from 49.00 to 49.50 (tightened, best 50.00)'),
    'a position is closed when its window ends': manage(...LONG_HELD)
      .at('16:00')
      .then('intend 2: sell 16 AIG to close long at 50.00, timeout'),
    'a short position is closed when its window ends': manage(...SHORT_HELD)
      .at('16:00')
      .then('intend 2: buy 16 AIG to close short at 50.00, timeout'),
    'the end of the window is judged at the end of a minute': manage(...LONG_HELD)
      .at('16:00:05')
      .then(),
    'a stop that the open of the next session has passed is obeyed in its first minute': manage(
      clock('13:29'),
      held(1, { ...AIG, date: '2013-10-04' }),
      stopAt(1, '49.00'),
      clock('13:31'),
      minute({ AIG: { close: 48.5, low: 48 } }),
    )
      .at('13:31')
      .then('intend 2: sell 16 AIG to close long at 48.50, stop_loss'),
    'a carried position above its stop is closed because its window is over': manage(
      clock('13:29'),
      held(1, { ...AIG, date: '2013-10-04' }),
      stopAt(1, '49.00'),
      clock('13:31'),
      minute({ AIG: { close: 49.5, low: 49.01 } }),
    )
      .at('13:31')
      .then('intend 2: sell 16 AIG to close long at 49.50, timeout'),
    'a position of an earlier session is closed in the first minute': manage(held(1, { ...AIG, date: '2013-10-04' }))
      .at('13:31')
      .then('intend 2: sell 16 AIG to close long at 50.00, timeout'),
    'a symbol that the feed does not carry is closed like any other': manage(
      held(1, { ...AIG, symbol: 'GE', date: '2013-10-04' }),
    )
      .at('13:31')
      .then('intend 2: sell 16 GE to close long at 50.00, timeout'),
    'a refused exit is repeated with its reason': manage(
      ...LONG_HELD,
      exit(2, 1, '16', 'stop_loss'),
      rejected(2),
      ...bar(50),
    )
      .at('14:11')
      .then('intend 3: sell 16 AIG to close long at 50.00, stop_loss'),
    'a refused exit is not repeated within the minute': manage(
      ...LONG_HELD,
      exit(2, 1, '16', 'stop_loss'),
      rejected(2),
      ...bar(50),
    )
      .at('14:11:05')
      .then(),
    'a partly filled exit is followed by one for the rest': manage(
      ...LONG_HELD,
      exit(2, 1, '16', 'stop_loss'),
      working(2),
      filled(2, '15.5', '49.00'),
      cancelled(2, '15.5'),
      ...bar(49),
    )
      .at('14:11')
      .then('intend 3: sell 0.5 AIG to close long at 49.00, stop_loss'),
    'an exit after the close of a half day is reported': manage(...LONG_HELD, closesAt('17:00'))
      .at('17:00')
      .then('block exit AIG: MARKET_CLOSED'),
    'an exit in the last minute of a half day is sent': manage(...LONG_HELD, closesAt('17:00'))
      .at('16:59')
      .then('intend 2: sell 16 AIG to close long at 50.00, timeout'),
    'an exit is sent also with trades disabled': manage(...LONG_HELD, settings({ DISABLE_ALL_TRADES: 'true' }))
      .at('16:00')
      .then('intend 2: sell 16 AIG to close long at 50.00, timeout'),
    'one position at a time, the first one first': manage(
      ...LONG_HELD,
      held(2, { symbol: 'BAC', shares: '20', price: '20.00' }),
    )
      .at('16:00')
      .then('intend 3: sell 16 AIG to close long at 50.00, timeout'),
  });
});
