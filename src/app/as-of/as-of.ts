import type { StatusDefinition } from '../../../projections/status/status.js';
import type { StatusState } from '../../../projections/status/status-state.js';
import { foldOf, type ProjectionHealth } from '../../../projections/kit/projection.js';
import { parseBook, serializeBook } from '../../domain/accounting/book-codec.js';
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
  readonly status: StatusDefinition;
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
  const walk = new Walk(parts, await startOf(parts, moment));
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

/** Where a walk begins: after an event, with what was folded up to it. */
interface Start {
  readonly last: Omit<Snapshot, 'state'>;
  readonly state: StatusState;
}

/** Of another journal, or unreadable, a snapshot is worth nothing, and neither are those beside it. */
async function startOf({ journal, snapshots }: AsOfParts, moment: Moment): Promise<Start | undefined> {
  const found = snapshots.newest(moment);
  if (found === undefined) return undefined;
  const { state: text, ...last } = found;
  const state = (await hashAt(journal, last.position)) === last.hash ? decodeState(text) : undefined;
  if (state !== undefined) return { last, state };
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

/** Books and body on a line each, so that neither is read twice. */
function encodeState({ book, body }: StatusState): string {
  return `${serializeBook(book)}\n${JSON.stringify(body)}`;
}

/** Undefined for a text that is not one. */
function decodeState(text: string): StatusState | undefined {
  const end = text.indexOf('\n');
  try {
    return { book: parseBook(text.slice(0, end)), body: JSON.parse(text.slice(end + 1)) as StatusState['body'] };
  } catch {
    return undefined;
  }
}

class Walk {
  readonly #fold: (state: StatusState, event: RecordedEvent) => StatusState;
  #state: StatusState;
  #last: Omit<Snapshot, 'state'> | undefined;

  constructor(
    private readonly parts: AsOfParts,
    from: Start | undefined,
  ) {
    this.#fold = foldOf(parts.status);
    this.#state = from?.state ?? parts.status.initial();
    this.#last = from?.last;
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
    const [status] = this.parts.status.files?.render?.(this.#state, health) ?? [];
    invariant(status !== undefined && typeof status.text === 'string', 'NO_STATUS', 'the status made no file');
    return {
      position: this.#last?.position ?? null,
      recordedAt: this.#last?.recordedAt ?? null,
      events: this.#last?.events ?? 0,
      state: this.#state,
      statusText: status.text,
    };
  }

  #take(event: RecordedEvent): void {
    this.#state = this.#fold(this.#state, event);
    const before = this.#last;
    const { position, hash, recordedAt } = event;
    const latestAt = before !== undefined && before.latestAt > recordedAt ? before.latestAt : recordedAt;
    const events = (before?.events ?? 0) + 1;
    this.#last = { position, hash, events, recordedAt, latestAt };
    const { snapshots, snapshotEvery = SNAPSHOT_EVERY } = this.parts;
    if (events % snapshotEvery === 0) snapshots.keep({ ...this.#last, state: encodeState(this.#state) });
  }
}
