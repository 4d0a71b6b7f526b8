import { wallClockOf } from '../calendar/clock-time.js';
import { EXCHANGE_ZONE, isInCalendar, sessionOf, type ExchangeSession } from '../calendar/nyse.js';
import type { Condition } from './condition.js';
import { BOT_STATES, hasEngine, type BotState } from '../lifecycle/bot-state.js';
import { botSession, noSessionReason, type TradingHours } from '../schedule/trading-hours.js';
import type { EpochMs } from '../../kernel/time.js';
import { timeWords } from './session-words.js';

/** What decides whether an entry can come now. */
export interface EntryFacts {
  readonly at: EpochMs;
  readonly botState: BotState;
  readonly stateReason: string;
  readonly hours: TradingHours;
  /** The session that is open or ahead; undefined when none is in sight. */
  readonly next: ExchangeSession | undefined;
  /** Everything that keeps the bot from being OK. */
  readonly conditions: readonly Condition[];
  /** A difference between books and broker holds entries. */
  readonly booksHoldEntries: boolean;
  /** A part that the watchdog found down holds entries. */
  readonly watchdogHoldsEntries: boolean;
}

/** Why no position is opened now. */
export type NotTradingReason = Pick<Condition, 'code' | 'text' | 'remedy'>;

/** Conditions with which no position is opened, most important first: what a person must do something about comes first. */
const HOLDING: readonly string[] = [
  'KILL_SWITCH',
  'BOT_IN_ERROR',
  'ENGINE_ABSENT',
  'POSITIONS_UNMANAGED',
  'ENGINE_WITHOUT_MAIN',
  'MAIN_SILENT',
  'CLOCK_FAULT',
  'STREAM_BLOCKED',
  'BOOKS_DIFFER',
  'HALTED_IN_SESSION',
  'CLOSING_IN_SESSION',
  'CLOSING_WAITS',
  'NOT_READY_IN_SESSION',
  'SELF_CHECK_FAILED',
  'ORDERS_REFUSED',
  'WATCH_DOWN',
  'BROKER_AWAY',
  'DATA_LOST',
  'TEST_MODE',
  'TRADES_DISABLED',
  'NO_STRATEGY_CAN_TRADE',
  'NO_STRATEGY',
  'NO_DATA_AHEAD',
  'SESSION_LEFT_OUT',
];

const NOTHING_TO_DO = 'Nothing has to be done.';

/** Every reason why no position is opened now, most important first; empty while entries are possible. */
export function notTradingReasons(facts: EntryFacts): readonly NotTradingReason[] {
  const held = HOLDING.flatMap((code) => facts.conditions.filter((one) => one.code === code && holds(one, facts)));
  const reasons = held.map(({ code, text, remedy }) => ({ code, text, remedy }));
  const state = reasons.some(({ code }) => SAYS_STATE.includes(code)) ? [] : stateReasons(facts);
  const all = [...reasons, ...state, ...calendarReasons(facts)];
  // a check that failed says what the bot waits for
  const isNamed = all.some(({ code }) => code === 'SELF_CHECK_FAILED');
  return isNamed ? all.filter(({ code }) => !CHECKING.includes(code)) : all;
}

/** These say that the parts are being checked. */
const CHECKING: readonly string[] = ['NOT_READY', 'NOT_READY_IN_SESSION'];

/** These name the state of the bot already. */
const SAYS_STATE: readonly string[] = [
  'BOT_IN_ERROR',
  'HALTED_IN_SESSION',
  'CLOSING_IN_SESSION',
  'CLOSING_WAITS',
  'NOT_READY_IN_SESSION',
];

function holds({ code, severity }: Condition, { booksHoldEntries, watchdogHoldsEntries }: EntryFacts): boolean {
  if (code === 'BOOKS_DIFFER') return booksHoldEntries;
  // a strategy that is left out holds no other one
  if (code === 'SELF_CHECK_FAILED') return severity === 'Critical';
  return code !== 'WATCH_DOWN' || watchdogHoldsEntries;
}

function stateReasons({ botState, stateReason }: EntryFacts): readonly NotTradingReason[] {
  const { stage } = BOT_STATES[botState];
  const because = stateReason === '' ? '' : `: ${stateReason}`;
  const one = (code: string, text: string, remedy: string): readonly NotTradingReason[] => [{ code, text, remedy }];
  switch (stage) {
    case 'setup':
      return one('NOT_SET_UP', 'the bot is not set up', 'Open the page of the bot and finish the set-up.');
    case 'registration':
      return one('NO_USER', 'no user is registered', 'Open the page of the bot and create the first account.');
    case 'starting':
      return one('NOT_READY', 'the bot is checking its parts', 'Wait; a check that fails is shown with its remedy.');
    case 'closing':
      return one(
        'CLOSING',
        `the bot is closing its positions${because}`,
        'Wait until it is stopped, then start it when it is to trade again.',
      );
    case 'resting':
      return one('STOPPED', `the bot is ${botState}${because}`, 'Start the bot when it is to trade again.');
    case 'goingDown':
      return one('ENDING', `the program is ending${because}`, 'Start it again with: tradebot run.');
    case 'active':
      return [];
  }
}

/** The exchange, the hours of the settings, or the market data have no session now. */
function calendarReasons({ at, hours, next, botState }: EntryFacts): readonly NotTradingReason[] {
  if (!hasEngine(botState)) return [];
  const { date } = wallClockOf(at, EXCHANGE_ZONE);
  const one = (code: string, text: string, remedy = NOTHING_TO_DO): readonly NotTradingReason[] => [
    { code, text, remedy },
  ];
  if (!isInCalendar(date)) {
    return one('NO_CALENDAR', `the exchange calendar does not have the year of ${date}`, 'Set the clock right.');
  }
  const session = botSession(date, hours);
  if (session === undefined) return noSession(at, hours, one);
  const { opensAt, closesAt } = session;
  if (at < opensAt) return one('BEFORE_OPEN', `the session of today opens at ${timeWords(opensAt)}`);
  if (at >= closesAt) return one('AFTER_CLOSE', `the session of today closed at ${timeWords(closesAt)}`);
  if (next?.date === date) return [];
  return one('NO_SESSION_TODAY', 'the session of today is over, or there is no market data for it');
}

function noSession(
  at: EpochMs,
  hours: TradingHours,
  one: (code: string, text: string, remedy?: string) => readonly NotTradingReason[],
): readonly NotTradingReason[] {
  const { date } = wallClockOf(at, EXCHANGE_ZONE);
  const reason = noSessionReason(date, hours) ?? 'it has no session';
  if (sessionOf(date) === undefined) return one('EXCHANGE_CLOSED', `the exchange is closed today (${reason})`);
  return one(
    'NO_TRADING_DAY',
    `today is no trading day: ${reason}`,
    'Change that setting when the bot is to trade today.',
  );
}
