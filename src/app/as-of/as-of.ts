import type { StatusDefinition } from '../../../projections/status/status.js';
import type { StatusState } from '../../../projections/status/status-state.js';
import { foldOf, NO_REFUSALS, type ProjectionHealth } from '../../../projections/kit/projection.js';
import { parseBook, serializeBook } from '../../domain/accounting/book-codec.js';
import type { Position, RecordedEvent } from '../../events/event.js';
import { configError, invariant, type TradeBotError } from '../../kernel/errors.js';
import type { UtcText } from '../../kernel/time.js';
import type { Journal } from '../../ports/journal.js';
import type { Snapshot, Snapshots } from '../../ports/snapshots.js';

/**
 * A point of knowledge: up to an event, or up to a recording time, both inclusive. Time is when the journal recorded a
 * fact, never when it happened: a late fill does not change what was known before.
 */
export type Moment = { readonly position: Position } | { readonly time: UtcText };

export interface AsOfParts {
  readonly journal: Pick<Journal, 'head' | 'readAll'>;
  /** The status projection: its fold holds the books and all that status.json shows. */
  readonly status: StatusDefinition;
  /** The other projections in status.json: a caught-up reader saw all of them together. */
  readonly others: readonly string[];
  readonly snapshots: Snapshots;
  /** Number of folded events between snapshots; 10,000 when not given. */
  readonly snapshotEvery?: number;
}

/** What a caught-up live reader saw at that moment. */
export interface AsOfView {
  /** The last included event; null before the first. */
  readonly position: Position | null;
  readonly recordedAt: UtcText | null;
  readonly events: number;
  /** The books and the body of the status. */
  readonly state: StatusState;
  /** The text of status.json at that moment. */
  readonly statusText: string;
}

const PAGE = 1_000;
const SNAPSHOT_EVERY = 10_000;

/**
 * Folds the journal up to `moment`, from the newest snapshot before it. By time, the events end before the first one
 * that was recorded later, so an answer never includes the future, whatever the clock did. Throws for a position beyond
 * the head.
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

/** A position without its leading zeros, as people read and type it. */
const shown = (position: Position): string => position.replace(/^0+(?=.)/, '');

function beyondHead(asked: Position, head: Position | undefined): TradeBotError {
  return configError({
    code: 'POSITION_AHEAD',
    message: `there is no position ${shown(asked)} yet: ${head === undefined ? 'the journal is empty' : `the journal ends at ${shown(head)}`}`,
    remedy: 'Give a position up to the head of the journal, or a time.',
  });
}

/** The start of a walk: after an event, with the fold up to it. */
interface Start {
  readonly last: Omit<Snapshot, 'state'>;
  readonly state: StatusState;
}

/** An unreadable snapshot, or one of another journal, is ignored with all snapshots next to it. */
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

/** Books and body on one line each, so that neither is read twice. */
function encodeState({ book, body }: StatusState): string {
  return `${serializeBook(book)}\n${JSON.stringify(body)}`;
}

/** Undefined for an invalid text. */
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
    const health = this.parts.others.map((name): ProjectionHealth => ({
      ...{ name, lagEvents: 0, stopped: null },
      refusals: NO_REFUSALS,
    }));
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
