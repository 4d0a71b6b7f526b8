import { describe } from '@jest/globals';
import { gracefulRule } from '../../../src/trading/closing/graceful-stop.js';
import { killRule } from '../../../src/trading/closing/kill.js';
import { comparisonRule } from '../../../src/trading/reconciliation/comparison-due.js';
import {
  cancelled,
  cancelRequested,
  entry,
  exit,
  exitBlockReported,
  filled,
  held,
  opened,
  rejected,
  submitted,
  unresolved,
  working,
} from './support/given-orders.js';
import {
  bot,
  brokerSuspended,
  clock,
  closesAt,
  exitIntended,
  killReset,
  killTripped,
  minute,
  settings,
  supervision,
} from './support/given-world.js';
import { ruleSpec, ruleTable, type Given } from './support/rule-spec.js';

const AIG = { shares: '16', price: '50.00' };
const BAC = { symbol: 'BAC', shares: '20', price: '20.00' };
const killed = bot('emergency_closing_positions');
const stopped = bot('graceful_closing_positions');
const kill = (...facts: readonly Given[]) => ruleSpec(killRule).given(...facts);
const stop = (...facts: readonly Given[]) => ruleSpec(gracefulRule).given(...facts);
const refused = (count: number): readonly Given[] =>
  Array.from({ length: count }, (_, n) => [exit(n + 2, 1, '16', 'kill'), rejected(n + 2)]).flat();

describe('the account while the bot closes', () => {
  const looks = (...facts: readonly Given[]) => ruleSpec(comparisonRule).given(held(1, AIG), ...facts);

  ruleTable({
    'a closing bot does not look while its exits may trade': looks(killed, exit(2, 1, '16', 'kill'))
      .at('14:30')
      .then(),
    'a killed bot looks when the broker refuses an exit': looks(killed, ...refused(1))
      .at('14:30')
      .then('compare books: start'),
    'a stopped bot looks when the broker refuses an exit': looks(stopped, ...refused(1))
      .at('14:30')
      .then('compare books: start'),
    'a closing bot does not look when the position is closed': looks(
      killed,
      ...refused(1),
      exit(3, 1, '16', 'kill'),
      filled(3, '16', '50.00'),
    )
      .at('14:30')
      .then(),
  });
});

