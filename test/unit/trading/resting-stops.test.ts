import { describe } from '@jest/globals';
import { gracefulRule } from '../../../src/trading/closing/graceful-stop.js';
import { killRule } from '../../../src/trading/closing/kill.js';
import { positionManagement } from '../../../src/trading/exits/exit-triggers.js';
import { restingStopRule } from '../../../src/trading/exits/resting-stop.js';
import { orderRules } from '../../../src/trading/orders/order-follow-up.js';
import type { Rule } from '../../../src/trading/action.js';
import {
  cancelled,
  cancelRequested,
  filled,
  held,
  rejected,
  restingStop,
  stopAt,
  working,
} from './support/given-orders.js';
import { bot, cancelledTogether, clock, closesTogether, minute, spareCalls, stopsRest } from './support/given-world.js';
import { ruleSpec, ruleTable, type Given } from './support/rule-spec.js';

const AIG = { shares: '16', price: '50.00' };
/** 16 shares at 50.00 since 14:10, stop at 49.00, at a broker where stops rest. */
const HELD: readonly Given[] = [stopsRest(), clock('14:10'), held(1, AIG), stopAt(1, '49.00')];
/** The same, with the stop at the broker as order 2. */
const RESTING: readonly Given[] = [...HELD, restingStop(2, 1, '16', '49.00'), working(2)];
const killed = bot('emergency_closing_positions');
const stopped = bot('graceful_closing_positions');
const by =
  (rule: Rule) =>
  (...facts: readonly Given[]) =>
    ruleSpec(rule).given(...facts);
const keep = by(restingStopRule);
const manage = by(positionManagement);
const bar = (close: number, low = close): readonly Given[] => [clock('14:11'), minute({ AIG: { close, low } })];

describe('stops that rest at the broker (TRD-44)', () => {
  ruleTable({
    'a stop that the journal has is placed at the broker': keep(...HELD)
      .at('14:10:05')
      .then('intend 2: sell 16 AIG to close long at stop 49.00, stop_loss'),
    'the stop of a short is a buy': keep(
      stopsRest(),
      clock('14:10'),
      held(1, { ...AIG, side: 'short' }),
      stopAt(1, '51.00'),
    )
      .at('14:10:05')
      .then('intend 2: buy 16 AIG to close short at stop 51.00, stop_loss'),
    'a broker where stops cannot rest gets none': keep(clock('14:10'), held(1, AIG), stopAt(1, '49.00'))
      .at('14:10:05')
      .then(),
    'before the stop is in the journal there is none': keep(stopsRest(), clock('14:10'), held(1, AIG))
      .at('14:10:05')
      .then(),
    'fractions that the broker does not take have their stop here': keep(
      stopsRest(),
      clock('14:10'),
      held(1, { shares: '1.5', price: '50.00' }),
      stopAt(1, '49.00'),
    )
      .at('14:10:05')
      .then(),
    'a broker that takes fractions has their stop': keep(
      stopsRest(6),
      clock('14:10'),
      held(1, { shares: '1.5', price: '50.00' }),
      stopAt(1, '49.00'),
    )
      .at('14:10:05')
      .then('intend 2: sell 1.5 AIG to close long at stop 49.00, stop_loss'),
    'a stop that rests at its price is left alone': keep(...RESTING)
      .at('14:10:05')
      .then(),
    'a stop that moved is cancelled first': keep(...RESTING, stopAt(1, '49.50'))
      .at('14:11')
      .then('request cancel 2: the stop moves'),
    'a stop moves with the calls that nothing is reserved for': keep(spareCalls(2), ...RESTING, stopAt(1, '49.50'))
      .at('14:11')
      .then('request cancel 2: the stop moves'),
    'a stop stays where it is while only reserved calls are left': keep(spareCalls(1), ...RESTING, stopAt(1, '49.50'))
      .at('14:11')
      .then(),
    'a stop is placed with the last spare call, and not with a reserved one': keep(spareCalls(0), ...HELD)
      .at('14:11')
      .then(),
    'a stop of more shares than are held is cancelled whatever is left': keep(
      ...[spareCalls(0), ...RESTING, held(3, { symbol: 'BAC', shares: '1', price: '20.00' })],
      restingStop(4, 3, '2', '19.00'),
      working(4),
      stopAt(3, '19.00'),
    )
      .at('14:11')
      .then('request cancel 4: the stop moves'),
    'while the cancel is open no second stop is placed': keep(...RESTING, stopAt(1, '49.50'), cancelRequested(2))
      .at('14:11')
      .then(),
    'after the cancel the next stop is placed': keep(...RESTING, stopAt(1, '49.50'), cancelRequested(2), cancelled(2))
      .at('14:11')
      .then('intend 3: sell 16 AIG to close long at stop 49.50, stop_loss'),
    'a stop that trades in part is an exit like others': keep(...RESTING, filled(2, '6', '48.99'))
      .at('14:11')
      .then(),
    'a stop that was refused a quarter of an hour ago is sent again': keep(
      ...HELD,
      restingStop(2, 1, '16', '49.00'),
      rejected(2),
    )
      .at('14:25:00')
      .then('intend 3: sell 16 AIG to close long at stop 49.00, stop_loss'),
    'a stop that was refused three times stays here': keep(
      ...HELD,
      restingStop(2, 1, '16', '49.00'),
      rejected(2),
      restingStop(3, 1, '16', '49.00'),
      rejected(3),
      restingStop(4, 1, '16', '49.00'),
      rejected(4),
    )
      .at('14:45:00')
      .then(),
    'a stop that was refused stays here': keep(...HELD, restingStop(2, 1, '16', '49.00'), rejected(2))
      .at('14:11')
      .then(),
    'a kill leaves no rule that places stops': keep(...HELD, killed)
      .at('14:11')
      .then(),
    'below a dollar a stop has hundredths of a cent': keep(
      stopsRest(),
      clock('14:10'),
      held(1, { shares: '100', price: '0.1234' }),
      stopAt(1, '0.121'),
    )
      .at('14:10:05')
      .then('intend 2: sell 100 AIG to close long at stop 0.121, stop_loss'),
    'a stop finer than a cent is at the cent when it is a dollar or more': keep(
      stopsRest(),
      clock('14:10'),
      held(1, { shares: '100', price: '1.05' }),
      stopAt(1, '1.0051'),
    )
      .at('14:10:05')
      .then('intend 2: sell 100 AIG to close long at stop 1.01, stop_loss'),
  });
});

