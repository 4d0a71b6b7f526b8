import { wallClockOf, zonedToUtc } from '../../domain/calendar/clock-time.js';
import { EXCHANGE_ZONE } from '../../domain/calendar/nyse.js';
import { epochMs, MINUTE_MS, SECOND_MS, type DateText, type EpochMs } from '../../kernel/time.js';

const SHAPE =
  /^(\d{4})(\d{2})(\d{2})(?:-| {1,2})(\d{2}):(\d{2}):(\d{2})(?:\.\d{1,9})?(?: ([A-Za-z][A-Za-z0-9_+/ -]{0,40}))?$/;

/** Names of zones that gateways send and that are no names of the time zone database, or are offsets there. */
const ZONES: Readonly<Record<string, string>> = {
  EST: EXCHANGE_ZONE,
  EDT: EXCHANGE_ZONE,
  EST5EDT: EXCHANGE_ZONE,
  'US/Eastern': EXCHANGE_ZONE,
  'Eastern Standard Time': EXCHANGE_ZONE,
  CST: 'America/Chicago',
  CDT: 'America/Chicago',
  MST: 'America/Denver',
  MDT: 'America/Denver',
  PST: 'America/Los_Angeles',
  PDT: 'America/Los_Angeles',
  GMT: 'UTC',
  Z: 'UTC',
  'Greenwich Mean Time': 'UTC',
  CET: 'Europe/Berlin',
  CEST: 'Europe/Berlin',
};

/** Hours behind UTC of the names that say which of the two equal hours in autumn is meant. */
const BEHIND: Readonly<Record<string, number>> = { EST: 5, EDT: 4 };

/** The zone of a time of the gateway by its name there; undefined when it is no zone. */
export function zoneNamed(name: string): string | undefined {
  const zone = ZONES[name] ?? name;
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone: zone }).resolvedOptions().timeZone;
  } catch {
    return undefined;
  }
}

/**
 * A time as the gateway writes it: `20260105 09:31:00 US/Eastern`, `20260105-14:31:00` (UTC), or without a zone, which is then that of
 * the gateway. Of an hour that passes twice the first one is meant. Undefined for any other text.
 */
export function gatewayTime(text: string, gatewayZone: string = EXCHANGE_ZONE): EpochMs | undefined {
  const match = SHAPE.exec(text.trim());
  if (match === null) return undefined;
  const [, year = '', month = '', day = '', hour = '', minute = '', second = '', name] = match;
  const zone = name === undefined ? (text.includes('-') ? 'UTC' : gatewayZone) : zoneNamed(name);
  if (zone === undefined || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 60) return undefined;
  const date = `${year}-${month}-${day}`;
  const midnight = Date.parse(`${date}T00:00:00.000Z`);
  if (Number.isNaN(midnight) || new Date(midnight).toISOString().slice(0, 10) !== date) return undefined;
  const named = namedPass(midnight + (Number(hour) * 60 + Number(minute)) * MINUTE_MS, name ?? '');
  const at = named ?? zonedToUtc(date as DateText, `${hour}:${minute}`, zone);
  return epochMs(at + Math.min(Number(second), 59) * SECOND_MS);
}

/** The instant that a wall clock in New York shows `wall`, where the name says which side of the change it is on. */
function namedPass(wall: number, name: string): EpochMs | undefined {
  const behind = BEHIND[name];
  if (behind === undefined) return undefined;
  const at = epochMs(wall + behind * 60 * MINUTE_MS);
  const shown = wallClockOf(at, EXCHANGE_ZONE);
  return Date.parse(`${shown.date}T00:00:00.000Z`) + shown.minutes * MINUTE_MS === wall ? at : undefined;
}
