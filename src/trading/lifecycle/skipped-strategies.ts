import type { EngineState } from '../../domain/session/engine-state.js';
import type { Draft } from '../../events/draft.js';
import { STREAMS } from '../../events/streams.js';
import { strategiesLeftOut } from '../../strategies/registry.js';
import { record, type Action } from '../action.js';
import { sessionCorrelation, type TradingContext } from '../context.js';

/** Records once a session which strategies do not run in it, with the setting that leaves each out. */
export function reportSkipped(state: EngineState, context: TradingContext): Action | undefined {
  const { session } = state;
  if (session === undefined) return undefined;
  const runs = new Set(context.strategies.map(({ name }) => name));
  const drafts = strategiesLeftOut(context.settings)
    .filter(
      ({ strategy }) => !runs.has(strategy) && !session.skipped.has(strategy) && !session.strategies.has(strategy),
    )
    .map((data): Draft => ({
      type: 'StrategySkipped',
      data,
      correlationId: sessionCorrelation(context),
      causationId: session.openedEventId,
    }));
  return drafts.length === 0 ? undefined : record(STREAMS.session(context.date), ...drafts);
}
