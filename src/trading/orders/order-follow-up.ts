import type { ClientOrderId } from '../../events/names.js';
import { Decimal } from '../../kernel/decimal.js';
import { MINUTE_MS, plusMs, type EpochMs } from '../../kernel/time.js';
import { decideOrder } from '../../domain/orders/decide-order.js';
import { isRestingStop, type Order } from '../../domain/orders/order.js';
import type { Withdrawal } from '../../domain/orders/withdrawals.js';
import { KEY_REFUSED } from '../../domain/risk/key-refused.js';
import type { EngineState } from '../../domain/session/engine-state.js';
import { closesAtOnce, closesPositions, entriesHeld, isResting } from '../../domain/session/trading-permissions.js';
import type { Action, Rule } from '../action.js';
import { isCancelledTogether, KILL_ANSWER_MS, pacingTime, worldTime, type TradingContext } from '../context.js';
import { recordOrderEvents } from './order-events.js';

/** A question that is under way is not asked again for so long: the proof that a broker has no order takes most of it. */
const LONGEST_QUESTION_MS = MINUTE_MS;

/**
 * Sends intended orders, queries unknown and silent ones, and sends cancels. Sends nothing while the broker is suspended
 * (F4), but for a kill where closing orders need no stream, and no order of an earlier process before a query for it (F6, F7).
 */
export const orderRules: Rule = (state, context, now) => {
  if (state.liveOrders.size === 0) return undefined;
  const closes = closesAtOnce(state);
  const isSuspended = state.session?.suspendedSince !== undefined;
  if (isSuspended && !(closes && closesSuspended(state, context))) return undefined;
  let later: Action | undefined;
  for (const order of state.liveOrders.values()) {
    if (isSuspended && order.stage === 'intended' && order.intent.purpose === 'entry') continue;
    const action = nextForOrder(state, context, order, now);
    if (action === undefined) continue;
    // during a kill nothing that is only recorded or asked delays what leaves for the broker
    if (!closes || action.act === 'submit' || action.act === 'cancel') return action;
    later ??= action;
  }
  return later;
};

/** Whether a kill tries although the broker counts as away: of one whose stream alone is down, the orders still arrive (P7). */
function closesSuspended({ session }: EngineState, { closesWithoutStream }: TradingContext): boolean {
  return closesWithoutStream === true && session?.suspendedFor !== KEY_REFUSED;
}

function nextForOrder(state: EngineState, context: TradingContext, order: Order, now: EpochMs): Action | undefined {
  const { memory } = context;
  const clientOrderId = order.intent.clientOrderId;
  const timeoutMs = context.settings.API_TIMEOUT * 1_000;
  const lastAsked = memory.askedAt.get(clientOrderId);
  const askAgainMs = memory.asking.has(clientOrderId) ? Math.max(timeoutMs, LONGEST_QUESTION_MS) : timeoutMs;
  const mayAsk = lastAsked === undefined || now >= plusMs(lastAsked, askAgainMs);
  const handedOverAt = memory.inFlight.get(clientOrderId);
  if (handedOverAt !== undefined && order.stage === 'intended') {
    return now < plusMs(handedOverAt, timeoutMs) ? undefined : doubted(state, order, `no answer for ${timeoutMs} ms`);
  }
  if (order.stage === 'intended') {
    if (!memory.unsent.has(clientOrderId)) return mayAsk ? { act: 'query', clientOrderId } : undefined;
    return send(state, context, order, now);
  }
  const cancels = order.cancelRequested && cancelIsDue(state, context, clientOrderId, now);
  if (order.stage === 'unresolved') {
    // after a kill the cancel is sent without a query: a broker that does not know the order rejects it
    if (cancels && closesAtOnce(state)) return { act: 'cancel', clientOrderId };
    return mayAsk ? { act: 'query', clientOrderId } : undefined;
  }
  if (cancels) return { act: 'cancel', clientOrderId };
  const newsAt = state.newsAt.get(clientOrderId);
  const silent = newsAt !== undefined && now >= plusMs(newsAt, timeoutMs);
  if (silent && order.stage === 'submitted') {
    return doubted(state, order, `silent for ${timeoutMs} ms`);
  }
  // only a query shows a fill whose message was lost (F3)
  return silent && mayAsk ? { act: 'query', clientOrderId } : undefined;
}

/**
 * Whether a cancel that was asked for leaves now: the first at once, later ones while the order lives on. During a kill nothing waits
 * for the time limit of a call: a lost cancel is repeated after two seconds, then after twice as long each time, with calls to spare.
 */
