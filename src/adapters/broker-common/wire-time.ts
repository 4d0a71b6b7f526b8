import { dataError } from '../../kernel/errors.js';
import { epochMs, type EpochMs } from '../../kernel/time.js';

/** RFC 3339 with up to nanoseconds, `Z` or an offset; brokers mix these within one object. */
const RFC_3339 = /^(\d{4}-\d{2}-\d{2})[Tt ](\d{2}:\d{2}:\d{2})(?:\.(\d{1,12}))?([Zz]|[+-]\d{2}:\d{2})$/;

/** The time of a text of RFC 3339, cut to the millisecond. @throws DataError TIME_UNREADABLE (refuse) */
export function parseWireTime(text: string): EpochMs {
  const [, date = '', time = '', fraction = '', zone = ''] = RFC_3339.exec(text) ?? [];
  const millis = fraction.slice(0, 3).padEnd(3, '0');
  const ms = Date.parse(`${date}T${time}.${millis}${zone.toUpperCase()}`);
  if (date === '' || Number.isNaN(ms)) {
    throw dataError({
      code: 'TIME_UNREADABLE',
      message: `${JSON.stringify(text.slice(0, 60))} of an answer is not a time of RFC 3339`,
      remedy: 'Ask the broker what it means. Nothing was booked from this answer.',
    });
  }
  return epochMs(ms);
}
