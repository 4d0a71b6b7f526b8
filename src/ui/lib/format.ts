const MINUS = '\u2212';

/** Exact decimal text with thousands separators; nothing is rounded or computed. */
export function grouped(text: string): string {
  const [whole = '', fraction] = text.replace('-', '').split('.');
  const digits = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  return `${text.startsWith('-') ? MINUS : ''}${digits}${fraction === undefined ? '' : `.${fraction}`}`;
}

const DECIMAL = /^-?\d+(\.\d+)?$/;

/** Whether a text is an exact decimal number. */
export function isDecimal(text: string): boolean {
  return DECIMAL.test(text);
}

/** A value that may be a number: grouped when it is one, and as it is otherwise. */
export function groupedIfNumber(text: string): string {
  return isDecimal(text) ? grouped(text) : text;
}

/** Exact dollars: `$1,234.50`. */
export function dollars(text: string): string {
  const shown = grouped(text);
  return shown.startsWith(MINUS) ? `${MINUS}$${shown.slice(1)}` : `$${shown}`;
}

/** Which side of zero an exact decimal text is on. */
export function signOf(text: string): 'up' | 'down' | 'flat' {
  if (!/[1-9]/.test(text)) return 'flat';
  return text.startsWith('-') ? 'down' : 'up';
}

/** Words of a code: `graceful_closing_positions` is "graceful closing positions". */
export function words(code: string): string {
  return code.replaceAll('_', ' ');
}

/** With a capital letter at its start. */
export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** A projection as a person reads it: "Chart of accounts" of `coa`, "Float ledger" of `float-ledger`. */
export function projectionName(name: string): string {
  return name === 'coa' ? 'Chart of accounts' : capital(name.replaceAll('-', ' '));
}

/** "66.67%" of "0.6667", "\u22121.20%" of "-0.0120": moved by two places as text. */
export function percent(share: string): string {
  const [whole = '0', part = ''] = share.replace('-', '').split('.');
  const digits = `${whole}${part.padEnd(4, '0')}`.replace(/^0+(?=\d)/, '').padStart(3, '0');
  return `${share.startsWith('-') ? MINUS : ''}${digits.slice(0, -2)}.${digits.slice(-2)}%`;
}

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A span of whole seconds in its largest unit: "4 s", "12 min", "3 h", "2 d". */
export function span(seconds: number): string {
  if (seconds < MINUTE) return `${Math.max(0, Math.round(seconds))} s`;
  if (seconds < HOUR) return `${Math.floor(seconds / MINUTE)} min`;
  if (seconds < DAY) return `${Math.floor(seconds / HOUR)} h`;
  return `${Math.floor(seconds / DAY)} d`;
}

const NEW_YORK = new Intl.DateTimeFormat('en-US', {
  timeZone: 'America/New_York',
  ...{ hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' },
});
const LOCAL = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });

/** `2026-01-05 14:30:00` of an UTC text. */
export function utcText(utc: string): string {
  return utc.slice(0, 19).replace('T', ' ');
}

const MOMENT = /\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?Z/g;

/** A sentence of the program for a person: a capital letter at its start, and each moment in it as `2026-01-05 14:30:00 UTC`. */
export function sentence(text: string): string {
  return capital(text.replace(MOMENT, (utc) => `${utcText(utc)} UTC`));
}

const NEW_YORK_DAY = new Intl.DateTimeFormat('en-US', {
  timeZone: 'America/New_York',
  ...{ weekday: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' },
});

/** `Sat 10:00 ET`: weekday and time in New York. */
export function newYorkTime(utc: string): string {
  return `${NEW_YORK_DAY.format(new Date(utc)).replace(',', '')} ET`;
}

/** The same moment in New York and at the place of this browser, for a title. */
export function otherTimes(utc: string): string {
  const at = new Date(utc);
  return `${utcText(utc)} UTC \u00b7 ${NEW_YORK.format(at)} New York \u00b7 ${LOCAL.format(at)} here`;
}

/** A position without its leading zeros. */
export function shortPosition(position: string): string {
  return position.replace(/^0+(?=.)/, '');
}

/** Whether a text is a day of the calendar, such as 2013-10-07. */
export function isDay(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const at = new Date(`${text}T00:00:00.000Z`);
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(text);
}
