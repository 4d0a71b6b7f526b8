import { shortPosition, utcText, words } from '../../lib/format.js';

const MB = 1_000_000;
const POSITION = /^0\d{11,19}$/;
const AT_REST = /^\d{4}-\d{2}-\d{2}T[\d:.]+Z$/;

function textOf(value: string): string {
  if (AT_REST.test(value)) return `${utcText(value)} UTC`;
  return POSITION.test(value) ? shortPosition(value) : value;
}

/** "84 MB" of a number of bytes. */
export function memoryText(bytes: number): string {
  return `${Math.round(bytes / MB)} MB`;
}

/** What a process reports of itself, without what is empty and without lags of zero. */
export function reportsText(figures: Readonly<Record<string, string>>): string {
  return Object.entries(figures)
    .filter(([name, value]) => value !== '' && !(name.startsWith('lag') && value === '0'))
    .map(([name, value]) => `${words(name)} ${textOf(value)}`)
    .join(', ');
}
