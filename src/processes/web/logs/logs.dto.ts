import { PartsField, TextField, TextsField, WholeField } from '../common/fields.js';

const MOST = Number.MAX_SAFE_INTEGER;

export class LogQueryInput {
  @WholeField({
    description: 'Maximum number of lines, from the end.',
    min: 1,
    max: 1_000,
    optional: true,
    example: 200,
  })
  tail?: number;

  @TextField({ description: 'Text that the lines must contain; case does not matter.', max: 200, optional: true })
  search?: string;

  @WholeField({ description: 'The value of older from the previous page.', max: MOST, optional: true })
  cursor?: number;
}

class LogAnswer {
  @TextField({ description: 'Name for GET /api/logs/{name}.', max: 60 })
  name!: string;

  @WholeField({ description: 'Size in bytes; 0 for a log that does not exist yet.', max: MOST })
  bytes!: number;

  @TextField({ description: 'Last change, UTC.', max: 30, nullable: true })
  changedAt!: string | null;
}

export class LogsAnswer {
  @PartsField(() => LogAnswer, { description: 'Logs that this user may read.', max: 100 })
  logs!: readonly LogAnswer[];
}

export class LogLinesAnswer {
  @TextField({ description: 'The log.', max: 60 })
  name!: string;

  @TextsField({ description: 'Lines of the file, oldest first.', max: 1_000, each: 8_000 })
  lines!: readonly string[];

  @WholeField({ description: 'Cursor for older lines; null at the beginning of the file.', max: MOST, nullable: true })
  older!: number | null;

  @WholeField({ description: 'Size of the file, bytes.', max: MOST })
  bytes!: number;
}
