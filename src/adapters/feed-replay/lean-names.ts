import { closedReason, isInCalendar } from '../../domain/calendar/nyse.js';
import { isRealDate } from '../../events/acceptance.js';
import type { TickerSymbol } from '../../events/names.js';
import { parseDateText, type DateText } from '../../kernel/time.js';
import type { NameCheck } from './zip.js';

const RESOLUTIONS = ['tick', 'second', 'minute', 'hour', 'daily'];
const KINDS = ['trade', 'quote', 'openinterest'];

/** The data that a zip of the layout must hold. */
export interface ZipContent {
  readonly symbol: TickerSymbol;
  readonly resolution: 'minute' | 'daily';
  /** Of minute files. */
  readonly date?: DateText;
  readonly kind?: 'trade' | 'quote';
}

/** `20131007`, as the layout writes dates. */
export function compact(date: DateText): string {
  return date.replaceAll('-', '');
}

/**
 * Compares the name inside a zip, such as `20131007_spy_minute_trade.csv` or `spy.csv`, with what the zip must hold. A name
 * may say less than that, but nothing else.
 */
export function contentCheck(content: ZipContent): NameCheck {
  return (name) => {
    const base = name.slice(name.lastIndexOf('/') + 1).toLowerCase();
    const odd = base
      .replace(/\.(csv|txt)$/, '')
      .split('_')
      .find((part) => part !== '' && part !== wantedPart(part, content));
    return odd === undefined ? undefined : `"${odd}" is not ${describe(content)}`;
  };
}

/** What a part of this kind must be; undefined when the content has none of it. */
function wantedPart(part: string, { symbol, resolution, date, kind }: ZipContent): string | undefined {
  if (/^\d{8}$/.test(part)) return date === undefined ? undefined : compact(date);
  if (RESOLUTIONS.includes(part)) return resolution;
  if (KINDS.includes(part)) return kind;
  return symbol.toLowerCase();
}

function describe({ symbol, resolution, date, kind }: ZipContent): string {
  const what = kind === undefined ? `${resolution} bars` : `${resolution} ${kind}s`;
  return `of the ${what} of ${symbol}${date === undefined ? '' : ` on ${date}`}`;
}

/** The trading days for which a folder has minute trades. */
export function daysIn(names: readonly string[]): readonly DateText[] {
  return names
    .map((name) => /^(\d{4})(\d{2})(\d{2})_trade\.zip$/i.exec(name))
    .filter((match) => match !== null)
    .map(([, year = '', month = '', day = '']) => `${year}-${month}-${day}`)
    .filter(isRealDate)
    .map(parseDateText)
    .filter((date) => isInCalendar(date) && closedReason(date) === undefined);
}
