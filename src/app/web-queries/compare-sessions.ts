import { canonicalJson } from '../../kernel/canonical-json.js';
import { MINUTE_MS, parseUtcText, type DateText } from '../../kernel/time.js';
import type { EventType, RecordedEvent } from '../../events/event.js';
import { STREAMS } from '../../events/streams.js';
import type { Journal } from '../../ports/journal.js';
import { reportDay, type DayReport } from '../day/day-report.js';

/** A session with its report. */
export interface ComparedSession {
  readonly report: DayReport;
  /** The event that opened it. */
  readonly opened: RecordedEvent<'SessionOpened'>;
}

/** Two sessions next to each other. */
export interface SessionsCompared {
  readonly a: ComparedSession;
  readonly b: ComparedSession;
  /** The first decision or execution that differs, null on a side that has none there; null when all are equal. */
  readonly first: { readonly a: RecordedEvent | null; readonly b: RecordedEvent | null } | null;
  /** How many were equal before it. */
  readonly equal: number;
}

const PAGE = 1_000;

/** What a session decided and did; the rest follows from these, or from the machine. */
const COMPARED: ReadonlySet<EventType> = new Set<EventType>([
  ...(['StrategyStarted', 'StrategySkipped', 'StrategyFailed', 'CandidatesRanked', 'CandidateRejected'] as const),
  ...(['SignalTriggered', 'EnhancementBlocked', 'TradeBlocked', 'OrderIntended', 'OrderFilled'] as const),
  ...(['OrderRejected', 'OrderCancelled', 'OrderExpired', 'PositionOpened', 'PositionClosed'] as const),
  ...(['RiskLimitBreached', 'KillSwitchTripped', 'DefenseModeEntered'] as const),
]);

/** Reads and compares two sessions; undefined in the place of one that the journal does not have. */
export async function compareSessions(
  journal: Pick<Journal, 'readAll' | 'readStream'>,
  dates: { readonly a: DateText; readonly b: DateText },
): Promise<SessionsCompared | { readonly missing: 'a' | 'b' }> {
  const [a, b] = [await sessionOf(journal, dates.a), await sessionOf(journal, dates.b)];
  if (a === undefined) return { missing: 'a' };
  if (b === undefined) return { missing: 'b' };
  return { a: compared(dates.a, a), b: compared(dates.b, b), ...firstDifference(a, b) };
}

/** The events of a session from its opening on, up to its close or the next opening. */
type Session = readonly [RecordedEvent<'SessionOpened'>, ...RecordedEvent[]];

async function sessionOf(
  journal: Pick<Journal, 'readAll' | 'readStream'>,
  date: DateText,
): Promise<Session | undefined> {
  const [opened] = await journal.readStream(STREAMS.session(date), { limit: 1 });
  if (opened?.type !== 'SessionOpened') return undefined;
  const events: RecordedEvent[] = [];
  for (let after = opened.position; ;) {
    const page = await journal.readAll({ limit: PAGE, after });
    for (const event of page) {
      if (event.type === 'SessionOpened') return [opened, ...events];
      if (event.meta.sessionDate === date) events.push(event);
      if (event.type === 'SessionClosed') return [opened, ...events];
    }
    const last = page.at(-1);
    if (last === undefined || page.length < PAGE) return [opened, ...events];
    after = last.position;
  }
}

function compared(date: DateText, events: Session): ComparedSession {
  return { opened: events[0], report: reportDay(date, events) };
}

function firstDifference(a: Session, b: Session): Pick<SessionsCompared, 'first' | 'equal'> {
  const [ours, theirs] = [a, b].map((events) => events.filter(({ type }) => COMPARED.has(type)));
  const count = Math.max(ours?.length ?? 0, theirs?.length ?? 0);
  for (let at = 0; at < count; at += 1) {
    const [one, other] = [ours?.[at] ?? null, theirs?.[at] ?? null];
    if (formOf(one, a[0]) !== formOf(other, b[0])) return { first: { a: one, b: other }, equal: at };
  }
  return { first: null, equal: count };
}

/** An event as it is in any session: times from the opening in minutes, the day without its date, and no ids. */
function formOf(event: RecordedEvent | null, opened: RecordedEvent<'SessionOpened'>): string {
  if (event === null) return '';
  const { date, opensAt } = opened.data;
  const opens = parseUtcText(opensAt);
  const minute = (utc: string): string => `+${Math.floor((parseUtcText(utc) - opens) / MINUTE_MS)}`;
  const timeless = (value: unknown): unknown => {
    if (typeof value === 'string') return AT_REST.test(value) ? minute(value) : value.replaceAll(date, 'DATE');
    if (Array.isArray(value)) return value.map(timeless);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).flatMap(([key, of]) => (ID.test(key) ? [] : [[key, timeless(of)] as const])),
    );
  };
  return canonicalJson([event.type, minute(event.occurredAt), timeless(event.data)]);
}

const AT_REST = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/;
const ID = /Ids?$|^moduleSha256$/;
