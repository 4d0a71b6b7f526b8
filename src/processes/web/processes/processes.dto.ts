import { AnyField, PartsField, TextField, WholeField } from '../common/fields.js';

const MOST = Number.MAX_SAFE_INTEGER;

class ProcessAnswer {
  @TextField({ says: 'main, engine, projector, web or worker.', max: 20 })
  process!: string;

  @TextField({ says: 'starting, running, waiting to restart, stopping, stopped or given up.', max: 30 })
  state!: string;

  @WholeField({ says: 'Number of the process; null when there is none.', max: MOST, nullable: true })
  pid!: number | null;

  @TextField({ says: 'UTC.', max: 30, nullable: true })
  startedAt!: string | null;

  @WholeField({ says: 'Starts after the first.', max: MOST })
  restarts!: number;

  @TextField({ says: 'Last sign of life, UTC.', max: 30, nullable: true })
  aliveAt!: string | null;

  @WholeField({ says: 'Memory, bytes.', max: MOST, nullable: true })
  rssBytes!: number | null;

  @AnyField({ says: 'What it says of itself, by name.' })
  figures!: Readonly<Record<string, string>>;
}

export class ProcessesAnswer {
  @PartsField(() => ProcessAnswer, { says: 'One a process.', max: 20 })
  processes!: readonly ProcessAnswer[];
}