describe('kill', () => {
  ruleTable({
    'kill does nothing while the bot trades': kill(held(1, AIG)).at('14:30').then(),
    'kill does nothing with nothing held': kill(killed).at('14:30').then(),
    'kill cancels a working entry': kill(entry(1, AIG), working(1), killed)
      .at('14:30')
      .then('request cancel 1: the bot was killed or stopped'),
    'kill cancels a half-filled entry': kill(entry(1, AIG), working(1), filled(1, '8', '50.00'), killed)
      .at('14:30')
      .then('request cancel 1: the bot was killed or stopped'),
    'kill during a pending cancel waits for the broker': kill(
      entry(1, AIG),
      working(1),
      filled(1, '8', '50.00'),
      cancelRequested(1),
      killed,
    )
      .at('14:30')
      .then(),
    'kill sells the filled half when the cancel is confirmed': kill(
      entry(1, AIG),
      working(1),
      filled(1, '8', '50.00'),
      cancelRequested(1),
      cancelled(1, '8'),
      killed,
    )
      .at('14:30')
      .then('intend 2: sell 8 AIG to close long at 50.00, kill'),
    'kill cancels an entry that the broker has not acknowledged': kill(entry(1, AIG), submitted(1), killed)
      .at('14:30')
      .then('request cancel 1: the bot was killed or stopped'),
    'kill cancels an entry whose status is unknown': kill(entry(1, AIG), submitted(1), unresolved(1), killed)
      .at('14:30')
      .then('request cancel 1: the bot was killed or stopped'),
    'kill leaves an entry that was never sent to the order rules': kill(entry(1, AIG), killed).at('14:30').then(),
    'kill closes the largest position by value first, whichever was opened first': kill(
      held(1, AIG),
      held(2, { ...AIG, symbol: 'SPY', shares: '6', price: '150.00' }),
      killed,
    )
      .at('14:30')
      .then('intend 3: sell 6 SPY to close long at 150.00, kill', 'intend 4: sell 16 AIG to close long at 50.00, kill'),
    'kill sells a long position at the last price': kill(
      held(1, AIG),
      killed,
      clock('14:30'),
      minute({ AIG: { close: 51.25 } }),
    )
      .at('14:30')
      .then('intend 2: sell 16 AIG to close long at 51.25, kill'),
    'kill buys back a short position': kill(
      held(1, { ...AIG, side: 'short' }),
      killed,
      clock('14:30'),
      minute({ AIG: { close: 51.25 } }),
    )
      .at('14:30')
      .then('intend 2: buy 16 AIG to close short at 51.25, kill'),
    'kill does not wait for the end of the minute': kill(held(1, AIG), killed)
      .at('14:30:10')
      .then('intend 2: sell 16 AIG to close long at 50.00, kill'),
    'kill closes a position of a fraction of a share': kill(held(1, { shares: '0.5', price: '50.00' }), killed)
      .at('14:30')
      .then('intend 2: sell 0.5 AIG to close long at 50.00, kill'),
    'kill does not repeat a refused order within the minute': kill(held(1, AIG), killed, ...refused(1))
      .at('14:30:10')
      .then(),
    'kill repeats a refused order at the next minute': kill(held(1, AIG), killed, ...refused(1))
      .at('14:31')
      .then('intend 3: sell 16 AIG to close long at 50.00, kill'),
    'kill sends no second order while the first works': kill(held(1, AIG), killed, exit(2, 1, '16', 'kill'), working(2))
      .at('14:31')
      .then(),
    'kill waits for an exit that began before it': kill(held(1, AIG), exit(2, 1, '16', 'stop_loss'), working(2), killed)
      .at('14:31')
      .then(),
    'kill follows a refused stop at once': kill(held(1, AIG), exit(2, 1, '16', 'stop_loss'), rejected(2), killed)
      .at('14:30:10')
      .then('intend 3: sell 16 AIG to close long at 50.00, kill'),
    'kill sells what a partly filled exit left': kill(
      held(1, AIG),
      exit(2, 1, '16', 'kill'),
      working(2),
      filled(2, '10', '50.00'),
      cancelled(2, '10'),
      killed,
    )
      .at('14:31')
      .then('intend 3: sell 6 AIG to close long at 50.00, kill'),
    'kill cancels all entries and closes all positions in one action, cancels first': kill(
      held(1, AIG),
      entry(2, BAC),
      working(2),
      held(3, { ...AIG, symbol: 'SPY', shares: '6', price: '150.00' }),
      entry(4, { ...BAC, symbol: 'GE' }),
      working(4),
      killed,
    )
      .at('14:30')
      .then(
        'request cancel 2: the bot was killed or stopped',
        'request cancel 4: the bot was killed or stopped',
        'intend 5: sell 6 SPY to close long at 150.00, kill',
        'intend 6: sell 16 AIG to close long at 50.00, kill',
      ),
    'kill asks once for the cancel of a half-filled entry of an opened position': kill(
      entry(1, AIG),
      working(1),
      filled(1, '8', '50.00'),
      opened(1),
      held(2, BAC),
      killed,
    )
      .at('14:30')
      .then('request cancel 1: the bot was killed or stopped', 'intend 3: sell 20 BAC to close long at 20.00, kill'),
    'kill reports two halted symbols of one strategy in one append': kill(
      held(1, AIG),
      held(2, BAC),
      killed,
      clock('14:30'),
      minute({}, ['AIG', 'BAC']),
    )
      .at('14:30')
      .then('block exit AIG: SYMBOL_HALTED (symbol=AIG)', 'block exit BAC: SYMBOL_HALTED (symbol=BAC)'),
    'kill closes the second position while the first is on its way': kill(
      held(1, AIG),
      held(2, BAC),
      killed,
      exit(3, 1, '16', 'kill'),
      working(3),
    )
      .at('14:30:10')
      .then('intend 4: sell 20 BAC to close long at 20.00, kill'),
    'kill intends a 25th order': kill(held(1, AIG), killed, ...refused(24))
      .at('14:31')
      .then('intend 26: sell 16 AIG to close long at 50.00, kill'),
    'kill never gives up: it intends a 26th order': kill(held(1, AIG), killed, ...refused(25))
      .at('14:31')
      .then('intend 27: sell 16 AIG to close long at 50.00, kill'),
    'kill pauses after a refused order, also when minutes end in quick succession': kill(
      held(1, AIG),
      killed,
      ...refused(1),
      exitIntended('AIG', '14:30:31'),
    )
      .at('14:31')
      .then(),
    'kill repeats a refused order after the pause': kill(
      held(1, AIG),
      killed,
      ...refused(1),
      exitIntended('AIG', '14:30:30'),
    )
      .at('14:31')
      .then('intend 3: sell 16 AIG to close long at 50.00, kill'),
    'kill pauses for minutes after 25 refused orders': kill(
      held(1, AIG),
      killed,
      ...refused(25),
      exitIntended('AIG', '14:30'),
    )
      .at('14:34')
      .then(),
    'kill continues after the long pause': kill(held(1, AIG), killed, ...refused(25), exitIntended('AIG', '14:30'))
      .at('14:35')
      .then('intend 27: sell 16 AIG to close long at 50.00, kill'),
    'kill does not wait for the pause after an exit of another reason': kill(
      held(1, AIG),
      exit(2, 1, '16', 'stop_loss'),
      rejected(2),
      exitIntended('AIG', '14:30:05'),
      killed,
    )
      .at('14:30:10')
      .then('intend 3: sell 16 AIG to close long at 50.00, kill'),
    'kill by the daily loss cancels with its own reason': kill(entry(1, AIG), working(1), killTripped)
      .at('14:30')
      .then('request cancel 1: the kill switch tripped'),
    'kill by the daily loss closes positions': kill(held(1, AIG), killTripped)
      .at('14:30:10')
      .then('intend 2: sell 16 AIG to close long at 50.00, kill'),
    'a kill switch that was reset closes nothing': kill(held(1, AIG), killTripped, killReset).at('14:30').then(),
    'a fill after the bot stopped is closed': kill(
      entry(1, AIG),
      working(1),
      killed,
      bot('stopped'),
      filled(1, '16', '50.00'),
    )
      .at('14:30:10')
      .then('intend 2: sell 16 AIG to close long at 50.00, kill'),
    'kill closes a position of an earlier session': kill(held(1, { ...AIG, date: '2013-10-04' }), killed)
      .at('14:30')
      .then('intend 2: sell 16 AIG to close long at 50.00, kill'),
    'kill intends orders while the broker is suspended': kill(held(1, AIG), brokerSuspended, killed)
      .at('14:30')
      .then('intend 2: sell 16 AIG to close long at 50.00, kill'),
    'kill reports that a halted symbol cannot be sold': kill(held(1, AIG), killed, clock('14:30'), minute({}, ['AIG']))
      .at('14:30')
      .then('block exit AIG: SYMBOL_HALTED (symbol=AIG)'),
    'kill reports a halt once': kill(
      held(1, AIG),
      killed,
      exitBlockReported(1, 'SYMBOL_HALTED'),
      clock('14:30'),
      minute({}, ['AIG']),
    )
      .at('14:30')
      .then(),
    'kill in the last minute of a half day sells': kill(held(1, AIG), killed, closesAt('17:00'))
      .at('16:59')
      .then('intend 2: sell 16 AIG to close long at 50.00, kill'),
    'kill after the close of a half day cannot sell': kill(held(1, AIG), killed, closesAt('17:00'))
      .at('17:00')
      .then('block exit AIG: MARKET_CLOSED'),
    'kill sells also with trades disabled': kill(held(1, AIG), killed, settings({ DISABLE_ALL_TRADES: 'true' }))
      .at('14:30')
      .then('intend 2: sell 16 AIG to close long at 50.00, kill'),
  });
});

