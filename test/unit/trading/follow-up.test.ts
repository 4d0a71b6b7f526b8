import { describe } from '@jest/globals';
import { orderRules } from '../../../src/trading/orders/order-follow-up.js';
import {
  cancelRequested,
  entry,
  exit,
  filled,
  held,
  rejected,
  submitted,
  unresolved,
  working,
} from './support/given-orders.js';
import {
  asked,
  bot,
  brokerResumed,
  brokerSuspended,
  closesWithoutStream,
  keyRefused,
  cancelRepeated,
  cancelSent,
  clock,
  inFlight,
  killTripped,
  sendsFailed,
  spareCalls,
  stopsRest,
  supervision,
  testRunStarted,
  unsent,
  watchdogDown,
  worldAt,
} from './support/given-world.js';
import { ruleSpec, ruleTable, type Given } from './support/rule-spec.js';

const AIG = { shares: '16', price: '50.00' };
const BAC = { symbol: 'BAC', shares: '20', price: '20.00' };
const follow = (...facts: readonly Given[]) => ruleSpec(orderRules).given(clock('14:10'), ...facts);
/** A late entry is withdrawn and an exit is not: the exit of a held position that nobody has sent. */
const STREAM_DOWN: readonly Given[] = [closesWithoutStream, brokerSuspended];
const emergency = bot('emergency_closing_positions');
const exitUnsent: readonly Given[] = [held(1, AIG), exit(2, 1, '16', 'timeout'), unsent(2)];

describe('sending an order', () => {
  ruleTable({
    'nothing is sent without an order': follow().at('14:10:01').then(),
    'an entry that was just intended is sent': follow(entry(1, AIG), unsent(1)).at('14:10:01').then('submit 1'),
    'an entry of an earlier process is asked after first': follow(entry(1, AIG)).at('14:10:01').then('query 1'),
    'an entry of an earlier process is not asked after twice in 30 s': follow(entry(1, AIG), asked(1))
      .at('14:10:29')
      .then(),
    'an entry of an earlier process is asked after again at 30 s': follow(entry(1, AIG), asked(1))
      .at('14:10:30')
      .then('query 1'),
    'nothing is sent while the broker is suspended': follow(entry(1, AIG), unsent(1), brokerSuspended)
      .at('14:10:01')
      .then(),
    'an entry is sent when the broker is back': follow(entry(1, AIG), unsent(1), brokerSuspended, brokerResumed)
      .at('14:10:01')
      .then('submit 1'),
    'an entry is withdrawn after the kill switch tripped': follow(entry(1, AIG), unsent(1), killTripped)
      .at('14:10:01')
      .then('withdraw 1: KILL_SWITCH'),
    'an entry is withdrawn after a stop': follow(entry(1, AIG), unsent(1), bot('graceful_closing_positions'))
      .at('14:10:01')
      .then('withdraw 1: BOT_STOPPED'),
    'an entry is withdrawn after a kill': follow(entry(1, AIG), unsent(1), bot('emergency_closing_positions'))
      .at('14:10:01')
      .then('withdraw 1: BOT_STOPPED'),
    'an entry is sent in the last second of its window': follow(entry(1, AIG), unsent(1))
      .at('14:59:59')
      .then('submit 1'),
    'an entry is withdrawn when its window closes': follow(entry(1, AIG), unsent(1))
      .at('15:00')
      .then('withdraw 1: ENTRY_WINDOW_CLOSED'),
    'an entry is withdrawn when the world is past its window': follow(entry(1, AIG), unsent(1), worldAt('15:00'))
      .at('14:55')
      .then('withdraw 1: ENTRY_WINDOW_CLOSED'),
    'an entry of an earlier session is withdrawn': follow(entry(1, { ...AIG, date: '2013-10-04' }), unsent(1))
      .at('14:10:01')
      .then('withdraw 1: ENTRY_WINDOW_CLOSED'),
    'an entry waits for the end of a test run': follow(entry(1, AIG), unsent(1), testRunStarted).at('14:10:01').then(),
    'an entry that was not sent waits for a main': follow(entry(1, AIG), unsent(1), supervision('none'))
      .at('14:10:01')
      .then(),
    'a kill sends its exit while only the stream is down': follow(...exitUnsent, ...STREAM_DOWN, emergency)
      .at('14:10:01')
      .then('submit 2'),
    'a stop of the bot waits for the stream': follow(...exitUnsent, ...STREAM_DOWN, bot('graceful_closing_positions'))
      .at('14:10:01')
      .then(),
    'a kill waits for a broker without which nothing arrives': follow(...exitUnsent, brokerSuspended, emergency)
      .at('14:10:01')
      .then(),
    'a kill does not try with a key that is refused': follow(
      ...exitUnsent,
      ...[closesWithoutStream, keyRefused, emergency],
    )
      .at('14:10:01')
      .then(),
    'a kill sends no entry while the stream is down': follow(...[entry(1, AIG), unsent(1), ...STREAM_DOWN, emergency])
      .at('14:10:01')
      .then(),
    'an exit is sent without main': follow(...exitUnsent, supervision('none'))
      .at('14:10:01')
      .then('submit 2'),
    'an entry waits while the disk is down': follow(entry(1, AIG), unsent(1), watchdogDown('disk'))
      .at('14:10:01')
      .then(),
    'an entry does not wait for market data': follow(entry(1, AIG), unsent(1), watchdogDown('market_data'))
      .at('14:10:01')
      .then('submit 1'),
    'an exit does not wait for a test run': follow(...exitUnsent, testRunStarted)
      .at('14:10:01')
      .then('submit 2'),
    'an exit is sent after the kill switch tripped': follow(...exitUnsent, killTripped)
      .at('14:10:01')
      .then('submit 2'),
    'an exit is sent after a stop': follow(...exitUnsent, bot('graceful_closing_positions'))
      .at('14:10:01')
      .then('submit 2'),
    'an exit is sent after the entry window': follow(...exitUnsent)
      .at('15:30')
      .then('submit 2'),
    'a failed send waits for its next try': follow(entry(1, AIG), unsent(1), sendsFailed(1, 2, '14:10:04'))
      .at('14:10:03')
      .then(),
    'a failed send is tried again when its wait is over': follow(
      entry(1, AIG),
      unsent(1),
      sendsFailed(1, 2, '14:10:04'),
    )
      .at('14:10:04')
      .then('submit 1'),
    'a fourth try is allowed': follow(entry(1, AIG), unsent(1), sendsFailed(1, 3, '14:10:08'))
      .at('14:10:08')
      .then('submit 1'),
    'an order is withdrawn after four failed tries': follow(entry(1, AIG), unsent(1), sendsFailed(1, 4, '14:10:16'))
      .at('14:10:16')
      .then('withdraw 1: BROKER_UNREACHABLE'),
    'an exit is withdrawn after four failed tries': follow(...exitUnsent, sendsFailed(2, 4, '14:10:16'))
      .at('14:10:16')
      .then('withdraw 2: BROKER_UNREACHABLE'),
  });
});

