import type { EventContext, RecordedEvent } from '../../src/events/event.js';
import { invariant } from '../../src/kernel/errors.js';
import type { After, FileText, Projection, ProjectionRun } from './projection.js';

export interface FileJob<Task> {
  readonly name: string;
  readonly version: number;
  readonly contexts: readonly EventContext[];
  /** The projections whose files the job reads; default none. */
  readonly after?: After;
  readonly claims: readonly string[];
  /** The task of an event; undefined when it has none. */
  taskOf(event: RecordedEvent): Task | undefined;
  /** The files of a batch of tasks, in order. It may read sources other than the journal; the same tasks give the same files. */
  filesOf(tasks: readonly Task[]): readonly FileText[];
}

/** A projection that is a job (JRN-20): an event makes files, and no state is kept between events. */
export function fileJob<Task>(job: FileJob<Task>): Projection {
  const { name, version, contexts, after = [], claims } = job;
  return {
    name,
    version,
    contexts,
    after,
    databasePath: null,
    schemaSql: '',
    logFiles: [],
    claims,
    keeps: null,
    start: () => new JobRun(job),
  };
}

class JobRun<Task> implements ProjectionRun {
  #tasks: Task[] = [];

  constructor(private readonly job: FileJob<Task>) {}

  get dirty(): boolean {
    return this.#tasks.length > 0;
  }

  apply(event: RecordedEvent): void {
    const task = this.job.taskOf(event);
    if (task !== undefined) this.#tasks.push(task);
  }

  outputFiles(): readonly FileText[] {
    return this.#tasks.length === 0 ? [] : this.job.filesOf(this.#tasks);
  }

  keptFiles(): readonly never[] {
    return [];
  }

  writeRows(): void {
    invariant(false, 'JOB_HAS_NO_ROWS', 'a job of files has no database');
  }

  logLines(): readonly never[] {
    return [];
  }

  stateFiles(): readonly never[] {
    return [];
  }

  stateText(): string {
    return '{}';
  }

  clear(): void {
    this.#tasks = [];
  }
}
