import type { ClientOrderId } from '../../events/names.js';
import type { EpochMs } from '../../kernel/time.js';
import type { EngineState } from '../../domain/session/engine-state.js';
import { costPrice } from '../../domain/session/position-cost.js';
import type { PositionRun } from '../../domain/session/session-run.js';
import { closesAtOnce, isHalted } from '../../domain/session/trading-permissions.js';
import { recordAll, type RecordAction, type Rule } from '../action.js';
import { exitPosition } from '../exits/exit-order.js';
import { cancelRestingStops } from '../exits/resting-stop.js';
import { isCancelledTogether, type TradingContext } from '../context.js';
import { markOf } from '../positions/mark.js';
import { cancelEntries } from './cancel-entries.js';

/**
 * After a kill: cancels all working entries and closes all positions immediately, the largest first (RUN-16). All of it is one
 * action: however many positions are open, the first order waits for one append.
 */
export const killRule: Rule = (state, context, now, atMinute) => {
  if (!closesAtOnce(state)) return undefined;
  const why = isHalted(state) ? 'the kill switch tripped' : 'the bot was killed or stopped';
  const cancels = [...cancelEntries(state, why), ...cancelRestingStops(state, why)];
  const positions = largestFirst(state, context);
  if (positions.length > 1 && context.closesTogether === true && awaitsCancels(state, context, now)) {
    return recordAll(cancels);
  }
  // the first order goes out immediately; a rejected exit is retried only once a minute
  const due = positions.filter(({ exitReason }) => exitReason !== 'kill' || atMinute);
  // an order whose cancel is in this action is asked for once
  const cancelled = new Set(cancels.map(({ stream }) => stream));
  const exits = exitsOf(due, state, context, now).filter(({ stream }) => !cancelled.has(stream));
  return recordAll([...cancels, ...exits]);
};

/** The next step of each position. */
function exitsOf(
  positions: readonly PositionRun[],
  state: EngineState,
  context: TradingContext,
  now: EpochMs,
): readonly RecordAction[] {
  const taken = new Set<ClientOrderId>();
  const exits: RecordAction[] = [];
  for (const position of positions) {
    const exit = exitPosition(state, context, { position, reason: 'kill', now, taken });
    if (exit === undefined) continue;
    exits.push(exit);
    for (const { type, data } of exit.drafts) if (type === 'OrderIntended') taken.add(data.clientOrderId);
  }
  return exits;
}

/** Whether cancels that left together may be confirmed soon: positions that are free at once are closed in one call. */
function awaitsCancels({ liveOrders }: EngineState, context: TradingContext, now: EpochMs): boolean {
  for (const id of liveOrders.keys()) if (isCancelledTogether(context, id, now)) return true;
  return false;
}

/** Positions by their value at the last price: a broker that takes few orders in a minute gets the most of the risk first. */
function largestFirst(state: EngineState, context: TradingContext): readonly PositionRun[] {
  const held = [...state.positions.values()].filter(({ quantity }) => !quantity.isZero());
  const valued = held.map((position) => ({
    position,
    value: position.quantity.abs().times(markOf(context.market, position) ?? costPrice(position)),
  }));
  return valued.sort((a, b) => b.value.compare(a.value)).map(({ position }) => position);
}
