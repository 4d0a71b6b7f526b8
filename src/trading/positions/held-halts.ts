import { HELD_SYMBOL_HALTED, heldHaltText } from '../../domain/orders/held-halt.js';
import { errorRecorded } from '../../events/error-recorded.js';
import { STREAMS } from '../../events/streams.js';
import { toUtcText } from '../../kernel/time.js';
import { record, type Rule } from '../action.js';
import { sessionCorrelation } from '../context.js';

/** Reports once each halt of a symbol that the bot holds, as soon as both are so: its stop and its exits cannot trade. */
export const heldHaltRule: Rule = (state, context, now, atMinute) => {
  const { market } = context;
  if (!atMinute || !market.hasHalts) return undefined;
  for (const { symbol, quantity, strategy, positionId } of state.positions.values()) {
    const since = quantity.isZero() || !market.knows(symbol) ? undefined : market.of(symbol).haltedSince;
    if (since === undefined) continue;
    const key = `held-halt/${symbol}/${toUtcText(since)}`;
    if (state.reportedErrors.has(key)) continue;
    return record(
      STREAMS.errors,
      errorRecorded(
        {
          ...{ errorType: 'DataError', errorCode: HELD_SYMBOL_HALTED, strategy },
          message: heldHaltText({ symbol, since: toUtcText(since) }),
          context: { key, positionId },
        },
        {
          occurredAt: now,
          correlationId: sessionCorrelation(context),
          causationId: state.session?.openedEventId ?? null,
        },
      ),
    );
  }
  return undefined;
};
