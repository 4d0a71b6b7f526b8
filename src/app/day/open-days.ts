import { closedReason, nextTradingDay, sessionOf, type ExchangeSession } from '../../domain/calendar/nyse.js';
import type { Settings } from '../../domain/config/settings.js';
import { configError } from '../../kernel/errors.js';
import type { DateText } from '../../kernel/time.js';
import type { MarketDataFeed, RecordedSession } from '../../ports/market-data.js';

/** A trading day whose market data was checked and is available. */
export interface OpenedDay {
  readonly session: ExchangeSession;
  readonly market: () => RecordedSession;
}

/** Checked days kept in memory; in longer runs each day is opened again when it is traded. */
const DAYS_KEPT = 20;

export interface OpenDaysOptions {
  readonly feed: MarketDataFeed;
  readonly settings: Settings;
  /** The first day, and the number of trading days from it. */
  readonly from: DateText;
  readonly days: number;
}

/**
 * Trading days of the exchange that the settings include. All of them are opened before the first is traded and before
 * a home is made, so that bad input leaves nothing behind. Throws for a first day without trading, with the reason.
 */
export function openDays(options: OpenDaysOptions): readonly OpenedDay[] {
  const first = sessionOf(options.from);
  if (first === undefined || !tradesOn(options.settings, options.from)) {
    const why = closedReason(options.from) ?? 'its weekday is not in TRADING_DAYS';
    throw configError({
      code: 'EXCHANGE_CLOSED',
      message: `there is no trading on ${options.from}: ${why}`,
      remedy: `Choose a trading day; the next one is ${nextTradingDay(options.from)}.`,
    });
  }
  const days: OpenedDay[] = [];
  for (let date = options.from; days.length < options.days; date = nextTradingDay(date)) {
    const session = sessionOf(date);
    if (session === undefined || !tradesOn(options.settings, date)) continue;
    const opened = options.feed.openSession(date);
    const market = days.length < DAYS_KEPT ? () => opened : () => options.feed.openSession(session.date);
    days.push({ session, market });
  }
  return days;
}

const WEEKDAY_NAMES = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;

function tradesOn(settings: Settings, date: DateText): boolean {
  const weekday = WEEKDAY_NAMES[new Date(`${date}T00:00:00.000Z`).getUTCDay()];
  return settings.TRADING_DAYS.some((wanted) => wanted === weekday);
}
