import { moneyText, subtractCents } from '../../kernel/money.js';
import { STREAMS } from '../../events/streams.js';
import type { MarketStream } from './market-stream.js';
import { importActivities } from './import-activities.js';
import type { Books } from '../../ports/books.js';
import { foldedBooks } from './folded-books.js';
import { reconcileSession } from './reconcile-session.js';
import { PROJECTIONS_BEHIND, type SessionDeps } from './session-deps.js';
import { TradeBotError } from '../../kernel/errors.js';
import { isOutputFault } from '../../ports/projection-targets.js';
import { errorRecorded } from '../../events/error-recorded.js';

/** The market data that the session saw. */
type SessionRecording = Pick<MarketStream, 'finishRecording' | 'recordingDone'>;

/**
 * Phase 5 (RUN-25) as steps that are each skipped when the journal has them: cash movements, market recording,
 * reconciliation of the ledger with the broker, summary, exports, SessionClosed, the seal.
 */
export async function closeSession(deps: SessionDeps, stream: SessionRecording): Promise<void> {
  await importActivities(deps);
  await recordMarket(deps, stream);
  // figures, exports and the seal are made from the journal, so they wait for it
  await deps.appender.journalBack();
  const behind = (await deps.projections.catchUp()) === PROJECTIONS_BEHIND;
  const fileBooks = behind ? undefined : booksOnFile(deps);
  if (fileBooks === undefined) await reportBehind(deps);
  await reconcile(deps, fileBooks ?? foldedBooks(deps.state));
  await summarize(deps);
  await deps.appender.journalBack();
  if (deps.settings.LEDGER_EXPORT_MODE === 'auto' && fileBooks !== undefined) await exportIfReadable(deps);
  await sayClosed(deps);
  await deps.appender.journalBack();
  await deps.sealSession(deps.calendarDay.date);
  await deps.projections.catchUp();
}

/** Undefined when another program has locked the ledger. */
function booksOnFile({ books }: SessionDeps): Books | undefined {
  try {
    return books();
  } catch (error) {
    if (isOutputFault(error)) return undefined;
    throw error;
  }
}

/**
 * A statement needs a ledger that has come to its position, so it is waited for again. An export that the ledger cannot
 * give is left out: `tradebot export` makes it later.
 */
async function exportIfReadable(deps: SessionDeps): Promise<void> {
  try {
    if ((await deps.projections.catchUp()) === PROJECTIONS_BEHIND) await reportBehind(deps);
    else await deps.exportSession();
  } catch (error) {
    if (!isOutputFault(error) && !(error instanceof TradeBotError && error.code === 'LEDGER_BEHIND')) throw error;
    await reportBehind(deps);
  }
}

function sessionCause(deps: SessionDeps): { readonly correlationId: string; readonly causationId: EventCause } {
  return {
    correlationId: `session/${deps.calendarDay.date}`,
    causationId: deps.state.session?.openedEventId ?? null,
  };
}
type EventCause = NonNullable<SessionDeps['state']['session']>['openedEventId'] | null;

async function recordMarket(deps: SessionDeps, stream: SessionRecording): Promise<void> {
  if (deps.state.session?.marketRecorded !== true) await recordFinished(deps, stream);
  stream.recordingDone();
}

async function recordFinished(deps: SessionDeps, stream: SessionRecording): Promise<void> {
  const finished = stream.finishRecording();
  if (finished === undefined) return;
  const { recording, findings } = finished;
  const { name, bars, quotes, sha256 } = recording;
  const counts = Object.fromEntries(Object.entries(findings).map(([rule, count]) => [rule, String(count)]));
  await deps.appender.append(STREAMS.reporting, [
    {
      type: 'MarketDataRecorded',
      data: { date: deps.calendarDay.date, name, bars, quotes, sha256, findings: counts },
      ...sessionCause(deps),
    },
  ]);
}

/** Compares the ledger with the broker's own account, to the cent and share; every difference is reported. */
async function reconcile(deps: SessionDeps, books: Books): Promise<void> {
  const session = deps.state.session;
  try {
    if (session !== undefined && session.reconciled === undefined)
      await reconcileSession(deps, books, sessionCause(deps));
  } finally {
    books.close();
  }
}

/** The ledger cannot be read: the engine's own fold of the same events replaces it. */
async function reportBehind(deps: SessionDeps): Promise<void> {
  const key = `projector-behind/${deps.calendarDay.date}`;
  if (deps.state.reportedErrors.has(key)) return;
  await deps.appender.append(STREAMS.errors, [
    errorRecorded(
      {
        errorType: 'LogicError',
        errorCode: 'PROJECTOR_BEHIND',
        message: "the ledger file is behind: reconciled with the engine's own books, exports skipped",
        context: { key },
      },
      sessionCause(deps),
    ),
  ]);
}

async function summarize(deps: SessionDeps): Promise<void> {
  const session = deps.state.session;
  if (session === undefined || session.summary !== undefined) return;
  await deps.appender.append(STREAMS.reporting, [
    {
      type: 'DailySummaryCompiled',
      data: {
        date: session.opened.date,
        signals: session.signals,
        trades: session.trades,
        wins: session.wins,
        grossPnl: moneyText(session.grossPnl),
        fees: moneyText(session.fees),
        netPnl: moneyText(subtractCents(session.grossPnl, session.fees)),
      },
      ...sessionCause(deps),
    },
  ]);
}

async function sayClosed(deps: SessionDeps): Promise<void> {
  const session = deps.state.session;
  if (session === undefined || session.closed !== undefined) return;
  const open = [...deps.state.positions.values()].filter((position) => !position.quantity.isZero());
  await deps.appender.append(STREAMS.session(session.opened.date), [
    {
      type: 'SessionClosed',
      data: {
        date: session.opened.date,
        outcome: session.halted ? 'halted' : 'completed',
        trades: session.trades,
        realizedPnl: moneyText(session.grossPnl),
        fees: moneyText(session.fees),
        openPositions: open.map((position) => position.symbol).sort(),
        reconciled: session.reconciled?.ok === true,
      },
      ...sessionCause(deps),
    },
  ]);
}
