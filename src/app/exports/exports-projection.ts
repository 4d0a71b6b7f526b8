import { evidenceJob } from '../../../projections/kit/evidence-job.js';
import type { KeptFile, Projection } from '../../../projections/kit/projection.js';
import { RENDERER_VERSION } from '../../../projections/exports/renderer.js';
import type { HomePaths } from '../../domain/home/home-paths.js';
import { chainKindOf } from '../../domain/audit/chain.js';
import type { Position, RecordedEvent } from '../../events/event.js';
import { EXPORT_FORMATS, renderExport, type StatementSource } from './export-books.js';

export interface ExportsProjectionParts {
  readonly paths: HomePaths;
  readonly statement: StatementSource;
}

/**
 * The export job (JRN-20, ACC-71): writes the file of each OfxExported or BooksExported from the ledger as of that
 * event. It reads another projection's books and therefore runs after it. The digest in the event proves that a file is
 * the original export: one that has it is not rendered again, and no file is ever replaced.
 */
export function exportsProjection({ paths, statement }: ExportsProjectionParts): Projection {
  return evidenceJob({
    name: 'exports',
    version: 2,
    contexts: ['reporting'],
    after: ['ledger'],
    claims: EXPORT_FORMATS.map((format) => paths.exportFile(format, 'ANY').replace('ANY', '*')),
    types: ['OfxExported', 'BooksExported'],
    filesOf: (event: RecordedEvent<'OfxExported'> | RecordedEvent<'BooksExported'>) => [
      exportOf(event, { paths, statement }),
    ],
  });
}

function exportOf(
  event: RecordedEvent<'OfxExported'> | RecordedEvent<'BooksExported'>,
  { paths, statement }: ExportsProjectionParts,
): KeptFile {
  const { name, range, sha256, renderer = 1 } = event.data;
  const { entries = { after: null, upTo: event.position } } = event.data;
  const format = event.type === 'OfxExported' ? 'ofx' : event.data.format;
  return {
    path: paths.exportFile(format, name),
    sha256,
    text: () => renderExport(format, statement({ range, entries })),
    earlier:
      renderer === RENDERER_VERSION
        ? madeElsewhere(entries.upTo, event.position)
        : `version ${renderer} of the export formats made it, this program has version ${RENDERER_VERSION}`,
  };
}

/** The entries of a statement are named by positions, and another journal gives its events others. */
function madeElsewhere(upTo: Position, at: Position): string | null {
  const isOfThisJournal = chainKindOf(upTo) === chainKindOf(at) && upTo <= at;
  return isOfThisJournal ? null : 'it was made before the journal was moved: restore the file from the earlier home';
}
