import { digestOf } from '../adapters/projection-targets/compare-files.js';
import { changedExports, type ExportFile } from '../app/audit/changed-exports.js';
import type { PublishedExport } from '../app/audit/lost-history.js';
import type { Journal } from '../ports/journal.js';

/** The published exports in the home whose bytes are not those that the journal has the digest of. */
export async function changedIn(
  journal: Pick<Journal, 'readAll'>,
  exports: readonly PublishedExport[],
): Promise<readonly ExportFile[]> {
  const files = exports.flatMap(({ path, format, name }): readonly ExportFile[] => {
    const sha256 = digestOf(path);
    return sha256 === undefined ? [] : [{ path, format, name, sha256 }];
  });
  return changedExports(journal, files);
}
