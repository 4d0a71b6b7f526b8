import type { Position, RecordedEvent } from '../../events/event.js';
import type { Journal } from '../../ports/journal.js';
import { walkHistory, type WalkedJournal } from './history-walk.js';

type Moved = RecordedEvent<'JournalMoved'>;

/** Every move that the journal records, oldest first. */
async function movesOf(journal: Pick<Journal, 'readAll'>): Promise<readonly Moved[]> {
  const events = await journal.readAll({ filter: { types: ['JournalMoved'] } });
  return events.filter((event): event is RecordedEvent & Moved => event.type === 'JournalMoved');
}

/** The result of checking one move: whether the events before it are still those that were moved. */
export interface MoveCheck {
  readonly at: Position;
  readonly data: Moved['data'];
  readonly ok: boolean;
}

/** Compares the digest of each move with that of the first events of the journal, in one pass over it. */
export async function checkMoves(walked: WalkedJournal): Promise<readonly MoveCheck[]> {
  const moves = await movesOf(walked.journal);
  if (moves.length === 0) return [];
  const { digests } = await walkHistory(walked, { digested: new Set(moves.map(({ data }) => data.count)) });
  return moves.map(({ position, data }) => ({
    at: position,
    data,
    ok: digests.get(data.count) === data.eventsDigest,
  }));
}

/** One line for people. */
export function moveLine({ at, data, ok }: MoveCheck): string {
  const { from, to, count, eventsDigest, account, reason, movedAt } = data;
  const what = `from ${from} to ${to}, ${movedAt} (by ${account}, ${reason})`;
  if (ok) return `moved at position ${at}: ${what}; its ${count} events are the same, digest ${eventsDigest}`;
  return `MOVE DIFFERS: at position ${at} ${count} events with the digest ${eventsDigest} were moved ${what}; those before it are others (MOVE_DIFFERS)`;
}