describe('following up an order', () => {
  ruleTable({
    'a sent order is left alone for 30 s': follow(entry(1, AIG), submitted(1)).at('14:10:29').then(),
    'a sent order without an answer is unresolved at 30 s': follow(entry(1, AIG), submitted(1))
      .at('14:10:30')
      .then('unresolved 1: NO_ANSWER'),
    'an order on its way is left alone for 30 s': follow(entry(1, AIG), inFlight(1)).at('14:10:29').then(),
    'an order on its way without an answer is unresolved at 30 s': follow(entry(1, AIG), inFlight(1))
      .at('14:10:30')
      .then('unresolved 1: NO_ANSWER'),
    'an unresolved order is asked after': follow(entry(1, AIG), submitted(1), unresolved(1))
      .at('14:10:01')
      .then('query 1'),
    'an unresolved order is not asked after twice in 30 s': follow(entry(1, AIG), submitted(1), unresolved(1), asked(1))
      .at('14:10:29')
      .then(),
    'a working order is left alone for 30 s': follow(entry(1, AIG), working(1)).at('14:10:29').then(),
    'a working order without news is asked after at 30 s': follow(entry(1, AIG), working(1))
      .at('14:10:30')
      .then('query 1'),
    'a question within 30 s is not repeated': follow(entry(1, AIG), working(1), clock('14:10:20'), asked(1))
      .at('14:10:49')
      .then(),
    'a fill is news: the 30 s begin again': follow(
      entry(1, AIG),
      working(1),
      clock('14:10:20'),
      filled(1, '8', '50.00'),
    )
      .at('14:10:49')
      .then(),
    'a half-filled order without news is asked after': follow(
      entry(1, AIG),
      working(1),
      clock('14:10:20'),
      filled(1, '8', '50.00'),
    )
      .at('14:10:50')
      .then('query 1'),
    'a filled order needs nothing': follow(entry(1, AIG), working(1), filled(1, '16', '50.00'))
      .at('14:20')
      .then(),
    'a refused order needs nothing': follow(entry(1, AIG), submitted(1), rejected(1)).at('14:20').then(),
    'nothing is asked while the broker is suspended': follow(entry(1, AIG), working(1), brokerSuspended)
      .at('14:20')
      .then(),
    'the first order with something to do comes first': follow(entry(1, AIG), working(1), entry(2, BAC), unsent(2))
      .at('14:10:01')
      .then('submit 2'),
  });
});

