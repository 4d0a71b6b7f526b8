import { parseClientOrderId, type ClientOrderId } from '../../events/names.js';
import type { EngineState } from '../../domain/session/engine-state.js';
import type { TradingContext } from '../context.js';

/** `<bot>-<yyyymmdd>-<seq>` (TRD-50): the next number of the session, which only an OrderIntended moves on. */
export function clientOrderIdOf(state: EngineState, context: TradingContext): ClientOrderId {
  const sequence = (state.session?.orderSeq ?? 0) + 1;
  return parseClientOrderId(`${context.identity}-${context.date.replaceAll('-', '')}-${sequence}`);
}
