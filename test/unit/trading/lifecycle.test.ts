import { describe } from '@jest/globals';
import { botStateRule } from '../../../src/trading/lifecycle/bot-state.js';
import { marketDataRule } from '../../../src/trading/lifecycle/market-data.js';
import { strategyRules } from '../../../src/trading/lifecycle/strategy-windows.js';
import { cancelRequested, entry, held, working } from './support/given-orders.js';
import {
  analysisThrows,
  begun,
  blockReported,
  budgetAllows,
  budgetExceeded,
  candidateRejected,
  fires,
  machineBusy,
  selfCheckFails,
  signalled,
  started,
  strategyEnded,
  strategyFailed,
} from './support/given-strategy.js';
import { heldHaltRule } from '../../../src/trading/positions/held-halts.js';
import { bot, clock, closesAt, killTripped, leaves, marketDataLost, minute } from './support/given-world.js';
import { ruleSpec, ruleTable, type Given } from './support/rule-spec.js';

const AIG = { shares: '16', price: '50.00' };
const strategy = (...facts: readonly Given[]) => ruleSpec(strategyRules).given(...facts);
const phase: Given = (world) => world.record('PhaseStarted', { phase: 'open' });
const decided: readonly Given[] = [started('AIG'), signalled('AIG', 50), candidateRejected('AIG')];

describe('the window of a strategy', () => {
  ruleTable({
    'a strategy does not begin before its window': strategy().at('13:30').then(),
    'its phase begins first': strategy().at('13:31').then('PhaseStarted open'),
    'a strategy begins after its phase': strategy(phase).at('13:31').then('StrategyStarted'),
    'a strategy begins at the end of a minute': strategy(phase).at('13:31:05').then(),
    'a stopped bot begins no strategy': strategy(phase, bot('graceful_closing_positions')).at('13:31').then(),
    'a failing self-check skips the strategy': strategy(phase, selfCheckFails)
      .at('13:31')
      .then('StrategyFailed SELF_CHECK_FAILED'),
    'a half day that closes before the window skips the strategy': strategy(phase, closesAt('13:31'))
      .at('13:31')
      .then('StrategyFailed WINDOW_OUTSIDE_SESSION'),
    'a bot that starts after the window skips the strategy': strategy(phase)
      .at('16:00')
      .then('StrategyFailed WINDOW_OVER'),
    'nothing is ranked before entries may begin': strategy(begun).at('13:59').then(),
    'candidates are ranked when entries may begin': strategy(begun).at('14:00').then('rank AIG'),
    'an open entry is cancelled when the entry window closes': strategy(started('AIG'), entry(1, AIG), working(1))
      .at('15:00')
      .then('request cancel 1: the entry window closed'),
    'a pending cancel is not requested again': strategy(...decided, entry(1, AIG), working(1), cancelRequested(1))
      .at('15:00')
      .then(),
    'a candidate without a signal is reported': strategy(started('AIG')).at('15:00').then('reject AIG: NO_BREAKOUT'),
    'a signal after the window is reported': strategy(started('AIG'), fires('AIG', 50))
      .at('15:00')
      .then('reject AIG: SIGNAL_AFTER_WINDOW'),
    'a block that lasted is reported': strategy(
      started('AIG'),
      signalled('AIG', 50),
      blockReported('AIG', 'vix', 'VIX_HIGH'),
    )
      .at('15:00')
      .then('reject AIG: BLOCKED_UNTIL_WINDOW_CLOSED (blocks=vix/VIX_HIGH, signalNow=FIRED)'),
    'a strategy monitors until its window ends': strategy(...decided)
      .at('15:59')
      .then(),
    'a strategy ends with its window': strategy(...decided)
      .at('16:00')
      .then('StrategyEnded: its window closed'),
    'a strategy with a position does not end': strategy(...decided, held(1, AIG))
      .at('16:00')
      .then(),
    'the close of a half day ends a strategy with a position': strategy(...decided, held(1, AIG), closesAt('17:00'))
      .at('17:00')
      .then('StrategyEnded: the session closed before its positions'),
    'a kill ends a strategy': strategy(...decided, killTripped)
      .at('14:10')
      .then('StrategyEnded: the kill switch tripped'),
    'a stop ends a strategy within the minute': strategy(...decided, bot('graceful_closing_positions'))
      .at('14:10:05')
      .then('StrategyEnded: the bot was stopped'),
    'the end of the program does not end a strategy': strategy(...decided, bot('graceful_closing_positions'), leaves)
      .at('14:10:05')
      .then(),
    'a strategy whose window is over ends with the program': strategy(
      ...decided,
      bot('graceful_closing_positions'),
      leaves,
    )
      .at('16:00:05')
      .then('StrategyEnded: the bot was stopped'),
    'a phase ends with its strategy': strategy(begun, strategyEnded).at('14:10').then('PhaseEnded open'),
    'a failed strategy cancels its entries': strategy(started('AIG'), entry(1, AIG), working(1), strategyFailed)
      .at('14:10')
      .then('request cancel 1: the entry window closed'),
    'a strategy that uses up its time fails': strategy(begun, budgetExceeded)
      .at('14:00')
      .then('StrategyFailed STRATEGY_TIMEOUT'),
    'a busy machine fails no strategy; it is asked again the next minute': strategy(begun, machineBusy)
      .at('14:00')
      .then(),
    'no strategy fails after its window: one that does not answer leaves its candidates': strategy(
      started('AIG'),
      budgetExceeded,
    )
      .at('16:00')
      .then('reject AIG: NO_ANSWER'),
    'no strategy fails after its window: it ends': strategy(...decided, budgetExceeded)
      .at('16:00')
      .then('StrategyEnded: its window closed'),
    'no strategy fails after its window: one that never ranked ends': strategy(begun, budgetAllows, analysisThrows)
      .at('16:00')
      .then('StrategyEnded: its window closed'),
    'no strategy fails after its window: one that did not begin is left out': strategy(phase, budgetExceeded)
      .at('16:00')
      .then('StrategyFailed WINDOW_OVER'),
    'no strategy fails once it was ended by a stop': strategy(begun, strategyEnded, budgetExceeded)
      .at('14:10')
      .then('PhaseEnded open'),
    'a failed strategy ends its phase': strategy(started('AIG'), strategyFailed).at('14:10').then('PhaseEnded open'),
  });
});

