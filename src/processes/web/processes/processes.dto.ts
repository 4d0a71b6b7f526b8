import { AnyField, PartsField, TextField, WholeField } from '../common/fields.js';

const MOST = Number.MAX_SAFE_INTEGER;

class ProcessAnswer {
  @TextField({ description: 'main, engine, projector, web or worker.', max: 20 })
  process!: string;

  @TextField({ description: 'starting, running, waiting to restart, stopping, stopped or given up.', max: 30 })
  state!: string;

  @WholeField({ description: 'Process id; null when it is not running.', max: MOST, nullable: true })
  pid!: number | null;

  @TextField({ description: 'UTC.', max: 30, nullable: true })
  startedAt!: string | null;

  @WholeField({ description: 'Number of restarts.', max: MOST })
  restarts!: number;

  @TextField({ description: 'Last heartbeat, UTC.', max: 30, nullable: true })
  aliveAt!: string | null;

  @WholeField({ description: 'Memory, bytes.', max: MOST, nullable: true })
  rssBytes!: number | null;

  @AnyField({ description: 'Details reported by the process, by name.' })
  figures!: Readonly<Record<string, string>>;
}

export class ProcessesAnswer {
  @PartsField(() => ProcessAnswer, { description: 'One entry per process.', max: 20 })
  processes!: readonly ProcessAnswer[];
}
