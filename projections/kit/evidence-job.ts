import type { EventContext, EventType, RecordedEvent } from '../../src/events/event.js';
import { sha256Hex, type Sha256Hex } from '../../src/kernel/hash.js';
import { JobRun } from './job-run.js';
import type { After, KeptFile, Projection } from './projection.js';

export interface EvidenceJob<T extends EventType> {
  readonly name: string;
  readonly version: number;
  readonly contexts: readonly EventContext[];
  /** The projections whose files the job reads; default none. */
  readonly after?: After;
  readonly claims: readonly string[];
  /** The types of the events that make files. */
  readonly types: readonly T[];
  /** The files of one event. */
  filesOf(event: RecordedEvent<T>): readonly KeptFile[];
}

/** A projection of files that are evidence: they are written once, and only compared from then on (P5, P6). */
export function evidenceJob<T extends EventType>(job: EvidenceJob<T>): Projection {
  const { name, version, contexts, after = [], claims, types } = job;
  return {
    name,
    version,
    contexts,
    after,
    databasePath: null,
    schemaSql: '',
    logFiles: [],
    claims,
    keeps: types,
    start: () => new EvidenceRun(job),
  };
}

/** What the text of a kept file comes to, or the reason why it cannot be made as the journal says. */
export function remade(
  file: KeptFile,
): { readonly text: string | Uint8Array; readonly sha256: Sha256Hex } | { readonly why: string } {
  const text = file.text();
  const sha256 = sha256Hex(text);
  if (file.sha256 === null || file.sha256 === sha256) return { text, sha256 };
  return { why: file.earlier ?? 'the journal gives other bytes than its own digest' };
}

class EvidenceRun<T extends EventType> extends JobRun<RecordedEvent<T>> {
  readonly #types: ReadonlySet<string>;

  constructor(private readonly job: EvidenceJob<T>) {
    super();
    this.#types = new Set(job.types);
  }

  override keptFiles(): readonly KeptFile[] {
    return this.items.flatMap((event) => this.job.filesOf(event));
  }

  protected override itemOf(event: RecordedEvent): RecordedEvent<T> | undefined {
    return this.#types.has(event.type) ? (event as RecordedEvent<T>) : undefined;
  }
}
