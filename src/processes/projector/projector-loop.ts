import { setImmediate as turnOfTheLoop, setTimeout as pause } from 'node:timers/promises';
import type { Subscription } from 'rxjs';
import type { ProjectionStatus } from '../../app/projector/projection-status.js';
import type { Projector, ProjectorReport } from '../../app/projector/projector.js';
import type { Position } from '../../events/event.js';
import { TradeBotError } from '../../kernel/errors.js';
import type { Journal } from '../../ports/journal.js';
import { OUTPUT_LOCKED, OUTPUT_NOT_WRITABLE } from '../../ports/projection-targets.js';

export interface ProjectorLoopDeps {
  readonly journal: Pick<Journal, 'head' | 'subscribe'>;
  /** Opens the projections; called again when a full disk refused it. */
  readonly open: () => Projector;
  /** Called once for an outage of the disk, for each projection that stops and each difference. Must not throw. */
  readonly onTrouble: (trouble: ProjectorTrouble) => Promise<void>;
  /**
   * Called with everything that differs whenever it is something else than the last time, and after the start. False when it
   * could not be recorded: then it is called again. Must not throw.
   */
  readonly onEvidence: (differences: readonly string[]) => Promise<boolean>;
  readonly timing?: Partial<LoopTiming>;
}

export type ProjectorTrouble =
  | { readonly kind: 'disk'; readonly fault: TradeBotError }
  /** A seal or an export on disk is not the one of the journal. */
  | { readonly kind: 'evidence'; readonly difference: string }
  | { readonly kind: 'stopped'; readonly name: string; readonly position: Position; readonly reason: string };

export interface LoopTiming {
  /** Least time between the starts of two catch-ups: news within it is taken together. Milliseconds. */
  readonly gatherMs: number;
  /** First wait after a disk that refused, doubled each time up to the longest. Milliseconds. */
  readonly retryMs: number;
  readonly longestRetryMs: number;
  /** While evidence differs all of it is compared again after each such time, news or not. Milliseconds. */
  readonly evidenceMs: number;
}

const TIMING: LoopTiming = { gatherMs: 50, retryMs: 250, longestRetryMs: 10_000, evidenceMs: 60_000 };

/** A lock that outlives so many tries (more than ten seconds) is reported; a shorter one is everyday life. */
const LONG_LOCK_TRIES = 5;

/** After these a database is brought into its final form. */
const SESSION_ENDS = ['JournalSealed'] as const;

/**
 * Keeps all projections at the head of the journal (RUN-1): the first news after a quiet time at once, a burst in
 * batches. A disk that refuses is tried again with back-off; a projection that stops is reported, the others continue. Any other
 * fault ends the loop: the process dies of it and its successor starts from the checkpoints.
 */
export class ProjectorLoop {
  readonly #timing: LoopTiming;
  readonly #stopping = new AbortController();
  readonly #reported = new Set<string>();
  #projector: Projector | undefined;
  #news = true;
  #sessionEnded = false;
  #streamFault: Error | undefined;
  #reached: Position | null = null;
  #followed = false;
  #wake: () => void = () => undefined;
  #failures = 0;
  #headCount = 0;
  #statuses: readonly ProjectionStatus[] = [];
  #diskFault: string | undefined;
  #evidence: readonly string[] = [];
  #recordedEvidence: string | undefined;
  #evidenceTimer: NodeJS.Timeout | undefined;

  constructor(private readonly deps: ProjectorLoopDeps) {
    this.#timing = { ...TIMING, ...deps.timing };
  }

