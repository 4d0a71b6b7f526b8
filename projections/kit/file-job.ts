import type { EventContext, EventType, RecordedEvent } from '../../src/events/event.js';
import { JobRun } from './job-run.js';
import type { After, FileText, KeptFile, Projection } from './projection.js';

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
  /** For a source that may come after its event: the types of the events, and the files that are missing and can be made by now. */
  readonly late?: { readonly types: readonly EventType[]; filesOf(tasks: readonly Task[]): readonly KeptFile[] };
}

/** A projection that is a job (JRN-20): an event makes files, and no state is kept between events. */
export function fileJob<Task>(job: FileJob<Task>): Projection {
  const { name, version, contexts, after = [], claims, late } = job;
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
    ...(late === undefined ? {} : { late: { types: late.types, start: () => new LateRun(job, late) } }),
    start: () => new FileRun(job),
  };
}

class FileRun<Task> extends JobRun<Task> {
  constructor(private readonly job: FileJob<Task>) {
    super();
  }

  override outputFiles(): readonly FileText[] {
    return this.dirty ? this.job.filesOf(this.items) : [];
  }

  protected override itemOf(event: RecordedEvent): Task | undefined {
    return this.job.taskOf(event);
  }
}

class LateRun<Task> extends JobRun<Task> {
  constructor(
    private readonly job: FileJob<Task>,
    private readonly late: NonNullable<FileJob<Task>['late']>,
  ) {
    super();
  }

  override keptFiles(): readonly KeptFile[] {
    return this.late.filesOf(this.items);
  }

  protected override itemOf(event: RecordedEvent): Task | undefined {
    return this.job.taskOf(event);
  }
}
