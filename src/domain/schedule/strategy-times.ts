import { clockTimeToUtc, zonedToUtc } from '../calendar/clock-time.js';
import { EXCHANGE_ZONE, isInCalendar, sessionOf } from '../calendar/nyse.js';
import { CONFIGURED_STRATEGIES, type ConfiguredStrategy, type HalfDayRule } from '../config/configured-strategies.js';
import { windowSettings } from '../config/running-strategies.js';
import type { Settings } from '../config/settings.js';
import { plusMs, type DateText, type EpochMs } from '../../kernel/time.js';

/** The hours of the bot on a day: those of the exchange, within MARKET_OPEN and MARKET_CLOSE. */
export interface BotHours {
  readonly date: DateText;
  readonly opensAt: EpochMs;
  readonly closesAt: EpochMs;
}

/** When the window of a strategy would begin on a day, by its setting and by what a half day does to it. */
export function strategyStart(settings: Settings, strategy: ConfiguredStrategy, hours: BotHours): EpochMs {
  const start = clockTimeToUtc(hours.date, windowSettings(settings, strategy).start);
  return startOnDay(settings, start, CONFIGURED_STRATEGIES[strategy].onHalfDays, hours);
}

/** A start by its setting, moved on a half day when its strategy keeps its distance from the close. */
export function startOnDay(settings: Settings, start: EpochMs, rule: HalfDayRule, hours: BotHours): EpochMs {
  if (rule === 'fixed') return start;
  return plusMs(start, Math.min(0, exchangeClose(settings, hours) - regularClose(hours.date)));
}

/**
 * When the exchange closes. The bot's own hours show it, unless MARKET_CLOSE ended them: a person who closes earlier does
 * not make the day a half day.
 */
function exchangeClose(settings: Settings, { date, closesAt }: BotHours): EpochMs {
  const { MARKET_CLOSE: ends } = settings;
  if (ends === null || closesAt < clockTimeToUtc(date, ends)) return closesAt;
  return (isInCalendar(date) ? sessionOf(date)?.closesAt : undefined) ?? regularClose(date);
}

function regularClose(date: DateText): EpochMs {
  return zonedToUtc(date, '16:00', EXCHANGE_ZONE);
}
