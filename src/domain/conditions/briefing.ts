import { EXCHANGE_ZONE, type ExchangeSession } from '../calendar/nyse.js';
import { wallClockOf } from '../calendar/clock-time.js';
import { BOT_STATES, type BotState } from '../lifecycle/bot-state.js';
import { botSession, nextSession, tradingHoursOf, type TradingHours } from '../schedule/trading-hours.js';
import { DEFAULT_SETTINGS } from '../config/settings.js';
import { SECOND_MS, toUtcText, type DateText, type EpochMs } from '../../kernel/time.js';
import type { Condition } from './condition.js';
import { notTradingReasons, type NotTradingReason } from './not-trading.js';
import { momentWords, sessionWords } from './session-words.js';
import type { AccountWords, StatusFile } from './status-file.js';

/** What a living engine says. */
export interface EngineFacts {
  readonly nextDate: DateText | undefined;
  /** The market data of the session that runs; undefined without one. */
  readonly feed?:
    { readonly state: string; readonly reason: string; readonly lastDataAt: EpochMs | undefined } | undefined;
  /** What a stop or kill has left to do; undefined while nothing is being closed. */
  readonly closing?: ClosingFacts | undefined;
}

/** What a stop or kill has left, as the engine says it. */
export interface ClosingFacts {
  readonly orders: number;
  readonly positions: number;
  /** Seconds that the limit of calls adds. */
  readonly seconds: number | undefined;
  /** The open positions and orders by name; it may be cut short. */
  readonly left: string;
  /** Order calls that the limit of the broker still allows now. */
  readonly calls: number | undefined;
}

/** What main knows when somebody opens the page or asks for the status. */
export interface BriefingFacts {
  /** Time of the bot's world, and of the machine. */
  readonly at: EpochMs;
  readonly machineAt: EpochMs;
  /** How many times faster than the machine's clock the bot's world goes. */
  readonly speed: number;
  /** Null before the set-up. */
  readonly identity: string | null;
  /** Whether orders reach no market; null before the set-up. */
  readonly simulated: boolean | null;
  readonly botState: BotState;
  readonly stateReason: string;
  readonly file: StatusFile | undefined;
  /** The next session as a living engine has it: a date, or undefined when it says none. */
  readonly engine: EngineFacts | undefined;
  readonly conditions: readonly Condition[];
}

/** A session in words and in UTC; the times are null when none is in sight. */
export interface NextSession {
  readonly text: string;
  readonly date: string | null;
  readonly opensAt: string | null;
  readonly closesAt: string | null;
}

/** The market data of the session at the present time. */
export interface MarketDataNow {
  readonly state: string;
  /** Why it is not connected; may be empty. */
  readonly reason: string;
  /** Seconds since the last data; null before the first. */
  readonly ageSeconds: number | null;
  readonly text: string;
}

/** The way to flat. */
export interface ClosingNow {
  /** Since when; null while the status file does not say. */
  readonly since: string | null;
  readonly ordersLeft: number;
  readonly positionsLeft: number;
  /** Seconds that the limit of calls of the broker adds; null without one. */
  readonly expectedSeconds: number | null;
  readonly text: string;
}

/** Which bot this is, what time it is there, when it trades next, and why it does not trade now. */
export interface Briefing {
  readonly identity: string | null;
  readonly simulated: boolean | null;
  readonly clock: {
    /** Time of the bot's world, UTC and in words. */
    readonly utc: string;
    readonly text: string;
    /** How many times faster than the machine's clock it goes, such as 60. */
    readonly speed: string;
    /** The machine's time, UTC. */
    readonly machine: string;
  };
  readonly nextSession: NextSession;
  /** Whose money orders move; null before the first start. */
  readonly account: AccountWords | null;
  /** State and age of the market data; null without a session. */
  readonly marketData: MarketDataNow | null;
  /** How far a stop or kill is; null while nothing is being closed. */
  readonly closing: ClosingNow | null;
  /** Most important first; empty while entries are possible. */
  readonly notTrading: readonly NotTradingReason[];
}

