import type { KnownExchange } from '../../domain/calendar/broker-day.js';
import { EXCHANGE_ZONE, type ExchangeSession } from '../../domain/calendar/nyse.js';
import { wallClockOf } from '../../domain/calendar/clock-time.js';
import type { Settings } from '../../domain/config/settings.js';
import { nextDue, type Due } from '../../domain/schedule/next-due.js';
import { tradingHoursOf } from '../../domain/schedule/trading-hours.js';
import type { EngineState } from '../../domain/session/engine-state.js';
import { closesLeftovers } from '../../domain/session/trading-permissions.js';
import { parseUtcText, type DateText, type EpochMs } from '../../kernel/time.js';
import type { SessionMarket } from './session-market.js';

/** What a stop or kill left open is closed on `day`, in an exchange that is open outside the bot's own session. */
export interface CloseLeftovers {
  readonly kind: 'close';
  readonly day: ExchangeSession;
}

/** The session of `day` is due, and the exchange is closed, or its market data cannot be used. */
export interface LeaveOut {
  readonly kind: 'leaveOut';
  readonly day: ExchangeSession;
  readonly reason: string;
}

/** What the loop knows besides the journal. */
export interface TaskInputs {
  readonly settings: Settings;
  readonly prepared: DateText | undefined;
  readonly market: Pick<SessionMarket, 'fault'>;
  /** The exchange as far as the broker has been asked about it. */
  readonly exchange: KnownExchange;
}

/** The session that the journal opened and did not close, with its own hours. */
export function unfinishedSession({ session }: EngineState): ExchangeSession | undefined {
  if (session === undefined || session.closed !== undefined) return undefined;
  const { date, opensAt, closesAt, halfDay } = session.opened;
  return { date, opensAt: parseUtcText(opensAt), closesAt: parseUtcText(closesAt), halfDay };
}

/** The closing of leftovers, or the wait for the exchange to open for it; undefined with nothing to close. */
export function closingOf(
  state: EngineState,
  now: EpochMs,
  exchange: KnownExchange,
): CloseLeftovers | { readonly kind: 'wait'; readonly until: EpochMs | undefined } | undefined {
  if (!closesLeftovers(state)) return undefined;
  const day = exchange.openAt(now);
  return day === undefined ? { kind: 'wait', until: exchange.nextOpenAfter(now) } : { kind: 'close', day };
}

/**
 * The next task of the loop (RUN-27). Whether the exchange is open is asked of its calendar and the broker's: a session that the bot has
 * closed, or has not begun, keeps no stop or kill from closing positions.
 */
export function nextTask(state: EngineState, now: EpochMs, inputs: TaskInputs): Due | CloseLeftovers | LeaveOut {
  const due = dueOf(state, now, inputs);
  const closing = closingOf(state, now, inputs.exchange);
  if (closing === undefined || due.kind === 'leaveOut') return due;
  if (due.kind !== 'wait' && due.day.opensAt <= now) return due;
  if (closing.kind === 'close') return closing;
  const opensFirst = due.kind === 'wait' && closing.until !== undefined && closing.until < due.until;
  return opensFirst ? { ...due, until: closing.until } : due;
}

/**
 * Closed sessions of a clock that was ahead do not count as the last one, but are not traded again. A day on which the broker
 * has the exchange closed, or that has no market data when it is due, is left out, once, and the next one is awaited.
 */
function dueOf(state: EngineState, now: EpochMs, inputs: TaskInputs): Due | LeaveOut {
  const { settings, prepared, exchange } = inputs;
  const { date: today } = wallClockOf(now, EXCHANGE_ZONE);
  const closed = [...state.closedSessions.keys()].sort();
  const unfinished = unfinishedSession(state);
  let lastClosed = closed.filter((date) => date <= today).at(-1);
  for (;;) {
    const due = nextDue(now, tradingHoursOf(settings), { lastClosed, unfinished, prepared, exchange });
    const day = due.kind === 'wait' ? due.next : due.day;
    if (day === undefined || unfinished !== undefined) return due;
    if (!state.closedSessions.has(day.date)) {
      const reason = whyLeftOut(due, day, inputs);
      if (reason === undefined && day.closesAt > now) return due;
      if (reason !== undefined && state.leftOut !== day.date) return { kind: 'leaveOut', day, reason };
    }
    lastClosed = day.date;
  }
}

function whyLeftOut(due: Due, day: ExchangeSession, { market, exchange }: TaskInputs): string | undefined {
  const limited = exchange.limit(day);
  if ('closed' in limited) return limited.closed;
  return due.kind === 'wait' ? undefined : market.fault(day.date);
}
