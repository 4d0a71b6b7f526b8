import type {
  Checkpoint,
  Projection,
  ProjectionHealth,
  ProjectionRun,
  Refusals,
} from '../../../projections/kit/projection.js';
import type { RecordedEvent } from '../../events/event.js';
import { invariant, TradeBotError } from '../../kernel/errors.js';
import {
  isOutputFault,
  PowerCut,
  ROWS_REFUSED,
  type OpenTarget,
  type ProjectionStop,
} from '../../ports/projection-targets.js';

/** A projection with its open target and its current fold. */
export class ProjectionRunner {
  #run: ProjectionRun;
  #checkpoint: Checkpoint;
  #refusals: Refusals;
  /** The health of the others as the files on disk show it; undefined while that is not known. */
  #shown: string | undefined;
  stopped: ProjectionStop | null = null;

  constructor(
    readonly projection: Projection,
    readonly target: OpenTarget,
    readonly health: () => readonly ProjectionHealth[],
    /** False for a shadow: files that derive from the state are written once, at the end. */
    readonly rendersEachBatch: boolean,
  ) {
    this.#checkpoint = target.checkpoint;
    this.#refusals = target.refusals();
    this.#run = projection.start(target.checkpoint.events === 0 ? null : target.checkpoint.state);
  }

  get checkpoint(): Checkpoint {
    return this.#checkpoint;
  }

  /** The events that it could not apply. */
  get refusals(): Refusals {
    return this.#refusals;
  }

  /**
   * Takes the events that it does not have yet. On a fault it returns to the checkpoint and advances event by event: one
   * that cannot be applied is recorded as refused and left out, and a defect stops the projection.
   */
  take(page: readonly RecordedEvent[]): void {
    const events = page.filter(
      (event) => this.#checkpoint.position === null || event.position > this.#checkpoint.position,
    );
    if (this.stopped !== null || events.length === 0) return;
    this.target.reading(() => this.#take(events));
  }

  #take(events: readonly RecordedEvent[]): void {
    try {
      this.#batch(events);
    } catch (error) {
      if (isOutputFault(error)) this.#restart();
      if (error instanceof PowerCut || isOutputFault(error)) throw error;
      this.#stepwise(events);
    }
  }

  /** Writes the files that derive from the state, in any case. A fault stops the projection at its position. */
  renderNow(): void {
    this.target.reading(() => this.#renderNow());
  }

  /** For one that watches the others: writes its files when they show another health than the others have by now. */
  renderIfStale(): void {
    if (this.#shown === JSON.stringify(this.health())) return;
    this.target.reading(() => {
      if (!this.target.shows(this.#stateFiles())) this.#renderNow();
    });
  }

  #renderNow(): void {
    try {
      this.target.commit(this.#run, this.#checkpoint, this.#stateFiles());
    } catch (error) {
      this.#shown = undefined;
      const { position } = this.#checkpoint;
      if (error instanceof PowerCut || isOutputFault(error) || (position === null && this.stopped === null))
        throw error;
      if (position !== null) this.stopped ??= { position, type: 'files', reason: reasonOf(error) };
    }
  }

  #batch(events: readonly RecordedEvent[]): void {
    for (const event of events) this.#run.apply(event);
    this.#save(events);
  }

  /** The checkpoint after these events. */
  #after(events: readonly RecordedEvent[]): Checkpoint {
    const last = events.at(-1);
    invariant(last !== undefined, 'EMPTY_BATCH', 'a projection received no events');
    return {
      version: this.projection.version,
      position: last.position,
      events: this.#checkpoint.events + events.length,
      recordedAt: last.recordedAt,
      state: this.#run.dirty ? this.#run.stateText() : this.#checkpoint.state,
    };
  }

  #save(events: readonly RecordedEvent[]): void {
    const next = this.#after(events);
    const before = this.#checkpoint;
    this.#checkpoint = next;
    try {
      this.target.commit(this.#run, next, this.#files());
    } catch (error) {
      this.#checkpoint = before;
      throw error;
    }
    this.#run.clear();
  }

  #files(): ReturnType<ProjectionRun['stateFiles']> {
    const made = this.#run.outputFiles();
    if (!this.rendersEachBatch || !this.#run.dirty) return made;
    return [...made, ...this.#stateFiles()];
  }

  #stateFiles(): ReturnType<ProjectionRun['stateFiles']> {
    const health = this.health();
    if (this.projection.after === 'all') this.#shown = JSON.stringify(health);
    return this.#run.stateFiles(health);
  }

  #stepwise(events: readonly RecordedEvent[]): void {
    this.#restart();
    for (const event of events) {
      let folded = false;
      try {
        this.#run.apply(event);
        folded = true;
        this.#save([event]);
      } catch (error) {
        if (error instanceof PowerCut) throw error;
        this.#restart();
        if (isOutputFault(error)) throw error;
        if (!isRefusal(error, folded)) {
          this.stopped = { position: event.position, type: event.type, reason: reasonOf(error) };
          return;
        }
        this.#refuse(event, error);
      }
    }
  }

  #refuse({ id: eventId, position, type, recordedAt }: RecordedEvent, { code, message: reason }: TradeBotError): void {
    const { events, state } = this.#checkpoint;
    const next = { version: this.projection.version, position, events: events + 1, recordedAt, state };
    this.target.refuse({ position, eventId, type, code, reason }, next);
    this.#checkpoint = next;
    this.#refusals = this.target.refusals();
    this.#restart();
  }

  #restart(): void {
    const { events, state } = this.#checkpoint;
    this.#run = this.projection.start(events === 0 ? null : state);
    this.#shown = undefined;
  }
}

/** Whether the event is the cause: its fold refuses it, or the guards of its rows do. */
function isRefusal(error: unknown, folded: boolean): error is TradeBotError {
  return error instanceof TradeBotError && (!folded || error.code === ROWS_REFUSED);
}

function reasonOf(error: unknown): string {
  if (error instanceof TradeBotError) return `${error.code}: ${error.message}`;
  const { code, message } = error as { readonly code?: unknown; readonly message?: unknown };
  return [code, message].filter((part) => typeof part === 'string').join(': ') || 'unknown fault';
}