  /** Ends after `stop`, with everything published as far as the disk allows; throws faults that do not pass by waiting. */
  async run(): Promise<void> {
    const before = (await this.deps.journal.head())?.position;
    const stream = this.#listen(before);
    try {
      while (!this.#stopping.signal.aborted) {
        const done = await this.#catchUp();
        this.#followed ||= done;
        if (done && this.#sessionEnded) await this.#publish();
        await this.#untilNews(done);
      }
      await this.#finish();
    } finally {
      stream.unsubscribe();
    }
  }

  /** Asks the loop to bring everything to the head once more, publish, and end. */
  stop(): void {
    this.#stopping.abort();
    clearTimeout(this.#evidenceTimer);
    this.#wake();
  }

  /** Undefined until the projections were opened. */
  get projector(): Projector | undefined {
    return this.#projector;
  }

  /** What the process says of itself: how far each projection is behind, in events, and what is wrong. */
  figures(): Readonly<Record<string, string>> {
    const lags = this.#statuses.map(({ name, events, stopped }) => ({
      name,
      stopped,
      lag: Math.max(0, this.#headCount - events),
    }));
    const worst = lags.reduce((most, { lag }) => Math.max(most, lag), 0);
    const stops = lags.flatMap(({ name, stopped }): readonly (readonly [string, string])[] =>
      stopped === null ? [] : [[`stopped.${name}`, stopped.reason]],
    );
    return {
      at: this.#followed ? 'following' : 'catching up',
      lagEvents: String(worst),
      ...Object.fromEntries(lags.map(({ name, lag }) => [`lag.${name}`, String(lag)])),
      ...Object.fromEntries(stops),
      ...(this.#evidence[0] === undefined ? {} : { evidence: this.#evidence[0] }),
      ...(this.#diskFault === undefined ? {} : { disk: this.#diskFault }),
    };
  }

  #listen(after: Position | undefined): Subscription {
    return this.deps.journal.subscribe(after === undefined ? {} : { after }).subscribe({
      next: (event) => {
        this.#news = true;
        if (this.#reached === null || event.position > this.#reached) this.#headCount += 1;
        if ((SESSION_ENDS as readonly string[]).includes(event.type)) this.#sessionEnded = true;
        this.#wake();
      },
      error: (fault: unknown) => {
        this.#streamFault = asError(fault);
        this.#wake();
      },
    });
  }

  /** False when the disk refused. */
  async #catchUp(): Promise<boolean> {
    this.#news = false;
    try {
      this.#projector ??= this.deps.open();
      await this.#note(await this.#projector.catchUp());
    } catch (fault) {
      await this.#onDisk(fault);
      return false;
    }
    this.#failures = 0;
    this.#diskFault = undefined;
    return true;
  }

  async #note({ projections, evidence }: ProjectorReport): Promise<void> {
    this.#statuses = projections;
    await this.#noteEvidence(evidence);
    for (const { position } of projections) {
      if (position !== null && (this.#reached === null || position > this.#reached)) this.#reached = position;
    }
    this.#headCount = projections.reduce((most, { events, lagEvents }) => Math.max(most, events + lagEvents), 0);
    for (const { name, stopped } of projections) {
      const key = `${name} ${stopped?.position ?? ''}`;
      if (stopped === null || this.#reported.has(key)) continue;
      this.#reported.add(key);
      await this.deps.onTrouble({ kind: 'stopped', name, position: stopped.position, reason: stopped.reason });
    }
  }

  async #noteEvidence(evidence: readonly string[]): Promise<void> {
    this.#evidence = evidence;
    for (const difference of evidence) {
      if (this.#reported.has(difference)) continue;
      this.#reported.add(difference);
      await this.deps.onTrouble({ kind: 'evidence', difference });
    }
    const all = evidence.join('\n');
    if (all !== this.#recordedEvidence && (await this.deps.onEvidence(evidence))) this.#recordedEvidence = all;
    if (evidence.length > 0 && !this.#stopping.signal.aborted) {
      this.#evidenceTimer ??= setTimeout(this.#compareAgain, this.#timing.evidenceMs);
    }
  }

  readonly #compareAgain = (): void => {
    this.#evidenceTimer = undefined;
    this.#projector?.compareEvidenceAgain();
    this.#news = true;
    this.#wake();
  };

  async #publish(): Promise<void> {
    try {
      await this.#projector?.publish();
      this.#projector?.compareEvidenceAgain();
      this.#sessionEnded = false;
    } catch (fault) {
      await this.#onDisk(fault);
    }
  }

  /** Handles a disk that refused; rethrows everything else. */
  async #onDisk(fault: unknown): Promise<void> {
    if (!(fault instanceof TradeBotError) || !mayPass(fault)) throw fault;
    this.#failures += 1;
    this.#diskFault = `${fault.code}: ${fault.message}`;
    if (this.#failures === (fault.code === OUTPUT_LOCKED ? LONG_LOCK_TRIES : 1)) {
      await this.deps.onTrouble({ kind: 'disk', fault });
    }
  }

  async #untilNews(done: boolean): Promise<void> {
    const { gatherMs, retryMs, longestRetryMs } = this.#timing;
    if (!done || this.#failures > 0) {
      await this.#rest(Math.min(longestRetryMs, retryMs * 2 ** Math.min(this.#failures - 1, 16)));
      return;
    }
    await this.#rest(gatherMs);
    while (!this.#news && this.#streamFault === undefined && !this.#stopping.signal.aborted) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    if (this.#streamFault !== undefined) throw this.#streamFault;
    // what arrived with this news is taken with it
    await turnOfTheLoop();
  }

  async #rest(ms: number): Promise<void> {
    await pause(ms, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
  }

  async #finish(): Promise<void> {
    if (this.#projector === undefined) return;
    try {
      await this.#projector.catchUp();
      await this.#projector.close();
    } catch (fault) {
      await this.#onDisk(fault);
    }
  }
}

/** No fault of this program or of an event: the same may well work later. */
function mayPass(fault: TradeBotError): boolean {
  return fault.code === OUTPUT_NOT_WRITABLE || fault.callerMust === 'retry';
}

function asError(fault: unknown): Error {
  return fault instanceof Error ? fault : new Error(String(fault));
}
