import type { Projection } from '../../../projections/kit/projection.js';
import { invariant } from '../../kernel/errors.js';
import type { ProjectionTargets } from '../../ports/projection-targets.js';
import { SerialQueue } from '../journal/serial-queue.js';
import { openOrBuild, type Opened, type RebuildProgress } from './build-projections.js';
import { OpenProjections } from './open-projections.js';
import { checkProjections, type ProjectionCheck } from './projection-check.js';
import { projectionStatuses, type ProjectionStatus } from './projection-status.js';
import { runProjections, type EventSource, type ProjectedJournal } from './run-projections.js';

/** What a call of the projector did, and how all projections stand after it. */
export interface ProjectorReport {
  /** Events read from the journal by this call. */
  readonly events: number;
  readonly rebuilt: Opened['rebuilt'];
  readonly projections: readonly ProjectionStatus[];
}

/** The collaborators of a projector. */
interface ProjectorDeps {
  readonly journal: ProjectedJournal;
  readonly projections: readonly Projection[];
  readonly targets: ProjectionTargets;
  /** Events a page and a commit; 1000 when not given. */
  readonly pageSize?: number;
  /** Awaited between pages: a process that must hear others meanwhile lets its event loop turn here. */
  readonly breathe?: () => Promise<unknown>;
}

/**
 * Runs every projection over the journal, each event exactly once (JRN-21). One projector a home. A projection that
 * meets an event it cannot apply stops there, the others continue; a restart or a rebuild tries again.
 */
export class Projector {
  readonly #source: EventSource;
  readonly #open: OpenProjections;
  readonly #queue = new SerialQueue();
  #closed = false;

  constructor({ journal, projections, targets, pageSize = 1000, breathe }: ProjectorDeps) {
    invariant(pageSize >= 1 && pageSize <= 100_000, 'BAD_PAGE_SIZE', `a page of ${pageSize} events`);
    this.#source = { journal, pageSize, breathe };
    this.#open = new OpenProjections(projections, targets);
  }

  /** Brings all projections to the head of the journal as it is when this is called. Calls run one after the other. */
  catchUp(): Promise<ProjectorReport> {
    return this.#inTurn(async () => {
      const { events, rebuilt } = await openOrBuild(this.#open, this.#source);
      const read = await this.#run();
      if (rebuilt.length > 0) this.#open.renderWatchers();
      this.#open.keepStops();
      return { events: events + read, rebuilt, projections: await this.#statuses() };
    });
  }

  /** How all projections stand, without running them. */
  states(): Promise<readonly ProjectionStatus[]> {
    return this.#inTurn(async () => {
      await openOrBuild(this.#open, this.#source);
      return this.#statuses();
    });
  }

  /**
   * Builds the target again next to the old one, from the first event on, and swaps it in (JRN-22). An unknown name is
   * refused. When the journal cannot be applied to its end, the old target stays and the fault is thrown.
   */
  rebuild(name: string, onProgress?: RebuildProgress): Promise<ProjectorReport> {
    return this.#inTurn(async () => {
      const wanted = new Set(this.#open.chosen(name).map((projection) => projection.name));
      const { events, rebuilt } = await openOrBuild(this.#open, this.#source, { wanted, onProgress });
      this.#open.keepStops();
      return { events, rebuilt, projections: await this.#statuses() };
    });
  }

  /**
   * Brings the targets in use to the head, builds them again next to those, and compares (JRN-22). What is there stays
   * as it is, except what was missing or unreadable: opening had to build that, and it counts as a difference.
   */
  check(name: string, onProgress?: RebuildProgress): Promise<ProjectionCheck> {
    return this.#inTurn(async () => {
      this.#open.chosen(name);
      const { rebuilt } = await openOrBuild(this.#open, this.#source);
      await this.#run();
      this.#open.keepStops();
      this.#open.publish();
      return checkProjections(this.#open, this.#source, { name, rebuilt, onProgress });
    });
  }

  /** Databases in their final form: to be called when a session has ended and `catchUp` has run. */
  publish(): Promise<void> {
    return this.#inTurn(async () => {
      await openOrBuild(this.#open, this.#source);
      this.#open.publish();
    });
  }

  /** Publishes and lets go of all files. The journal is not closed: it is not ours. */
  async close(): Promise<void> {
    if (this.#closed) return;
    if (this.#open.runners().length > 0) await this.publish();
    await this.#inTurn(() => {
      this.#closed = true;
      this.#open.close();
      return Promise.resolve();
    });
  }

  #run(): Promise<number> {
    return runProjections(this.#source, this.#open.running());
  }

  #statuses(): Promise<readonly ProjectionStatus[]> {
    return projectionStatuses(this.#source.journal, this.#open.runners());
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    return this.#queue.run(() => {
      invariant(!this.#closed, 'PROJECTOR_CLOSED', 'the projector was used after it was closed');
      return work();
    });
  }
}
