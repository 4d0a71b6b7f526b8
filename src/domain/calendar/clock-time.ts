import { configError } from '../../kernel/errors.js';
import { DAY_MS, epochMs, MINUTE_MS, type DateText, type EpochMs } from '../../kernel/time.js';

/** A time of day in a zone, as in START_TIME_* (RUN-27): `13:30` is UTC, `09:30@America/New_York` is local. */
export interface ClockTime {
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  /** IANA name, or `UTC`. */
  readonly zone: string;
}

const TIME_SHAPE = /^([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?(?:@([A-Za-z][A-Za-z0-9_+/-]{0,63}))?$/;

const formats = new Map<string, Intl.DateTimeFormat>();

/** Cached formatter per zone: creating one costs more than a thousand conversions. */
function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    calendar: 'gregory',
    numberingSystem: 'latn',
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  });
  formats.set(zone, made);
  return made;
}

/** Whether a zone is the name of an offset, such as EST or Etc/GMT+5, which daylight saving does not move. */
export function isFixedOffset(zone: string): boolean {
  return zone !== 'UTC' && (!zone.includes('/') || zone.startsWith('Etc/'));
}

function isZone(zone: string): boolean {
  try {
    formatOf(zone);
    return true;
  } catch {
    return false;
  }
}

/** Parses `HH:MM[:SS]` in UTC or `HH:MM[:SS]@Area/City`; undefined for another format or an unknown zone. */
export function clockTimeFromText(text: string): ClockTime | undefined {
  const match = TIME_SHAPE.exec(text);
  if (match === null) return undefined;
  const zone = match[4] ?? 'UTC';
  if (!isZone(zone)) return undefined;
  return { hour: Number(match[1]), minute: Number(match[2]), second: Number(match[3] ?? '0'), zone };
}

/** Like `clockTimeFromText`, but throws NOT_A_CLOCK_TIME. */
export function parseClockTime(text: string): ClockTime {
  const time = clockTimeFromText(text);
  if (time !== undefined) return time;
  throw configError({
    code: 'NOT_A_CLOCK_TIME',
    message: `"${text.slice(0, 60)}" is not a time of day`,
    remedy: 'Write HH:MM[:SS] in UTC, or with a zone such as 09:30@America/New_York.',
  });
}

const two = (n: number): string => n.toString().padStart(2, '0');

/** The shortest text that parses to the same time. */
export function clockTimeText(time: ClockTime): string {
  const seconds = time.second === 0 ? '' : `:${two(time.second)}`;
  const zone = time.zone === 'UTC' ? '' : `@${time.zone}`;
  return `${two(time.hour)}:${two(time.minute)}${seconds}${zone}`;
}

/** Since 2000 the clocks of all zones have changed on a quarter of an hour of UTC: the offset is asked for once in each. */
const QUARTER_MS = 15 * MINUTE_MS;
const QUARTERS_SINCE = Date.UTC(2000, 0, 1);
const KNOWN_OFFSETS = 4_096;
const offsets = new Map<string, number>();

/** Wall clock time in `zone` at `at`, in milliseconds as if it were UTC. */
function wallClockMs(at: number, zone: string): number {
  if (at < QUARTERS_SINCE) return askedWallClockMs(at, zone);
  const quarter = `${zone} ${Math.floor(at / QUARTER_MS)}`;
  const known = offsets.get(quarter);
  if (known !== undefined) return Math.floor(at / 1_000) * 1_000 + known;
  const shown = askedWallClockMs(at, zone);
  if (offsets.size >= KNOWN_OFFSETS) offsets.clear();
  offsets.set(quarter, shown - Math.floor(at / 1_000) * 1_000);
  return shown;
}

function askedWallClockMs(at: number, zone: string): number {
  const parts = new Map(
    formatOf(zone)
      .formatToParts(at)
      .map((part) => [part.type, part.value]),
  );
  const part = (name: Intl.DateTimeFormatPartTypes): number => Number(parts.get(name));
  return Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'));
}

/**
 * Converts wall clock time to UTC. A time skipped in spring uses the offset before the change (02:30 becomes 03:30); a
 * time repeated in autumn means its first occurrence.
 */
export function zonedToUtc(date: DateText, time: string, zone: string): EpochMs {
  const { hour, minute, second } = parseClockTime(time);
  return clockTimeToUtc(date, { hour, minute, second, zone });
}

/** Like `zonedToUtc` for a parsed time: the instant on `date` in its zone. */
export function clockTimeToUtc(date: DateText, time: ClockTime): EpochMs {
  const wall = Date.parse(`${date}T${two(time.hour)}:${two(time.minute)}:${two(time.second)}.000Z`);
  if (time.zone === 'UTC') return epochMs(wall);
  // one day earlier is on the other side of any clock change nearby
  const before = wall - DAY_MS;
  const after = wall + DAY_MS;
  const early = wall - (wallClockMs(before, time.zone) - before);
  if (wallClockMs(early, time.zone) === wall) return epochMs(early);
  const late = wall - (wallClockMs(after, time.zone) - after);
  return epochMs(wallClockMs(late, time.zone) === wall ? late : early);
}

/** Local date and minutes after midnight in `zone` at `at`. */
export function wallClockOf(at: EpochMs, zone: string): { readonly date: DateText; readonly minutes: number } {
  const shown = wallClockMs(at, zone);
  return {
    date: new Date(shown).toISOString().slice(0, 10) as DateText,
    minutes: Math.floor((shown % DAY_MS) / MINUTE_MS),
  };
}
