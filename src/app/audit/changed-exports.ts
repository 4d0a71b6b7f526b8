import type { Sha256Hex } from '../../kernel/hash.js';
import type { Journal } from '../../ports/journal.js';
import type { PublishedExport } from './lost-history.js';

/** A published export as it is on disk. */
export interface ExportFile extends PublishedExport {
  readonly sha256: Sha256Hex;
}

/**
 * The files that differ from every export of their name in the journal. Events of earlier versions may have the same name
 * more than once, each of them a right answer; a file without an event is for `findLostHistory`.
 */
export async function changedExports(
  journal: Pick<Journal, 'readAll'>,
  files: readonly ExportFile[],
): Promise<readonly ExportFile[]> {
  if (files.length === 0) return [];
  const journaled = new Map<string, Set<string>>();
  for (const event of await journal.readAll({ filter: { types: ['OfxExported', 'BooksExported'] } })) {
    if (event.type !== 'OfxExported' && event.type !== 'BooksExported') continue;
    const format = event.type === 'OfxExported' ? 'ofx' : event.data.format;
    const key = `${format} ${event.data.name}`;
    journaled.set(key, (journaled.get(key) ?? new Set()).add(event.data.sha256));
  }
  return files.filter(({ format, name, sha256 }) => {
    const digests = journaled.get(`${format} ${name}`);
    return digests !== undefined && !digests.has(sha256);
  });
}
