import type { EngineState } from '../../domain/session/engine-state.js';
import { configError, dataError } from '../../kernel/errors.js';
import { sessionExportName, type ExportFormat } from '../../domain/home/home-paths.js';
import { parseDateText, type DateText } from '../../kernel/time.js';
import type { Journal } from '../../ports/journal.js';
import { exportBooks, type ExportOnDemandParts, type MadeExport } from './export-books.js';
import { daysPeriod, openSession, sessionPeriod, type StatementPeriod } from './statement-periods.js';

/** What an export is to cover. */
export type WantedExport =
  | { readonly kind: 'last session' }
  | { readonly kind: 'session'; readonly date: DateText }
  | { readonly kind: 'range'; readonly from: DateText; readonly to: DateText };

/** The days as a person gives them. */
interface AskedDays {
  readonly session?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

/** Collaborators: those of an export, with the state that the engine folds from the journal. */
export interface WantedExportParts extends ExportOnDemandParts {
  readonly home: string;
  readonly journal: Pick<Journal, 'readAll'>;
  readonly state: EngineState;
}

/** A journaled export with the period that it covers. */
export interface CoveredExport extends MadeExport {
  readonly period: StatementPeriod;
  /** The session that was open at its last position: its own statement has its entries again, by the same ids. */
  readonly openSession: DateText | null;
}

/** Throws ConfigError `BAD_RANGE`, and what refuses a date. */
export function wantedExport({ session, from, to }: AskedDays): WantedExport {
  if (session === undefined && from === undefined && to === undefined) return { kind: 'last session' };
  if (session !== undefined && from === undefined && to === undefined) {
    return { kind: 'session', date: parseDateText(session) };
  }
  if (session === undefined && from !== undefined && to !== undefined) {
    const range = { kind: 'range', from: parseDateText(from), to: parseDateText(to) } as const;
    if (range.from <= range.to) return range;
  }
  throw configError({
    code: 'BAD_RANGE',
    message: 'the range is neither one session nor a first and last day in order',
    remedy: 'Give --session <day>, or --from <day> --to <day>.',
  });
}

/** Journals an export of what is wanted. Throws what `exportBooks` throws, and NO_SESSION, SESSION_UNKNOWN, SESSION_NOT_CLOSED. */
export async function exportWanted(
  parts: WantedExportParts,
  format: ExportFormat,
  asked: WantedExport,
): Promise<CoveredExport> {
  const wanted = asked.kind === 'last session' ? lastSession(parts) : asked;
  const open = openSession(parts.state);
  const period = await periodOf(parts, wanted);
  const name = wanted.kind === 'session' ? sessionExportName(wanted.date) : `range_${wanted.from}_${wanted.to}`;
  return {
    ...(await exportBooks(parts, { format, name, period })),
    period,
    openSession: open !== undefined && wanted.kind === 'range' && wanted.to >= open ? open : null,
  };
}

async function periodOf(
  parts: WantedExportParts,
  wanted: Exclude<WantedExport, { kind: 'last session' }>,
): Promise<StatementPeriod> {
  if (wanted.kind === 'range') return daysPeriod(parts, wanted.from, wanted.to);
  await requireSession(parts, wanted.date);
  return sessionPeriod(parts.state, wanted.date);
}

function lastSession({ state, home }: WantedExportParts): { readonly kind: 'session'; readonly date: DateText } {
  const date = [...state.closedSessions.keys()].sort().at(-1);
  if (date !== undefined) return { kind: 'session', date };
  throw dataError({
    code: 'NO_SESSION',
    message: `${home} has no closed session`,
    remedy: 'Trade a day first, or give a first and a last day.',
  });
}

async function requireSession({ state, journal, home }: WantedExportParts, date: DateText): Promise<void> {
  if (state.sessionEnds.has(date)) return;
  const opened = await journal.readAll({ filter: { types: ['SessionOpened'] } });
  if (opened.some((event) => event.type === 'SessionOpened' && event.data.date === date)) {
    throw dataError({
      code: 'SESSION_NOT_CLOSED',
      message: `the session of ${date} is not closed: its statement would end before its last entries`,
      remedy: 'Let the session end first, or give a first and a last day for what is booked so far.',
    });
  }
  throw dataError({
    code: 'SESSION_UNKNOWN',
    message: `${home} has no session of ${date}`,
    remedy: 'Trade that day first, or give a first and a last day for a range without one.',
  });
}
