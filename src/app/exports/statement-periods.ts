import { BOOK_EVENTS } from '../../../projections/kit/book-fold.js';
import { zonedToUtc } from '../../domain/calendar/clock-time.js';
import { EXCHANGE_ZONE, previousTradingDay, sessionOf } from '../../domain/calendar/nyse.js';
import type { EngineState, SessionEnd } from '../../domain/session/engine-state.js';
import type { EventData, Position } from '../../events/event.js';
import { dataError, invariant } from '../../kernel/errors.js';
import { addDays, toUtcText, type DateText, type UtcText } from '../../kernel/time.js';
import type { Journal } from '../../ports/journal.js';

/**
 * What a statement covers: the entries booked after one position of the journal and up to another, and the closes of the
 * exchange between which it stands. Entries are cut by position, so one that is late is on the next statement.
 */
export interface StatementPeriod {
  readonly range: EventData<'OfxExported'>['range'];
  readonly entries: NonNullable<EventData<'OfxExported'>['entries']>;
}

/** What the engine knows of sessions and their ends. */
type Sessions = Pick<EngineState, 'sessionEnds' | 'session' | 'lastPosition'>;

/** The close of a day without a session. */
const REGULAR_CLOSE = '16:00';

const PAGE = 1_000;

/**
 * The statement of a session: from the end of the session before it to its own end, or to the head of the journal while
 * it has none.
 */
export function sessionPeriod(sessions: Sessions, date: DateText): StatementPeriod {
  const { sessionEnds, session, lastPosition } = sessions;
  const end = sessionEnds.get(date);
  const closesAt = end?.closesAt ?? (session?.opened.date === date ? session.opened.closesAt : undefined);
  const upTo = end?.position ?? lastPosition;
  invariant(closesAt !== undefined && upTo !== undefined, 'STATEMENT_OF_NO_SESSION', `there is no session of ${date}`);
  const before = lastEnd(sessionEnds, addDays(date, -1));
  return {
    range: { from: before?.closesAt ?? closeBefore(date), to: closesAt },
    entries: { after: before?.position ?? null, upTo },
  };
}

/**
 * The statement of a range of days: from the close of the day before it to that of its last day. Ranges that follow each
 * other have each entry once. While the session of its last day is open it ends at the last entry so far: that session's own
 * statement has those entries again, by the same ids. Throws DataError `NO_ENTRIES` when the books begin later.
 */
export async function daysPeriod(
  { journal, state }: { readonly journal: Pick<Journal, 'readAll'>; readonly state: Sessions },
  from: DateText,
  to: DateText,
): Promise<StatementPeriod> {
  const begin = await endOfDay(journal, state, addDays(from, -1));
  const end = await endOfDay(journal, state, to);
  if (end.position === null) {
    throw dataError({
      code: 'NO_ENTRIES',
      message: `the books have no entry up to the close of ${to}`,
      remedy: 'Give a range that reaches the first entry of the books.',
    });
  }
  return { range: { from: begin.at, to: end.at }, entries: { after: begin.position, upTo: end.position } };
}

/**
 * The close of a day, and the last position of the books that belongs to it: the end of its session. On a day without one,
 * what was booked since the last session and happened before midnight in New York.
 */
async function endOfDay(
  journal: Pick<Journal, 'readAll'>,
  sessions: Sessions,
  date: DateText,
): Promise<{ readonly position: Position | null; readonly at: UtcText }> {
  const { sessionEnds } = sessions;
  const own = sessionEnds.get(date);
  if (own !== undefined) return { position: own.position, at: own.closesAt };
  let at = toUtcText(zonedToUtc(date, REGULAR_CLOSE, EXCHANGE_ZONE));
  const midnight = toUtcText(zonedToUtc(addDays(date, 1), '00:00', EXCHANGE_ZONE));
  const next = [...sessionEnds].filter(([day]) => day > date).map(([, { position }]) => position);
  const until = next.reduce<Position | undefined>((first, each) => (first && first < each ? first : each), undefined);
  const openDate = openSession(sessions);
  const open = openDate !== undefined && openDate <= date;
  const before = lastEnd(sessionEnds, date);
  let position = before?.position ?? null;
  if (open && before !== undefined) at = before.closesAt;
  for (;;) {
    const page = await journal.readAll({
      limit: PAGE,
      filter: { types: BOOK_EVENTS },
      ...(position === null ? {} : { after: position }),
    });
    for (const event of page) {
      if (event.occurredAt >= midnight || (until !== undefined && event.position > until)) return { position, at };
      position = event.position;
      if (open) at = event.recordedAt;
    }
    if (page.length < PAGE) return { position, at };
  }
}

/** The date of the session that is open and has no statement yet. */
export function openSession({ session, sessionEnds }: Sessions): DateText | undefined {
  if (session === undefined || session.closed !== undefined) return undefined;
  return sessionEnds.has(session.opened.date) ? undefined : session.opened.date;
}

function lastEnd(ends: EngineState['sessionEnds'], upTo: DateText): SessionEnd | undefined {
  let last: DateText | undefined;
  for (const date of ends.keys()) if (date <= upTo && (last === undefined || date > last)) last = date;
  return last === undefined ? undefined : ends.get(last);
}

/** The close of the trading day before a session. */
function closeBefore(date: DateText): UtcText {
  const day = previousTradingDay(date);
  const closesAt = sessionOf(day)?.closesAt;
  return toUtcText(closesAt ?? zonedToUtc(day, REGULAR_CLOSE, EXCHANGE_ZONE));
}
