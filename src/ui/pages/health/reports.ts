import { words } from '../../lib/format.js';

const MB = 1_000_000;

/** "84 MB" of a number of bytes. */
export function memoryText(bytes: number): string {
  return `${Math.round(bytes / MB)} MB`;
}

/** What a process reports of itself, without what is empty and without lags of zero. */
export function reportsText(figures: Readonly<Record<string, string>>): string {
  return Object.entries(figures)
    .filter(([name, value]) => value !== '' && !(name.startsWith('lag') && value === '0'))
    .map(([name, value]) => `${words(name)} ${value}`)
    .join(', ');
}
