import { Decimal, type DecimalText } from '../../src/kernel/decimal.js';
import type { Figures } from '../../src/events/names.js';

export type Cell = string | number | boolean | null | Figures;
/** One record of an output: column name to value. Every record of a file has the same columns, in one order. */
export type OutputRecord = Readonly<Record<string, Cell>>;
/** LOG_FORMAT: one JSON object a line, or CSV with a header (RFC 4180, but lines end in LF). */
export type LogFormat = 'json' | 'csv';

export function jsonLine(record: OutputRecord): string {
  return JSON.stringify(record);
}

export function csvHeader(columns: readonly string[]): string {
  return columns.map(csvCell).join(',');
}

/** Null is an empty cell; figures are JSON in one cell. */
export function csvLine(columns: readonly string[], record: OutputRecord): string {
  return columns.map((column) => csvCell(record[column] ?? null)).join(',');
}

function csvCell(value: Cell): string {
  if (value === null) return '';
  return csvField(typeof value === 'object' ? JSON.stringify(value) : String(value));
}

/** RFC 4180: quoted only when it holds a comma, a quote or a line end. */
export function csvField(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** An own member; a key such as `constructor` finds nothing. */
export function own<T>(record: Readonly<Record<string, T>>, key: string | null): T | undefined {
  return key !== null && Object.hasOwn(record, key) ? record[key] : undefined;
}

/** Figures as text, `last 13.85, limit 14.00`; empty without figures. */
export function figuresText(figures: Figures): string {
  return Object.entries(figures)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name} ${value}`)
    .join(', ');
}

/** A share as a fraction with four decimals; null when the whole is zero. */
export function fraction(part: number, whole: number): DecimalText | null {
  if (whole === 0) return null;
  return Decimal.of(part).divide(Decimal.of(whole), { scale: 4, round: 'halfEven' }).text();
}
