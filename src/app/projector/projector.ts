import type { Projection } from '../../../projections/kit/projection.js';
import { invariant, TradeBotError } from '../../kernel/errors.js';
import { isOutputFault, OUTPUT_LOCKED, PowerCut, type ProjectionTargets } from '../../ports/projection-targets.js';
import { SerialQueue } from '../journal/serial-queue.js';
import { PortionedBuild } from './build-in-portions.js';
import { openOrBuild, type Opened, type RebuildProgress } from './build-projections.js';
import { keepEvidence } from './keep-evidence.js';
import { OpenProjections } from './open-projections.js';
import { checkProjections, type ProjectionCheck } from './projection-check.js';
import { projectionStatuses, type ProjectionStatus } from './projection-status.js';
import { runProjections, type EventSource, type ProjectedJournal } from './run-projections.js';

/** The result of a projector call, and the status of all projections after it. */
export interface ProjectorReport {
  /** Events read from the journal by this call. */
  readonly events: number;
  readonly rebuilt: Opened['rebuilt'];
  readonly projections: readonly ProjectionStatus[];
  /** What differs between the evidence on disk and the journal, a sentence for each file. */
  readonly evidence: readonly string[];
}

/** The collaborators of a projector. */
interface ProjectorDeps {
  readonly journal: ProjectedJournal;
  readonly projections: readonly Projection[];
  readonly targets: ProjectionTargets;
  /** Events per page and commit; 1000 when not given. */
  readonly pageSize?: number;
  /** Awaited between pages: lets a process that must stay responsive turn its event loop. */
  readonly breathe?: () => Promise<unknown>;
  /** Waits; given, a call that meets a locked file is repeated for up to a minute. Without it the caller repeats. */
  readonly pause?: (ms: number) => Promise<unknown>;
  /** Awaited before anything is built from the first event on; throws when the journal's chain is broken. */
  readonly verifyJournal?: () => Promise<void>;
}

/** Options of a build next to the projections in use. */
export interface PortionOptions {
  readonly onProgress?: RebuildProgress | undefined;
  /** Ends the build between two portions. */
  readonly stop?: AbortSignal | undefined;
}

/** Waits between two tries of a call that met a locked file, ms: with the lock wait of each try more than a minute. */
const LOCKED_PAUSES: readonly number[] = [50, 100, 200, 400, ...Array.from({ length: 30 }, () => 1_000)];

/**
 * Runs every projection over the journal, each event exactly once (JRN-21). One projector per home. A projection with
 * an event it cannot apply stops there, the others continue; a restart or a rebuild tries again.
 */
export class Projector {
  readonly #source: EventSource;
  readonly #open: OpenProjections;
  readonly #queue = new SerialQueue();
  readonly #pause: ProjectorDeps['pause'];
  #evidenceKept = false;
  #closed = false;

  constructor({ journal, projections, targets, pageSize = 1000, breathe, pause, verifyJournal }: ProjectorDeps) {
    invariant(pageSize >= 1 && pageSize <= 100_000, 'BAD_PAGE_SIZE', `a page of ${pageSize} events`);
    this.#source = { journal, pageSize, breathe, verify: verifyJournal ?? (() => Promise.resolve()) };
    this.#open = new OpenProjections(projections, targets);
    this.#pause = pause;
  }

  /** Brings all projections to the journal's head at the time of the call. Calls run one after the other. */
  catchUp(): Promise<ProjectorReport> {
    return this.#inTurn(async () => {
      const { events, rebuilt } = await openOrBuild(this.#open, this.#source);
      const read = await this.#run();
      await this.#keepEvidence();
      this.#open.renderWatchers();
      this.#open.keepStops();
      return { events: events + read, rebuilt, ...(await this.#found()) };
    });
  }

  /** The status of all projections, without running them. */
  states(): Promise<readonly ProjectionStatus[]> {
    return this.#inTurn(async () => {
      await openOrBuild(this.#open, this.#source);
      return this.#statuses();
    });
  }