/** The briefing of these facts. */
export function briefingOf(facts: BriefingFacts): Briefing {
  const { at, machineAt, speed, identity, simulated, botState, stateReason, file, conditions } = facts;
  const hours = file?.hours ?? tradingHoursOf(DEFAULT_SETTINGS);
  const next = nextOf(facts, hours);
  return {
    identity,
    simulated,
    clock: { utc: toUtcText(at), text: momentWords(at), speed: String(speed), machine: toUtcText(machineAt) },
    nextSession: {
      text: nextSessionText(facts, next),
      date: next?.date ?? null,
      opensAt: next === undefined ? null : toUtcText(next.opensAt),
      closesAt: next === undefined ? null : toUtcText(next.closesAt),
    },
    account: file?.account ?? null,
    marketData: marketDataOf(facts),
    closing: closingOf(facts),
    notTrading: notTradingReasons({
      ...{ at, botState, stateReason, hours, next, conditions },
      booksHoldEntries: file?.booksHoldEntries ?? false,
      watchdogHoldsEntries: file?.watchdogHoldsEntries ?? false,
    }),
  };
}

function marketDataOf({ at, engine }: BriefingFacts): MarketDataNow | null {
  if (engine?.feed === undefined) return null;
  const { state, reason, lastDataAt } = engine.feed;
  const ageSeconds = lastDataAt === undefined ? null : Math.max(0, Math.round((at - lastDataAt) / SECOND_MS));
  const age = ageSeconds === null ? 'no data yet' : `last data ${ageSeconds} s ago`;
  return { state, reason, ageSeconds, text: `${state}, ${age}${reason === '' ? '' : `: ${reason}`}` };
}

function closingOf({ at, botState, engine, file }: BriefingFacts): ClosingNow | null {
  if (engine?.closing === undefined) return null;
  const { orders, positions, seconds, left, calls } = engine.closing;
  const sinceAt = file?.botState === botState ? file.stateSince : undefined;
  const since = sinceAt === undefined ? null : toUtcText(sinceAt);
  const soFar = Math.max(0, Math.floor((at - (sinceAt ?? at)) / SECOND_MS));
  const begun = since === null ? '' : ` ${soFar} s after ${since}`;
  const room = calls === undefined ? '' : `, ${calls} order calls free`;
  const limit = seconds === undefined || seconds === 0 ? '' : `, about ${seconds} s by the limit of the broker`;
  return {
    ...{ since, ordersLeft: orders, positionsLeft: positions, expectedSeconds: seconds ?? null },
    text: `${positions} positions and ${orders} orders left${begun}${limit}${room}${left === '' ? '' : `: ${left}`}`,
  };
}

/** That of the engine, which knows the days with market data; by the calendar while none lives. */
function nextOf({ at, engine, file }: BriefingFacts, hours: TradingHours): ExchangeSession | undefined {
  if (engine !== undefined) return engine.nextDate === undefined ? undefined : botSession(engine.nextDate, hours);
  const today = wallClockOf(at, EXCHANGE_ZONE).date;
  const last = file?.lastClosed;
  return nextSession(at, hours, last !== undefined && last >= today ? last : undefined);
}

const NONE_AHEAD = 'none in sight: no day ahead is a trading day with market data';

/** When the bot trades next, in words; a bot that waits for a person says for what. */
function nextSessionText({ at, botState, conditions }: BriefingFacts, next: ExchangeSession | undefined): string {
  const { stage } = BOT_STATES[botState];
  if (stage === 'setup') return 'none until the bot is set up';
  if (stage === 'registration') return 'none until the first user is registered';
  if (stage === 'goingDown') return 'none: the program is ending';
  const words = next === undefined ? NONE_AHEAD : sessionWords(next, at);
  const killed = conditions.some(({ code }) => code === 'KILL_SWITCH');
  if (killed) return `entries off until you reset the kill switch and start the bot; then: ${words}`;
  if (stage === 'resting') return `none until you start the bot; then: ${words}`;
  if (stage === 'closing') return `none until positions are closed and you start the bot; then: ${words}`;
  return words;
}
