import { addDays, type DateText } from '../../kernel/time.js';

/** Day of the week; 0 is Sunday. */
type Weekday = 0 | 1 | 2 | 3 | 4 | 5 | 6;
const SUNDAY: Weekday = 0;
const MONDAY: Weekday = 1;
const TUESDAY: Weekday = 2;
const WEDNESDAY: Weekday = 3;
const THURSDAY: Weekday = 4;
const FRIDAY: Weekday = 5;
const SATURDAY: Weekday = 6;

export function weekdayOf(date: DateText): Weekday {
  return new Date(`${date}T00:00:00.000Z`).getUTCDay() as Weekday;
}

function day(year: number, month: number, dayOfMonth: number): DateText {
  return new Date(Date.UTC(year, month - 1, dayOfMonth)).toISOString().slice(0, 10) as DateText;
}

/** The nth given weekday of a month, from 1. */
function nth(year: number, month: number, weekday: Weekday, n: number): DateText {
  const first = day(year, month, 1);
  return addDays(first, ((weekday - weekdayOf(first) + 7) % 7) + (n - 1) * 7);
}

function lastMonday(year: number, month: number): DateText {
  const last = addDays(day(year, month + 1, 1), -1);
  return addDays(last, -((weekdayOf(last) - MONDAY + 7) % 7));
}

/** A holiday on a Sunday is observed on Monday, one on a Saturday on Friday. */
function nearestWeekday(date: DateText): DateText {
  if (weekdayOf(date) === SUNDAY) return addDays(date, 1);
  return weekdayOf(date) === SATURDAY ? addDays(date, -1) : date;
}

/** A Sunday is observed on Monday; a Saturday is not observed, because Friday ends the accounting year (Rule 7.2). */
function newYear(year: number): DateText {
  const date = day(year, 1, 1);
  return weekdayOf(date) === SUNDAY ? addDays(date, 1) : date;
}

/** Easter of the Gregorian calendar (Meeus, Astronomical Algorithms, chapter 8), minus two days. */
function goodFriday(year: number): DateText {
  const golden = year % 19;
  const century = Math.floor(year / 100);
  const rest = year % 100;
  const leapRule = Math.floor((century + 8) / 25);
  const moon = Math.floor((century - leapRule + 1) / 3);
  const epact = (19 * golden + century - Math.floor(century / 4) - moon + 15) % 30;
  const sunday = (32 + 2 * (century % 4) + 2 * Math.floor(rest / 4) - epact - (rest % 4)) % 7;
  const late = Math.floor((golden + 11 * epact + 22 * sunday) / 451);
  const sum = epact + sunday - 7 * late + 114;
  return addDays(day(year, Math.floor(sum / 31), (sum % 31) + 1), -2);
}

interface HolidayRule {
  readonly name: string;
  readonly from: number;
  readonly on: (year: number) => DateText;
}

/** The holidays of the exchange, 1990 to 2035. */
const HOLIDAYS: readonly HolidayRule[] = [
  { name: "New Year's Day", from: 1990, on: newYear },
  { name: 'Martin Luther King Jr. Day', from: 1998, on: (year) => nth(year, 1, MONDAY, 3) },
  { name: "Washington's Birthday", from: 1990, on: (year) => nth(year, 2, MONDAY, 3) },
  { name: 'Good Friday', from: 1990, on: goodFriday },
  { name: 'Memorial Day', from: 1990, on: (year) => lastMonday(year, 5) },
  { name: 'Juneteenth', from: 2022, on: (year) => nearestWeekday(day(year, 6, 19)) },
  { name: 'Independence Day', from: 1990, on: (year) => nearestWeekday(day(year, 7, 4)) },
  { name: 'Labor Day', from: 1990, on: (year) => nth(year, 9, MONDAY, 1) },
  { name: 'Thanksgiving Day', from: 1990, on: (year) => nth(year, 11, THURSDAY, 4) },
  { name: 'Christmas Day', from: 1990, on: (year) => nearestWeekday(day(year, 12, 25)) },
];

/** Closures outside the rules. */
const SPECIAL_CLOSURES: Readonly<Record<string, string>> = {
  '1994-04-27': 'the day of mourning for Richard Nixon',
  '2001-09-11': 'the attacks of September 11',
  '2001-09-12': 'the attacks of September 11',
  '2001-09-13': 'the attacks of September 11',
  '2001-09-14': 'the attacks of September 11',
  '2004-06-11': 'the day of mourning for Ronald Reagan',
  '2007-01-02': 'the day of mourning for Gerald Ford',
  '2012-10-29': 'Hurricane Sandy',
  '2012-10-30': 'Hurricane Sandy',
  '2018-12-05': 'the day of mourning for George H. W. Bush',
  '2025-01-09': 'the day of mourning for Jimmy Carter',
};

/** Early closes outside the rules. */
const SPECIAL_EARLY_CLOSES: readonly string[] = ['1997-12-26', '1999-12-31', '2003-12-26'];

const holidaysByYear = new Map<number, ReadonlyMap<string, string>>();

function holidaysOf(year: number): ReadonlyMap<string, string> {
  const known = holidaysByYear.get(year);
  if (known !== undefined) return known;
  const rules = HOLIDAYS.filter((rule) => rule.from <= year);
  const made = new Map<string, string>(rules.map((rule) => [rule.on(year), rule.name]));
  holidaysByYear.set(year, made);
  return made;
}

/** Reason why the exchange is closed; undefined on a trading day. */
export function holidayOf(date: DateText): string | undefined {
  const weekday = weekdayOf(date);
  if (weekday === SATURDAY || weekday === SUNDAY) return 'a weekend';
  return holidaysOf(Number(date.slice(0, 4))).get(date) ?? SPECIAL_CLOSURES[date];
}

/** Early close around July 4 since 1995: on July 3, or for a Thursday holiday until 2012 on the Friday after. */
function isIndependenceHalfDay(date: DateText, year: number): boolean {
  if (year < 1995) return false;
  const feast = weekdayOf(day(year, 7, 4));
  const eveWeekdays: readonly Weekday[] = [TUESDAY, WEDNESDAY, FRIDAY];
  if (feast === THURSDAY) return date === day(year, 7, year < 2013 ? 5 : 3);
  return eveWeekdays.includes(feast) && date === day(year, 7, 3);
}

/** Local time of an early close; undefined on a full day. It was 14:00 until 1992 and is 13:00 since. */
export function earlyCloseOf(date: DateText): '13:00' | '14:00' | undefined {
  const year = Number(date.slice(0, 4));
  const usual = year < 1993 ? '14:00' : '13:00';
  if (date === day(year, 12, 24)) return usual;
  if (year >= 1992 && date === addDays(nth(year, 11, THURSDAY, 4), 1)) return usual;
  return isIndependenceHalfDay(date, year) || SPECIAL_EARLY_CLOSES.includes(date) ? '13:00' : undefined;
}