describe('cancelling an order', () => {
  ruleTable({
    'a requested cancel is handed over': follow(entry(1, AIG), working(1), cancelRequested(1))
      .at('14:10:01')
      .then('cancel 1'),
    'the cancel of a half-filled entry is handed over': follow(
      entry(1, AIG),
      working(1),
      filled(1, '8', '50.00'),
      cancelRequested(1),
    )
      .at('14:10:01')
      .then('cancel 1'),
    'a cancel is not handed over twice in 30 s': follow(entry(1, AIG), working(1), cancelRequested(1), cancelSent(1))
      .at('14:10:29')
      .then(),
    'a cancel is handed over again while the order lives at 30 s': follow(
      entry(1, AIG),
      working(1),
      cancelRequested(1),
      cancelSent(1),
    )
      .at('14:10:30')
      .then('cancel 1'),
    'an unresolved order is asked after before it is cancelled': follow(
      entry(1, AIG),
      submitted(1),
      unresolved(1),
      cancelRequested(1),
    )
      .at('14:10:01')
      .then('query 1'),
    'after a kill the cancel of an unresolved order goes out blind': follow(
      entry(1, AIG),
      submitted(1),
      unresolved(1),
      cancelRequested(1),
      bot('emergency_closing_positions'),
    )
      .at('14:10:01')
      .then('cancel 1'),
    'after a blind cancel the order is asked after': follow(
      entry(1, AIG),
      submitted(1),
      unresolved(1),
      cancelRequested(1),
      bot('emergency_closing_positions'),
      cancelSent(1),
    )
      .at('14:10:01')
      .then('query 1'),
    'a cancel that was lost just before a kill is repeated two seconds after it left': follow(
      ...[entry(1, AIG), working(1), cancelRequested(1), cancelSent(1), bot('emergency_closing_positions')],
    )
      .at('14:10:02')
      .then('cancel 1'),
    'before that no second cancel leaves, kill or not': follow(
      ...[entry(1, AIG), working(1), cancelRequested(1), cancelSent(1), bot('emergency_closing_positions')],
    )
      .at('14:10:01')
      .then(),
    'a blind cancel that was lost is repeated too': follow(
      ...[entry(1, AIG), submitted(1), unresolved(1), cancelRequested(1), cancelSent(1)],
      ...[bot('emergency_closing_positions'), asked(1)],
    )
      .at('14:10:02')
      .then('cancel 1'),
    'each repeat of a kill waits twice as long': follow(
      ...[entry(1, AIG), working(1), cancelRequested(1), cancelSent(1), cancelRepeated(1, 2)],
      bot('emergency_closing_positions'),
    )
      .at('14:10:07')
      .then(),
    'and leaves then': follow(
      ...[entry(1, AIG), working(1), cancelRequested(1), cancelSent(1), cancelRepeated(1, 2)],
      bot('emergency_closing_positions'),
    )
      .at('14:10:08')
      .then('cancel 1'),
    'many repeats wait no longer than the time limit of a call': follow(
      ...[entry(1, AIG), working(1), cancelRequested(1), cancelSent(1), cancelRepeated(1, 20)],
      bot('emergency_closing_positions'),
    )
      .at('14:10:30')
      .then('cancel 1'),
    'a second repeat takes no call that closing may need': follow(
      ...[stopsRest(), spareCalls(0), entry(1, AIG), working(1), cancelRequested(1), cancelSent(1)],
      ...[cancelRepeated(1, 1), bot('emergency_closing_positions')],
    )
      .at('14:10:29')
      .then(),
    'no cancel goes out while the broker is suspended': follow(
      entry(1, AIG),
      working(1),
      cancelRequested(1),
      brokerSuspended,
    )
      .at('14:10:01')
      .then(),
  });
});
