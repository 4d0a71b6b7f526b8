import type { Brand } from './brand.js';
import { configError } from './errors.js';

/** Milliseconds since 1970-01-01T00:00:00Z. */
export type EpochMs = Brand<number, 'EpochMs'>;
/** `2026-11-20T14:30:00.123Z`: the only format of stored times (P9). */
export type UtcText = Brand<string, 'UtcText'>;
/** `2026-11-20`: a calendar day of the exchange. */
export type DateText = Brand<string, 'DateText'>;

export const SECOND_MS = 1_000;
export const MINUTE_MS = 60_000;
export const DAY_MS = 86_400_000;

/** The last millisecond of the year 9999: a later time has no UTC text of the stored format. */
export const LATEST_TIME = 253_402_300_799_999;

/** The clock port (RUN-28): the only source of the time of day. */
export interface Clock {
  now(): EpochMs;
}

export function epochMs(ms: number): EpochMs {
  if (!Number.isSafeInteger(ms)) {
    throw configError({
      code: 'NOT_A_TIME',
      message: `${ms} is not a whole number of milliseconds`,
      remedy: 'Use UTC in milliseconds.',
    });
  }
  return ms as EpochMs;
}

export function plusMs(at: EpochMs, ms: number): EpochMs {
  return (at + ms) as EpochMs;
}

/** A clock may be set back by so much without a deadline counting as one of a wrong clock. */
const SET_BACK_MS = MINUTE_MS;

/**
 * Whether a deadline that lasts `lastsMs` is over: at its time, and also when it lies further away than it lasts, since the clock
 * that set it was ahead.
 */
export function isOver(deadline: EpochMs, lastsMs: number, now: EpochMs): boolean {
  return now >= deadline || deadline - now > lastsMs + SET_BACK_MS;
}

export function toUtcText(at: EpochMs): UtcText {
  return new Date(at).toISOString() as UtcText;
}

const UTC_SHAPE = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/;

export function parseUtcText(text: string): EpochMs {
  const ms = UTC_SHAPE.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(ms)) {
    throw configError({
      code: 'NOT_UTC',
      message: `"${text.slice(0, 40)}" is not a UTC time`,
      remedy: 'Write it as 2026-11-20T14:30:00.123Z.',
    });
  }
  return ms as EpochMs;
}

const DATE_SHAPE = /^\d{4}-\d{2}-\d{2}$/;

export function parseDateText(text: string): DateText {
  const ms = DATE_SHAPE.test(text) ? Date.parse(`${text}T00:00:00.000Z`) : Number.NaN;
  if (Number.isNaN(ms) || new Date(ms).toISOString().slice(0, 10) !== text) {
    throw configError({
      code: 'NOT_A_DATE',
      message: `"${text.slice(0, 40)}" is not a calendar date`,
      remedy: 'Write it as YYYY-MM-DD, such as 2013-10-07.',
    });
  }
  return text as DateText;
}

export function dateOf(at: EpochMs): DateText {
  return new Date(at).toISOString().slice(0, 10) as DateText;
}

/** The date `days` calendar days later, weekends included. */
export function addDays(date: DateText, days: number): DateText {
  return dateOf((Date.parse(`${date}T00:00:00.000Z`) + days * DAY_MS) as EpochMs);
}
