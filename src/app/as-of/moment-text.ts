import type { Position } from '../../events/event.js';
import { configError } from '../../kernel/errors.js';
import { parseDateText, parseUtcText, toUtcText, type UtcText } from '../../kernel/time.js';
import type { Moment } from './as-of.js';

/** The forms of a time that every command takes, for help texts. */
export const TIME_FORMS =
  'a day (UTC) such as 2026-01-05, or a time such as 2026-01-05T15:00Z, with seconds or milliseconds';

const DAY = /^\d{4}-\d{2}-\d{2}$/;
const TIME = /^(\d{4}-\d{2}-\d{2})T((?:[01]\d|2[0-3]):[0-5]\d)(?::([0-5]\d)(?:\.(\d{1,3}))?)?Z$/;
/** Of the embedded journal, with or without its leading zeros. */
const SHORT = /^\d{1,16}$/;
/** Of a journal on a server. */
const ON_SERVER = /^\d{20}-\d{20}$/;

/**
 * The first or the last millisecond that a text names: what is left out (time of day, seconds, milliseconds) is its start
 * or its end. Throws ConfigError `NOT_UTC` or `NOT_A_DATE`.
 */
export function timeOfText(text: string, edge: 'first' | 'last'): UtcText {
  const first = edge === 'first';
  if (DAY.test(text)) return utc(`${parseDateText(text)}T${first ? '00:00:00.000' : '23:59:59.999'}Z`);
  const found = TIME.exec(text);
  if (found === null) throw notATime(text);
  const [, date = '', minute = '', second = first ? '00' : '59', fraction = ''] = found;
  return utc(`${parseDateText(date)}T${minute}:${second}.${fraction.padEnd(3, first ? '0' : '9')}Z`);
}

/** Whether a text is a position of either journal. */
export function isPosition(text: string): boolean {
  return SHORT.test(text) || ON_SERVER.test(text);
}

/** A position of the journal, or the end of a day or time. */
export function momentOfText(text: string): Moment {
  return isPosition(text) ? { position: positionOfText(text) } : { time: timeOfText(text, 'last') };
}

/** A plain number is a position of the embedded journal, which has 16 digits; other texts are used unchanged. */
export function positionOfText(text: string): Position {
  return (SHORT.test(text) ? text.padStart(16, '0') : text) as Position;
}

function utc(text: string): UtcText {
  return toUtcText(parseUtcText(text));
}

function notATime(text: string): Error {
  return configError({
    code: 'NOT_UTC',
    message: `"${text.slice(0, 40)}" is not a UTC time`,
    remedy: `Give ${TIME_FORMS}.`,
  });
}