describe('graceful stop', () => {
  ruleTable({
    'a stop does nothing while the bot trades': stop(held(1, AIG)).at('14:30').then(),
    'a stop does nothing with nothing held': stop(stopped).at('14:30').then(),
    'a stop leaves a kill to the kill rule': stop(held(1, AIG), stopped, killed).at('14:30').then(),
    'a stop cancels a working entry': stop(entry(1, AIG), working(1), stopped)
      .at('14:30:10')
      .then('request cancel 1: the bot is stopped'),
    'a stop waits for a pending cancel of a half-filled entry': stop(
      entry(1, AIG),
      working(1),
      filled(1, '8', '50.00'),
      opened(1),
      stopped,
      cancelRequested(1),
    )
      .at('14:30')
      .then(),
    'a stop closes the oldest position first': stop(clock('14:10'), held(1, AIG), clock('14:12'), held(2, BAC), stopped)
      .at('14:30:10')
      .then('intend 3: sell 16 AIG to close long at 50.00, manual'),
    'a stop after the grace of an engine without main has a reason of its own': stop(
      held(1, AIG),
      supervision('grace_over'),
      stopped,
    )
      .at('14:30:10')
      .then('intend 2: sell 16 AIG to close long at 50.00, orphaned'),
    'a stop that a person asks for without main is manual': stop(held(1, AIG), supervision('none'), stopped)
      .at('14:30:10')
      .then('intend 2: sell 16 AIG to close long at 50.00, manual'),
    'a stop goes by the time of the fill, not of the order': stop(
      clock('14:10'),
      entry(1, AIG),
      working(1),
      held(2, BAC),
      clock('14:12'),
      filled(1, '16', '50.00'),
      opened(1),
      stopped,
    )
      .at('14:30:10')
      .then('intend 3: sell 20 BAC to close long at 20.00, manual'),
    'a stop closes one position at a time': stop(
      held(1, AIG),
      held(2, BAC),
      stopped,
      clock('14:30'),
      exit(3, 1, '16', 'manual'),
      working(3),
    )
      .at('14:30:04')
      .then(),
    'a stop passes an exit without news for 5 seconds': stop(
      held(1, AIG),
      clock('14:10'),
      held(2, BAC),
      stopped,
      clock('14:30'),
      exit(3, 1, '16', 'manual'),
      working(3),
    )
      .at('14:30:05')
      .then('intend 4: sell 20 BAC to close long at 20.00, manual'),
    'a stop keeps the reason of an exit that began before': stop(
      held(1, AIG),
      exit(2, 1, '16', 'stop_loss'),
      rejected(2),
      stopped,
    )
      .at('14:30')
      .then('intend 3: sell 16 AIG to close long at 50.00, stop_loss'),
    'a stop does not repeat a refused exit within the minute': stop(
      held(1, AIG),
      exit(2, 1, '16', 'manual'),
      rejected(2),
      stopped,
    )
      .at('14:30:10')
      .then(),
    'a stop buys back a short position': stop(held(1, { ...AIG, side: 'short' }), stopped)
      .at('14:30')
      .then('intend 2: buy 16 AIG to close short at 50.00, manual'),
  });
});
