import { isRealDate } from '../../events/acceptance.js';
import { DAY_MS, parseDateText, type DateText } from '../../kernel/time.js';
import type { TextRow } from './text-rows.js';

/** A date may carry a time of day, which is ignored. */
const TIME = '(?:[T ]\\d{2}:\\d{2}(?::\\d{2}(?:\\.\\d+)?)?(?:Z|[+-]\\d{2}:?\\d{2})?)?';
const ISO = new RegExp(`^(\\d{4})-(\\d{2})-(\\d{2})${TIME}$`);
const COMPACT = /^(\d{4})(\d{2})(\d{2})$/;
const SLASHES = /^(\d{1,2})\/(\d{1,2})\/(\d{4})$/;
/** Rows of a daily series are this many days apart at most, but for a long weekend now and then. */
const DAILY_STEP = 4;

/** A row with its date. */
export interface DatedRow {
  readonly date: DateText;
  readonly row: TextRow;
}

/** The dated rows of a file, or the first line that contradicts. */
export type DatedRows =
  | { readonly kind: 'rows'; readonly rows: readonly DatedRow[] }
  | { readonly kind: 'fault'; readonly line: number; readonly says: string };

type Parts = readonly [year: string, month: string, day: string];

/**
 * The dates of all rows in one format: 2013-10-04, 20131004, or month/day/year. The order of day and month is decided over the
 * whole file: every date must exist, none in that format is on a weekend, and where both orders would do, the rows must be those of a daily
 * series in one of them only.
 */
export function datedRows(rows: readonly TextRow[], column: number): DatedRows {
  const textOf = ({ fields }: TextRow): string => fields[column] ?? '';
  const [first] = rows;
  const format = first === undefined ? undefined : [ISO, COMPACT, SLASHES].find((shape) => shape.test(textOf(first)));
  if (first === undefined || format === undefined)
    return { kind: 'fault', line: first?.line ?? 1, says: 'has no date' };
  const odd = rows.find((row) => !format.test(textOf(row)));
  if (odd !== undefined) return { kind: 'fault', line: odd.line, says: 'has no date in the format of the first row' };
  const readAs = (order: (parts: readonly string[]) => Parts): DatedRows =>
    withDates(rows, (row) => {
      const text = textOf(row);
      return { text, parts: order((format.exec(text) ?? []).slice(1, 4)), weekdaysOnly: format === SLASHES };
    });
  if (format !== SLASHES) return readAs(yearFirst);
  const american = readAs(monthFirst);
  if (american.kind === 'fault') return { ...american, says: `${american.says}: the dates are not month/day/year` };
  const european = readAs(dayFirst);
  if (european.kind === 'fault' || (isDaily(american.rows) && !isDaily(european.rows))) return american;
  return { kind: 'fault', line: first.line, says: `does not say whether ${textOf(first)} is month/day or day/month` };
}

interface RowDate {
  readonly text: string;
  readonly parts: Parts;
  /** Some series repeat the last close on weekends, so a weekend refutes nothing but the order of day and month. */
  readonly weekdaysOnly: boolean;
}

function withDates(rows: readonly TextRow[], dateOf: (row: TextRow) => RowDate): DatedRows {
  const dated: DatedRow[] = [];
  for (const row of rows) {
    const { text, parts, weekdaysOnly } = dateOf(row);
    const [year, month, day] = parts;
    const date = `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
    const { line } = row;
    if (!isRealDate(date)) return { kind: 'fault', line, says: `has the date ${text}, which does not exist` };
    if (weekdaysOnly && isWeekend(date)) return { kind: 'fault', line, says: `has the date ${text}, on a weekend` };
    dated.push({ date: parseDateText(date), row });
  }
  return { kind: 'rows', rows: dated };
}

function isWeekend(date: string): boolean {
  return new Date(`${date}T00:00:00.000Z`).getUTCDay() % 6 === 0;
}

const yearFirst = ([year = '', month = '', day = '']: readonly string[]): Parts => [year, month, day];
const monthFirst = ([month = '', day = '', year = '']: readonly string[]): Parts => [year, month, day];
const dayFirst = ([day = '', month = '', year = '']: readonly string[]): Parts => [year, month, day];

/** Whether most dates are at most a few days apart. */
function isDaily(rows: readonly DatedRow[]): boolean {
  const days = rows.map(({ date }) => Date.parse(date) / DAY_MS).sort((a, b) => a - b);
  const steps = days.slice(1).map((day, index) => day - (days[index] ?? day));
  return steps.length > 0 && steps.filter((step) => step <= DAILY_STEP).length * 2 > steps.length;
}