describe('exits of a position whose stop rests at the broker', () => {
  ruleTable({
    'a price at the stop that the broker did not execute cancels it': manage(...RESTING, ...bar(49.5, 49))
      .at('14:11')
      .then('request cancel 2: the position is closed: stop_loss'),
    'the exit waits for the cancel': manage(...RESTING, cancelRequested(2, 'stop_loss'), ...bar(49.5, 49))
      .at('14:11')
      .then(),
    'the exit follows the cancel at once': manage(
      ...RESTING,
      ...bar(49.5, 49),
      cancelRequested(2, 'stop_loss'),
      cancelled(2),
    )
      .at('14:11:02')
      .then('intend 3: sell 16 AIG to close long at 49.50, stop_loss'),
    'a stop that traded meanwhile leaves nothing to sell': manage(
      ...RESTING,
      ...bar(49.5, 49),
      cancelRequested(2, 'stop_loss'),
      filled(2, '16', '48.98'),
    )
      .at('14:11:02')
      .then(),
    'the end of the window cancels it first': manage(...RESTING, clock('16:00'), minute({ AIG: { close: 50 } }))
      .at('16:00')
      .then('request cancel 2: the position is closed: timeout'),
    'the rest of a stop that traded in part is left to the broker': manage(
      ...RESTING,
      filled(2, '6', '48.99'),
      ...bar(48.9),
    )
      .at('14:11')
      .then(),
  });
});

describe('kill and stop of a bot whose stops rest at the broker', () => {
  const kill = by(killRule);
  ruleTable({
    'a kill cancels the stop first': kill(...RESTING, killed)
      .at('14:30')
      .then('request cancel 2: the bot was killed or stopped'),
    'a kill waits for the cancel': kill(...RESTING, killed, cancelRequested(2))
      .at('14:30')
      .then(),
    'a kill sells when the cancel is confirmed': kill(...RESTING, killed, cancelRequested(2), cancelled(2))
      .at('14:30:01')
      .then('intend 3: sell 16 AIG to close long at 50.00, kill'),
    'a graceful stop cancels the stop first': by(gracefulRule)(...RESTING, stopped)
      .at('14:30')
      .then('request cancel 2: the bot is stopped'),
    'a stop that was not sent is withdrawn by a kill': by(orderRules)(
      ...HELD,
      restingStop(2, 1, '16', '49.00'),
      (world) => world.memory.unsent.add([...world.state.liveOrders.keys()].at(-1)!),
      killed,
    )
      .at('14:30')
      .then('withdraw 2: STOP_NOT_NEEDED'),
  });
});

describe('a kill at a broker that closes all positions in one call', () => {
  /** A second position, with no stop at the broker. */
  const TWO = [...RESTING, held(3, { symbol: 'BAC', shares: '20', price: '20.00' }), killed, cancelRequested(2)];
  const together = by(killRule);
  ruleTable({
    'positions that are free wait for a cancel that is on its way': together(
      ...[closesTogether(), ...TWO, cancelledTogether(2, '14:29:59')],
    )
      .at('14:30')
      .then(),
    'they wait no longer than two seconds': together(...[closesTogether(), ...TWO, cancelledTogether(2, '14:29:58')])
      .at('14:30')
      .then('intend 4: sell 20 BAC to close long at 20.00, kill'),
    'the largest is first when the cancel is confirmed': together(
      ...[closesTogether(), ...TWO, cancelledTogether(2, '14:29:59'), cancelled(2)],
    )
      .at('14:30')
      .then('intend 4: sell 16 AIG to close long at 50.00, kill', 'intend 5: sell 20 BAC to close long at 20.00, kill'),
    'at a broker that closes one by one nothing waits': together(...TWO, cancelledTogether(2, '14:29:59'))
      .at('14:30')
      .then('intend 4: sell 20 BAC to close long at 20.00, kill'),
    'an order that the call left alone is cancelled by itself': by(orderRules)(...TWO, cancelledTogether(2, '14:29:58'))
      .at('14:30')
      .then('cancel 2'),
    'before that no second cancel leaves': by(orderRules)(...TWO, cancelledTogether(2, '14:29:59'))
      .at('14:29:59')
      .then('query 2'),
  });
});
