import type { ExchangeSession } from '../../domain/calendar/nyse.js';
import type { SettingKey, Settings } from '../../domain/config/settings.js';
import { botSession, noSessionReason, tradingHoursOf } from '../../domain/schedule/trading-hours.js';
import { configError } from '../../kernel/errors.js';
import { parseUtcText, toUtcText, type UtcText } from '../../kernel/time.js';
import type { PastSession } from './past-session.js';

const HOURS_KEYS: readonly SettingKey[] = ['TRADING_DAYS', 'MARKET_OPEN', 'MARKET_CLOSE'];

/**
 * The hours of the replay: those of the recorded session, or those that the changed settings give. Throws when they give no
 * session on that day, or one with minutes that the session did not record.
 */
export function replayedHours(
  { opened }: Pick<PastSession, 'opened'>,
  settings: Settings,
  changes: Readonly<Record<string, string>>,
): ExchangeSession {
  const { date, halfDay } = opened;
  const [opensAt, closesAt] = [parseUtcText(opened.opensAt), parseUtcText(opened.closesAt)];
  if (!HOURS_KEYS.some((key) => Object.hasOwn(changes, key))) return { date, opensAt, closesAt, halfDay };
  const hours = tradingHoursOf(settings);
  const session = botSession(date, hours);
  if (session === undefined) {
    throw configError({
      code: 'EXCHANGE_CLOSED',
      message: `with these settings there is no session on ${date}: ${noSessionReason(date, hours) ?? 'no hours'}`,
      remedy: 'Choose other values of TRADING_DAYS, MARKET_OPEN or MARKET_CLOSE.',
    });
  }
  if (session.opensAt < opensAt || session.closesAt > closesAt) {
    const asked = `${timeOf(toUtcText(session.opensAt))} to ${timeOf(toUtcText(session.closesAt))} UTC`;
    throw configError({
      code: 'HOURS_NOT_RECORDED',
      message: `the session of ${date} recorded ${timeOf(opened.opensAt)} to ${timeOf(opened.closesAt)} UTC, not ${asked}`,
      remedy: 'Choose hours within the recorded ones, or trade the day again with tradebot day.',
    });
  }
  return session;
}

const timeOf = (text: UtcText): string => text.slice(11, 16);
