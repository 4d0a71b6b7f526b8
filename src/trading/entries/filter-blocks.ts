import type { Draft } from '../../events/draft.js';
import { STREAMS } from '../../events/streams.js';
import type { EngineState } from '../../domain/session/engine-state.js';
import type { SignalRun } from '../../domain/session/session-run.js';
import type { Reason } from '../../strategies/strategy.js';
import { runFilters } from '../../strategies/filters/run-filters.js';
import { TICKER_BLOCKLIST, tickerBlocklist } from '../../strategies/filters/ticker-blocklist.js';
import { record, type Action } from '../action.js';
import type { TradingContext } from '../context.js';
import type { EntryCandidate } from './entry-candidate.js';
import { errorRecorded } from '../../events/error-recorded.js';

/**
 * Asks every filter of the strategy. `pass` when none blocks; an action for a block, a filter that lacks its data or a fault that was
 * not reported yet;
 * undefined while the filters block as they did before.
 */
export function filterEntry(
  state: EngineState,
  context: TradingContext,
  at: EntryCandidate,
): Action | undefined | 'pass' {
  const { step, reported, candidate } = at;
  const traded = state.session?.tickersTraded ?? new Set();
  const listed = tickerBlocklist(candidate.symbol, traded);
  const ran = runFilters(step.strategy.filters, at.signal, context.market, context.strategyContext);
  const fault = ran.faults.find(({ filter }) => !state.reportedErrors.has(faultKey(reported, filter)));
  if (fault !== undefined) return reportFault(context, at, fault);
  const blocks = [
    ...(listed.allow ? [] : [{ filter: TICKER_BLOCKLIST, reason: listed.reason }]),
    ...ran.verdicts.flatMap(({ filter, verdict }) => (verdict.allow ? [] : [{ filter, reason: verdict.reason }])),
  ];
  const isNew = ({ filter, reason }: Objection): boolean => !reported.blocks.has(`${filter}/${reason.code}`);
  const without = ran.undecided.filter(isNew);
  const drafts = [
    ...without.map((one) => draftOf('FilterUndecided', at, one)),
    ...blocks.filter(isNew).map((one) => draftOf('EnhancementBlocked', at, one)),
  ];
  if (drafts.length > 0) return record(STREAMS.strategy(step.strategy.name, context.date), ...drafts);
  return blocks.length === 0 ? 'pass' : undefined;
}

/** What a filter says of a signal. */
interface Objection {
  readonly filter: string;
  readonly reason: Reason;
}

function draftOf(
  type: 'EnhancementBlocked' | 'FilterUndecided',
  { step, reported, candidate }: EntryCandidate,
  { filter, reason: { code, figures } }: Objection,
): Draft {
  const { signalId } = reported.data;
  const data = { strategy: step.strategy.name, symbol: candidate.symbol, signalId, filter, code, figures };
  return { type, data, correlationId: signalId, causationId: reported.eventId };
}

function faultKey(reported: SignalRun, filter: string): string {
  return `${reported.data.signalId}/${filter}`;
}

/** Reports the fault of a filter once; the signal is decided without that filter. */
function reportFault(
  context: TradingContext,
  { step, reported }: EntryCandidate,
  fault: { readonly filter: string; readonly message: string },
): Action {
  return record(
    STREAMS.errors,
    errorRecorded(
      {
        errorType: 'LogicError',
        errorCode: 'FILTER_FAILED',
        message: `${fault.filter} failed; the signal is decided without it: ${fault.message}`,
        strategy: step.strategy.name,
        context: { key: faultKey(reported, fault.filter), date: context.date },
      },
      { correlationId: reported.data.signalId, causationId: reported.eventId },
    ),
  );
}