  /**
   * Rebuilds the target next to the old one, from the first event on, and swaps it in (JRN-22). Throws for an unknown
   * name. When the journal cannot be applied to its end, the old target stays and the fault is thrown.
   */
  rebuild(name: string, onProgress?: RebuildProgress): Promise<ProjectorReport> {
    return this.#inTurn(async () => {
      const wanted = new Set(this.#open.chosen(name).map((projection) => projection.name));
      const { events, rebuilt } = await openOrBuild(this.#open, this.#source, { wanted, onProgress });
      await this.#keepEvidence();
      this.#open.keepStops();
      return { events, rebuilt, ...(await this.#found()) };
    });
  }

  /**
   * Brings the targets in use to the head, rebuilds them next to these, and compares (JRN-22). Existing targets stay
   * unchanged, except missing or unreadable ones: they are built first, which counts as a difference.
   */
  check(name: string, onProgress?: RebuildProgress): Promise<ProjectionCheck> {
    return this.#inTurn(async () => {
      this.#open.chosen(name);
      const { rebuilt } = await openOrBuild(this.#open, this.#source);
      await this.#run();
      await this.#keepEvidence();
      this.#open.keepStops();
      this.#open.publish();
      return checkProjections(this.#open, this.#source, { name, rebuilt, onProgress });
    });
  }

  /**
   * As `rebuild`, while all projections stay in use and follow the journal: only the last portion and the swap keep other
   * calls waiting. Throws REBUILD_CUT_OFF when `stop` aborts; every old file is kept then, as after any other fault.
   */
  rebuildInPortions(name: string, options: PortionOptions = {}): Promise<ProjectorReport> {
    return this.#inPortions(name, options, async (build) => {
      const rebuilt = build.names.map((one) => ({ name: one, reason: 'requested' }));
      const events = await this.#run();
      await build.swapIn((await this.#source.journal.head())?.position ?? null);
      await openOrBuild(this.#open, this.#source);
      await this.#run();
      this.#open.renderWatchers();
      await this.#keepEvidence();
      this.#open.keepStops();
      return { events, rebuilt, ...(await this.#found()) };
    });
  }

  /** As `check`, while all projections stay in use. Throws as `rebuildInPortions` does. */
  checkInPortions(name: string, options: PortionOptions = {}): Promise<ProjectionCheck> {
    return this.#inPortions(name, options, async (build) => {
      await this.#run();
      await this.#keepEvidence();
      this.#open.keepStops();
      this.#open.publish();
      return build.compare();
    });
  }

  /** What differs between the evidence on disk and the journal, as of the last call. */
  evidence(): readonly string[] {
    return this.#open.runners().flatMap(({ target }) => target.differences());
  }

  /** The next `catchUp` compares all evidence again, and makes again what is missing. */
  compareEvidenceAgain(): void {
    this.#evidenceKept = false;
  }

  /** Files of databases up to date, so that a copy of each alone is whole: to be called when a session has ended. */
  settle(): Promise<void> {
    return this.#inTurn(() => {
      this.#open.settle();
      return Promise.resolve();
    });
  }

  /** Databases in their final form: to be called after a session has ended and `catchUp` has run. */
  publish(): Promise<void> {
    return this.#inTurn(async () => {
      await openOrBuild(this.#open, this.#source);
      this.#open.publish();
    });
  }

  /** Publishes and closes all files. The journal stays open: its owner closes it. */
  async close(): Promise<void> {
    if (this.#closed) return;
    try {
      if (this.#open.runners().length > 0) await this.publish();
    } finally {
      await this.#inTurn(() => {
        this.#closed = true;
        this.#open.close();
        return Promise.resolve();
      });
    }
  }

  /** Builds shadows up to the head of the journal in portions, each in its turn, then finishes in one more turn. */
  async #inPortions<T>(
    name: string,
    { onProgress, stop }: PortionOptions,
    finish: (build: PortionedBuild) => Promise<T>,
  ): Promise<T> {
    this.#open.chosen(name);
    await this.#source.verify();
    const build = await this.#inTurn(async () => {
      await openOrBuild(this.#open, this.#source);
      return new PortionedBuild(this.#open, this.#source, name);
    });
    try {
      const upTo = (await this.#source.journal.head())?.position ?? null;
      while (await this.#inTurn(() => build.advance(upTo, onProgress))) {
        if (stop?.aborted === true) throw cutOff(name);
        await this.#source.breathe?.();
      }
      return await this.#inTurn(() => finish(build));
    } catch (error) {
      if (!(error instanceof PowerCut)) {
        await this.#inTurn(async () => {
          build.discard();
        });
      }
      throw error;
    }
  }

  #run(): Promise<number> {
    return runProjections(this.#source, this.#open.running());
  }

  /** After the start and when asked for: later events are compared as they come. */
  async #keepEvidence(): Promise<void> {
    if (this.#evidenceKept) return;
    await keepEvidence(this.#source, this.#open.runners());
    this.#evidenceKept = true;
  }

  async #found(): Promise<Pick<ProjectorReport, 'projections' | 'evidence'>> {
    return { projections: await this.#statuses(), evidence: this.evidence() };
  }

  #statuses(): Promise<readonly ProjectionStatus[]> {
    return projectionStatuses(this.#source.journal, this.#open.runners());
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    return this.#queue.run(() => {
      invariant(!this.#closed, 'PROJECTOR_CLOSED', 'the projector was used after it was closed');
      return this.#untilUnlocked(work);
    });
  }

  async #untilUnlocked<T>(work: () => Promise<T>): Promise<T> {
    for (const ms of this.#pause === undefined ? [] : LOCKED_PAUSES) {
      try {
        return await work();
      } catch (error) {
        if (!isOutputFault(error) || error.code !== OUTPUT_LOCKED) throw error;
        await this.#pause?.(ms);
      }
    }
    return work();
  }
}

function cutOff(name: string): TradeBotError {
  return new TradeBotError('LogicError', 'retry', {
    code: 'REBUILD_CUT_OFF',
    message: `the rebuild of ${name} was cut off by the end of the process; every file is as it was`,
    remedy: 'Ask for it again after the next start.',
  });
}
