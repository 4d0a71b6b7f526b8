import { EXPORT_FORMATS } from '../../../app/exports/export-books.js';
import type { ExportFormat } from '../../../domain/home/home-paths.js';
import type { BookTaskState } from '../../ipc/messages.js';
import { ChoiceField, PartsField, TextField, TextsField, WholeField } from '../common/fields.js';
import { PageQuery } from '../common/paging.js';

const DAY = /^\d{4}-\d{2}-\d{2}$/;
const DAY_OR_NOW = /^(\d{4}-\d{2}-\d{2}|now)$/;
/** A format as a part of a path. */
export const EXPORT_FORMAT_SHAPE = new RegExp(`^(${EXPORT_FORMATS.join('|')})$`);
/** The name of an export as a part of a path. */
export const EXPORT_NAME_SHAPE = /^[A-Za-z0-9][A-Za-z0-9._-]{0,100}$/;
const KINDS = ['export', 'seal', 'rebuild', 'check', 'verify', 'backup'] as const;
const STATES = ['waiting', 'running', 'done', 'differs', 'failed', 'cut_off'] as const;

export class ExportInput {
  @ChoiceField(EXPORT_FORMATS, { description: 'File format.', example: 'ofx' })
  format!: ExportFormat;

  @TextField({
    ...{ description: 'One closed session; without session, from and to: the last one.', max: 10, optional: true },
    ...{ pattern: DAY, patternDescription: 'a day such as 2026-11-20', example: '2026-11-20' },
  })
  session?: string;

  @TextField({
    ...{ description: 'First day of a range.', max: 10, optional: true },
    ...{ pattern: DAY, patternDescription: 'a day such as 2026-11-20', example: '2026-11-01' },
  })
  from?: string;

  @TextField({
    ...{ description: 'Last day of the range, or now; in an open session it ends at the last entry so far.', max: 10 },
    ...{ optional: true, pattern: DAY_OR_NOW, patternDescription: 'a day such as 2026-11-20, or now', example: 'now' },
  })
  to?: string;
}

export class ProjectionInput {
  @TextField({
    ...{ description: 'Name of a projection, or all.', max: 40, optional: true, example: 'all' },
    ...{ pattern: /^[a-z][a-z-]*$/, patternDescription: 'the name of a projection, or all' },
  })
  name?: string;
}

export class BookTaskAnswer {
  @TextField({ description: 'Id of the task.', max: 100 })
  taskId!: string;

  @ChoiceField(KINDS, { description: 'What was asked for.' })
  kind!: BookTaskState['kind'];

  @TextField({ description: 'With what: format and range, or a projection.', min: 0, max: 200 })
  subject!: string;

  @TextField({ description: 'Who asked.', max: 200 })
  byName!: string;

  @TextField({ description: 'When it was asked for, UTC.', max: 30 })
  startedAt!: string;

  @ChoiceField(STATES, { description: 'How it stands; differs: done, and something is not as it should be.' })
  state!: BookTaskState['state'];

  @TextField({ description: 'How far it has come, while that is known.', max: 100, nullable: true })
  progress!: string | null;

  @TextField({ description: 'When it ended, UTC.', max: 30, nullable: true })
  endedAt!: string | null;

  @TextField({ description: 'Code of the error, when there was one.', max: 100, nullable: true })
  code!: string | null;

  @TextField({ description: 'The result in one sentence; null until it has ended.', max: 2_000, nullable: true })
  summary!: string | null;

  @TextsField({ description: 'What was found.', max: 100, each: 2_000 })
  findings!: readonly string[];

  @TextField({ description: 'The file that was made, within the home.', max: 500, nullable: true })
  file!: string | null;
}

export class BookTasksAnswer {
  @PartsField(() => BookTaskAnswer, { description: 'The newest tasks, the newest first.', max: 200 })
  tasks!: readonly BookTaskAnswer[];

  @TextsField({ description: 'Names of the projections that can be rebuilt or checked.', max: 100, each: 100 })
  projections!: readonly string[];
}

export class ExportsQuery extends PageQuery {}

class ExportAnswer {
  @ChoiceField(EXPORT_FORMATS, { description: 'File format.' })
  format!: ExportFormat;

  @TextField({ description: 'Name of the file without its extension.', max: 200 })
  name!: string;

  @TextField({ description: 'Name of the file.', max: 200 })
  fileName!: string;

  @TextField({ description: 'Begin of its range, UTC.', max: 30 })
  from!: string;

  @TextField({ description: 'End of its range, UTC; in an open session the last entry.', max: 30 })
  to!: string;

  @TextField({ description: 'Position of the last event of the journal that is in it.', max: 100 })
  upTo!: string;

  @TextField({ description: 'SHA-256 of the file, as the journal has it.', max: 64 })
  sha256!: string;

  @TextField({ description: 'When it was made, UTC.', max: 30 })
  at!: string;

  @TextField({ description: 'Who made it.', max: 200 })
  byName!: string;

  @WholeField({
    description: 'Size in bytes; null while there is no file.',
    max: Number.MAX_SAFE_INTEGER,
    nullable: true,
  })
  bytes!: number | null;

  @TextField({ description: 'Where to download it.', max: 300 })
  href!: string;
}

export class ExportsAnswer {
  @PartsField(() => ExportAnswer, { description: 'Exports, the newest first.', max: 200 })
  items!: readonly ExportAnswer[];

  @TextField({ description: 'Cursor of the next page; null when there is none.', max: 500, nullable: true })
  nextCursor!: string | null;
}
