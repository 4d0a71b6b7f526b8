import type { EventData, Position, RecordedEvent } from '../../events/event.js';
import type { ExportFormat } from '../../domain/home/home-paths.js';
import type { Sha256Hex } from '../../kernel/hash.js';
import type { Journal } from '../../ports/journal.js';

/** An export as the journal has it. */
export interface JournaledExport {
  readonly format: ExportFormat;
  /** File name without its extension. */
  readonly name: string;
  readonly range: EventData<'OfxExported'>['range'];
  /** Position of the last event that is in it. */
  readonly upTo: Position;
  readonly sha256: Sha256Hex;
  readonly at: string;
  readonly actor: string;
  readonly position: Position;
}

const TYPES = ['OfxExported', 'BooksExported'] as const;

/** The newest exports before a position, the newest first; one file may be named more than once by events of 0.2.0. */
export async function newestExports(
  journal: Pick<Journal, 'readAll'>,
  { limit, before }: { readonly limit: number; readonly before?: Position | undefined },
): Promise<readonly JournaledExport[]> {
  const after = before === undefined ? {} : { after: before };
  const events = await journal.readAll({ direction: 'backwards', limit, filter: { types: TYPES }, ...after });
  return events.flatMap(exportOf);
}

/** The newest export of a format by its name; undefined when there is none. */
export async function journaledExport(
  journal: Pick<Journal, 'readAll'>,
  format: string,
  name: string,
): Promise<JournaledExport | undefined> {
  const events = await journal.readAll({ direction: 'backwards', filter: { types: TYPES } });
  return events.flatMap(exportOf).find((one) => one.format === format && one.name === name);
}

function exportOf(event: RecordedEvent): readonly JournaledExport[] {
  if (event.type !== 'OfxExported' && event.type !== 'BooksExported') return [];
  const { name, range, sha256, entries } = event.data;
  const format = event.type === 'OfxExported' ? 'ofx' : event.data.format;
  const { position, recordedAt: at, meta } = event;
  const upTo = entries?.upTo ?? position;
  return [{ format, name, range, upTo, sha256, at, actor: meta.actor, position }];
}
