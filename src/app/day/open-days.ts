import { nextTradingDay, type ExchangeSession } from '../../domain/calendar/nyse.js';
import type { Settings } from '../../domain/config/settings.js';
import { botSession, firstSessionAfter, noSessionReason, tradingHoursOf } from '../../domain/schedule/trading-hours.js';
import { configError, type TradeBotError } from '../../kernel/errors.js';
import type { DateText } from '../../kernel/time.js';
import type { RecordedSession, ReplayedFeed } from '../../ports/market-data.js';

/** A trading day whose market data was checked and is available. */
export interface OpenedDay {
  readonly session: ExchangeSession;
  readonly market: () => RecordedSession;
  /** The feed that the data is of. */
  readonly feed: ReplayedFeed;
}

/** Checked days kept in memory; in longer runs each day is opened again when it is traded. */
const DAYS_KEPT = 20;

export interface OpenDaysOptions {
  readonly feed: ReplayedFeed;
  readonly settings: Settings;
  /** The first day, and the number of trading days from it. */
  readonly from: DateText;
  readonly days: number;
}

/**
 * Sessions of the bot by its settings (RUN-27), with the hours that a running bot would keep. All of them are opened before
 * the first is traded and before a home is made, so that bad input leaves nothing behind. Throws for a first day without
 * a session, with the reason and the next day that has one.
 */
export function openDays(options: OpenDaysOptions): readonly OpenedDay[] {
  const hours = tradingHoursOf(options.settings);
  const why = noSessionReason(options.from, hours);
  if (why !== undefined) throw noTrading(options, why);
  const days: OpenedDay[] = [];
  for (let date = options.from; days.length < options.days; date = nextTradingDay(date)) {
    const session = botSession(date, hours);
    if (session === undefined) continue;
    const { feed } = options;
    const opened = feed.openSession(date);
    const market = days.length < DAYS_KEPT ? () => opened : () => feed.openSession(session.date);
    days.push({ session, market, feed });
  }
  return days;
}

/** The proposed day obeys every rule that refused the first one. */
function noTrading({ from, settings }: OpenDaysOptions, why: string): TradeBotError {
  const next = firstSessionAfter(from, tradingHoursOf(settings));
  return configError({
    code: 'EXCHANGE_CLOSED',
    message: `there is no trading on ${from}: ${why}`,
    remedy:
      next === undefined
        ? 'Change TRADING_DAYS, MARKET_OPEN or MARKET_CLOSE: no day of the next forty is a trading day of this bot.'
        : `Choose a trading day; the next one is ${next.date}.`,
  });
}
