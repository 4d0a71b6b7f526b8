import { decodeStatus } from '../../../projections/status/status.js';
import type { StatusState } from '../../../projections/status/status-state.js';
import type { Projection, ProjectionHealth, ProjectionRun } from '../../../projections/kit/projection.js';
import type { Position, RecordedEvent } from '../../events/event.js';
import { configError, invariant, type TradeBotError } from '../../kernel/errors.js';
import type { UtcText } from '../../kernel/time.js';
import type { Journal } from '../../ports/journal.js';
import type { Snapshot, Snapshots } from '../../ports/snapshots.js';

/**
 * A point in what was known: up to an event, or up to a recording time, both inclusive. Time is when the journal learned
 * of a thing, never when it happened: a late fill does not rewrite what was known before it came.
 */
export type Moment = { readonly position: Position } | { readonly time: UtcText };

export interface AsOfParts {
  readonly journal: Pick<Journal, 'head' | 'readAll'>;
  /** The status projection: its fold holds the books and all that status.json shows. */
  readonly status: Projection;
  /** What status.json says of the others: a reader who had caught up saw all of them beside each other. */
  readonly others: readonly string[];
  readonly snapshots: Snapshots;
  /** A snapshot is kept each time so many events have been folded; 10,000 when not given. */
  readonly snapshotEvery?: number;
}

/** What a live reader who had caught up saw then. */
export interface AsOfView {
  /** The last event that counts; null before the first. */
  readonly position: Position | null;
  readonly recordedAt: UtcText | null;
  readonly events: number;
  /** The books and the body of the status. */
  readonly state: StatusState;
  /** status.json as it was. */
  readonly statusText: string;
}

const PAGE = 1_000;
const SNAPSHOT_EVERY = 10_000;

/**
 * Folds the journal up to `moment`, from the newest snapshot before it. By time, what counts ends before the first event
 * that was recorded later, so that nothing of the future is ever in an answer, whatever the clock did. A position beyond
 * the head is refused.
 */
export async function asOf(parts: AsOfParts, moment: Moment): Promise<AsOfView> {
  await refuseFuture(parts.journal, moment);
  const walk = new Walk(parts, await usableSnapshot(parts, moment));
  while (await walk.page((event) => isAfter(event, moment))) continue;
  return walk.view();
}

function isAfter(event: RecordedEvent, moment: Moment): boolean {
  return 'position' in moment ? event.position > moment.position : event.recordedAt > moment.time;
}

async function refuseFuture(journal: AsOfParts['journal'], moment: Moment): Promise<void> {
  if ('time' in moment) return;
  const head = await journal.head();
  if (head !== undefined && moment.position <= head.position) return;
  throw beyondHead(moment.position, head?.position);
}

function beyondHead(asked: Position, head: Position | undefined): TradeBotError {
  return configError({
    code: 'POSITION_AHEAD',
    message: `there is no position ${asked} yet: ${head === undefined ? 'the journal is empty' : `the journal ends at ${head}`}`,
    remedy: 'Ask for a position up to the head of the journal, or for a time.',
  });
}

/** A snapshot of another journal is worth nothing, and neither are those beside it. */
async function usableSnapshot({ journal, snapshots }: AsOfParts, moment: Moment): Promise<Snapshot | undefined> {
  const found = snapshots.newest(moment);
  if (found === undefined) return undefined;
  if ((await hashAt(journal, found.position)) === found.hash) return found;
  snapshots.forget();
  return undefined;
}

/** Reading is exclusive, so the event at a position is the one before its successor, or the head. */
async function hashAt(journal: AsOfParts['journal'], position: Position): Promise<string | undefined> {
  const [next] = await journal.readAll({ after: position, limit: 1 });
  const head = await journal.head();
  if (next === undefined) return head?.position === position ? head.hash : undefined;
  const [event] = await journal.readAll({ after: next.position, direction: 'backwards', limit: 1 });
  return event?.position === position ? event.hash : undefined;
}

class Walk {
  readonly #run: ProjectionRun;
  #last: Omit<Snapshot, 'state'> | undefined;

  constructor(
    private readonly parts: AsOfParts,
    from: Snapshot | undefined,
  ) {
    this.#run = parts.status.start(from?.state ?? null);
    this.#last = from;
  }

  /** Folds a page; false when the moment or the end of the journal is reached. */
  async page(isBeyond: (event: RecordedEvent) => boolean): Promise<boolean> {
    const after = this.#last?.position;
    const events = await this.parts.journal.readAll({ limit: PAGE, ...(after === undefined ? {} : { after }) });
    for (const event of events) {
      if (isBeyond(event)) return false;
      this.#take(event);
    }
    return events.length === PAGE;
  }

  view(): AsOfView {
    const health = this.parts.others.map((name): ProjectionHealth => ({ name, lagEvents: 0, stopped: null }));
    const [status] = this.#run.stateFiles(health);
    invariant(
      status !== undefined && typeof status.text === 'string',
      'NO_STATUS',
      'the status projection made no file',
    );
    return {
      position: this.#last?.position ?? null,
      recordedAt: this.#last?.recordedAt ?? null,
      events: this.#last?.events ?? 0,
      state: decodeStatus(this.#run.stateText()),
      statusText: status.text,
    };
  }

  #take(event: RecordedEvent): void {
    this.#run.apply(event);
    const before = this.#last;
    const { position, hash, recordedAt } = event;
    const latestAt = before !== undefined && before.latestAt > recordedAt ? before.latestAt : recordedAt;
    const events = (before?.events ?? 0) + 1;
    this.#last = { position, hash, events, recordedAt, latestAt };
    if (events % (this.parts.snapshotEvery ?? SNAPSHOT_EVERY) === 0) {
      this.parts.snapshots.keep({ ...this.#last, state: this.#run.stateText() });
    }
  }
}