const state = (...facts: readonly Given[]) => ruleSpec(botStateRule).given(...facts);
const killed = bot('emergency_closing_positions');

describe('the state of the bot', () => {
  ruleTable({
    'the bot trades while entries are made': state(begun).at('14:30').then(),
    'the bot monitors after the entry window': state(begun).at('15:00').then('bot trading -> monitoring'),
    'the bot leaves trading when no strategy has its window': state(begun, strategyEnded)
      .at('14:30')
      .then('bot trading -> monitoring'),
    'the bot rests after its strategies': state(begun, strategyEnded, bot('monitoring'))
      .at('14:30')
      .then('bot monitoring -> idle'),
    'the bot returns from an update': state(begun, bot('updating')).at('14:30').then('bot updating -> trading'),
    'a tripped kill switch begins an emergency close': state(killTripped)
      .at('14:30:05')
      .then('bot trading -> emergency_closing_positions'),
    'an emergency close waits for a position': state(held(1, AIG), killed).at('14:30').then(),
    'an emergency close waits for an open order': state(entry(1, AIG), working(1), killed).at('14:30').then(),
    'an emergency close ends when nothing is open': state(killed)
      .at('14:30:05')
      .then('bot emergency_closing_positions -> stopped'),
    'a stop ends when nothing is open': state(bot('graceful_closing_positions'))
      .at('14:30')
      .then('bot graceful_closing_positions -> stopped'),
    'what a half day leaves open ends in error': state(held(1, AIG), killed, closesAt('17:00'))
      .at('17:00')
      .then('bot emergency_closing_positions -> error'),
    'a stopped bot stays stopped': state(begun, killed, bot('stopped')).at('15:00').then(),
  });
});

const halts = (...facts: readonly Given[]) => ruleSpec(heldHaltRule).given(...facts);
const haltReported =
  (since: string): Given =>
  (world) =>
    world.record('ErrorRecorded', {
      ...{ errorType: 'DataError', errorCode: 'HELD_SYMBOL_HALTED', message: 'test', strategy: null, broker: null },
      ...{ context: { key: `held-halt/AIG/2013-10-07T${since}:00.000Z` }, traceback: null },
    });
const halted = (...symbols: readonly string[]): Given => minute({}, symbols);
const REPORTS = 'error HELD_SYMBOL_HALTED';

describe('halts of held symbols', () => {
  ruleTable({
    'a halt of a held symbol is reported': halts(held(1, AIG), clock('14:10'), halted('AIG')).at('14:10').then(REPORTS),
    'a halt that began before the entry is reported once it is held': halts(clock('14:09'), halted('AIG'), held(1, AIG))
      .at('14:10')
      .then(REPORTS),
    "a halt of another symbol is nobody's concern": halts(held(1, AIG), clock('14:10'), halted('BAC'))
      .at('14:10')
      .then(),
    'a symbol that trades again is not reported': halts(
      held(1, AIG),
      clock('14:09'),
      halted('AIG'),
      clock('14:10'),
      halted(),
    )
      .at('14:10')
      .then(),
    'a halt is not reported each minute': halts(
      held(1, AIG),
      ...[clock('14:10'), halted('AIG'), haltReported('14:09'), clock('14:11'), halted('AIG', 'BAC')],
    )
      .at('14:11')
      .then(),
    'the next halt is reported again': halts(
      held(1, AIG),
      ...[clock('14:10'), halted('AIG'), haltReported('14:09')],
      ...[clock('14:11'), halted('BAC'), clock('14:12'), halted('AIG')],
    )
      .at('14:12')
      .then(REPORTS),
    'a halt is reported at the end of a minute': halts(held(1, AIG), clock('14:10'), halted('AIG'))
      .at('14:10:05')
      .then(),
  });
});

const feed = (...facts: readonly Given[]) => ruleSpec(marketDataRule).given(...facts);

describe('market data', () => {
  ruleTable({
    'four silent minutes are no loss': feed().at('13:34').then(),
    'five silent minutes are a loss': feed().at('13:35').then('market data lost since 13:30'),
    'one symbol that trades is enough': feed(clock('13:34'), minute({ KO: { close: 40 } }))
      .at('13:38')
      .then(),
    'silence counts from the last trade': feed(clock('13:34'), minute({ KO: { close: 40 } }))
      .at('13:39')
      .then('market data lost since 13:34'),
    'a loss is reported once': feed(clock('13:35'), marketDataLost).at('13:36').then(),
    'a trade ends the loss': feed(clock('13:35'), marketDataLost, clock('13:40'), minute({ KO: { close: 40 } }))
      .at('13:40')
      .then('market data restored after 300 s'),
    'silence is judged at the end of a minute': feed().at('13:35:05').then(),
    'silence after the close of a half day is no loss': feed(closesAt('17:00')).at('17:01').then(),
  });
});