function cancelIsDue(state: EngineState, context: TradingContext, id: ClientOrderId, now: EpochMs): boolean {
  const { cancelSentAt, cancelSentIn, cancelRepeats, cancelledTogether } = context.memory;
  const sentAt = cancelSentAt.get(id);
  if (sentAt === undefined) return true;
  // a call for many orders says nothing of each: one that lives on is cancelled by itself
  if (cancelledTogether.has(id) && !isCancelledTogether(context, id, now)) return true;
  // its answer was awaited for as long as that: repeated in the same step, it would hold up news, commands and minutes without end
  if (!closesAtOnce(state) && cancelSentIn.get(id) === now) return false;
  const timeoutMs = context.settings.API_TIMEOUT * 1_000;
  const repeats = cancelRepeats.get(id) ?? 0;
  const hasSpare = (context.restingStops?.spareCalls?.() ?? 1) >= 1;
  const isSoon = closesAtOnce(state) && (repeats === 0 || hasSpare);
  const waitMs = isSoon ? Math.min(timeoutMs, KILL_ANSWER_MS * 2 ** repeats) : timeoutMs;
  return pacingTime(context, now) - sentAt >= waitMs;
}

function doubted(state: EngineState, order: Order, message: string): Action | undefined {
  return recordOrderEvents(state, order, decideOrder(order, { kind: 'noAnswer', code: 'NO_ANSWER', message }));
}

/** Sends an order that the broker does not have, or ends it when it is obsolete or its attempts are used up. */
function send(state: EngineState, context: TradingContext, order: Order, now: EpochMs): Action | undefined {
  const { clientOrderId, purpose } = order.intent;
  if (purpose === 'entry') {
    if (state.killTripped !== undefined) {
      return withdrawn(state, order, 'KILL_SWITCH', 'never sent: the kill switch tripped');
    }
    if (isResting(state)) return withdrawn(state, order, 'BOT_STOPPED', 'never sent: the bot was stopped');
    if (entryIsLate(state, context, order, now)) {
      return withdrawn(state, order, 'ENTRY_WINDOW_CLOSED', 'never sent: its entry window is closed');
    }
  }
  if (isRestingStop(order) && !needsStop(state, order)) {
    return withdrawn(state, order, 'STOP_NOT_NEEDED', 'never sent: the position is being closed');
  }
  if (purpose === 'exit' && holdsLess(state, order)) {
    return withdrawn(state, order, 'POSITION_CHANGED', 'never sent: the position holds fewer shares by now');
  }
  // an unreachable broker does not hold the entry here: the send fails and is retried
  if (purpose === 'entry' && state.session?.suspendedSince === undefined && entriesHeld(state)) return undefined;
  const failed = context.memory.failedSends.get(clientOrderId);
  const tries = Math.max(failed?.count ?? 0, order.attempts);
  if (tries > context.settings.API_RETRY_LIMIT) {
    const last = failed === undefined ? '' : `, the last one: ${failed.why}`;
    return withdrawn(state, order, 'BROKER_UNREACHABLE', `never accepted: ${tries} attempts failed${last}`);
  }
  return failed === undefined || now >= failed.notBefore ? { act: 'submit', clientOrderId } : undefined;
}

/** Whether the position of a stop is not being closed already. */
function needsStop(state: EngineState, { intent }: Order): boolean {
  return !closesPositions(state) && state.positions.get(intent.positionId)?.exitReason === undefined;
}

/** Whether another order closed shares since this one was intended: a stop may trade although its cancel was confirmed. */
function holdsLess(state: EngineState, { intent }: Order): boolean {
  const position = state.positions.get(intent.positionId);
  return (
    position !== undefined && intent.quantity !== null && position.quantity.abs().lt(Decimal.parse(intent.quantity))
  );
}

/** Whether an entry is too late for its window or its session. */
function entryIsLate(state: EngineState, context: TradingContext, order: Order, now: EpochMs): boolean {
  const window = context.windows.get(order.intent.strategy);
  const position = state.positions.get(order.intent.positionId);
  return (
    window === undefined || worldTime(context, now) >= window.monitoringFrom || position?.sessionDate !== context.date
  );
}

function withdrawn(
  state: EngineState,
  order: Order,
  code: Withdrawal | 'BROKER_UNREACHABLE',
  message: string,
): Action | undefined {
  return recordOrderEvents(state, order, decideOrder(order, { kind: 'rejected', code, message }));
}
