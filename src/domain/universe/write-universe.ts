import type { BlockedSymbol } from './blocklist.js';
import type { UniverseRow } from './enrich.js';
import { excludedBy, exclusions, type JudgedRow } from './select.js';
import type { UniverseHeader } from './universe-file.js';

/** JSON with one row a line, so that two builds can be compared by lines. */
function documentText(head: object, rows: readonly object[]): string {
  const opening = JSON.stringify(head).slice(0, -1);
  const lines = rows.map((row) => JSON.stringify(row)).join(',\n');
  return `${opening},"symbols":[\n${lines}${lines === '' ? '' : '\n'}]}\n`;
}

/** The listed symbols, as the providers list them. */
export function rawText(header: UniverseHeader, rows: readonly UniverseRow[]): string {
  return documentText({ ...header, count: rows.length }, rows);
}

/** All symbols with all that is known of them, each with the rule that leaves it out. */
export function unfilteredText(
  header: UniverseHeader,
  blocklist: readonly BlockedSymbol[],
  judged: readonly JudgedRow[],
): string {
  const rows = judged.map((one) => ({ ...one.row, excluded_by: excludedBy(one)?.code ?? null }));
  return documentText({ ...header, blocklist, count: rows.length }, rows);
}

/** The universe of the sessions after its date, the most traded first. */
export function publishedText(header: UniverseHeader, judged: readonly JudgedRow[]): string {
  const chosen = judged.filter((one) => one.chosen).sort((a, b) => (a.rank ?? 0) - (b.rank ?? 0));
  const rows = chosen.map(({ row, rank }) => ({ rank, ...row }));
  return documentText({ ...header, count: rows.length, excluded: exclusions(judged) }, rows);
}
