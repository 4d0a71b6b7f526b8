import type { Decimal } from '../kernel/decimal.js';
import type { BotIdentity } from '../kernel/identity.js';
import { SECOND_MS, type DateText, type EpochMs } from '../kernel/time.js';
import type { ClientOrderId, StrategyName, TickerSymbol } from '../events/names.js';
import type { Settings } from '../domain/config/settings.js';
import type { MarketView } from '../domain/market/view.js';
import type { Strategy, StrategyContext, StrategyWindow } from '../strategies/strategy.js';
import type { EffectMemory } from './orders/effect-memory.js';
import type { TimeBudget } from '../strategies/time-budget.js';

/** Trading terms of the broker for one symbol. */
export interface AssetTerms {
  readonly tradable: boolean;
  readonly fractionable: boolean;
  /** Unknown: the order is sent, and the broker's refusal rejects it. */
  readonly shortable: boolean | 'unknown';
  readonly minQuantity: Decimal;
  readonly quantityStep?: Decimal;
}

/** What a broker where stops rest allows. */
export interface RestingStops {
  readonly quantityDecimals: number;
  /** Order calls that are not reserved for closing and cancelling now; absent without a limit. */
  readonly spareCalls?: () => number;
}

/** Everything that a rule may look at apart from the state. */
export interface TradingContext {
  readonly identity: BotIdentity;
  readonly date: DateText;
  readonly settings: Settings;
  readonly strategies: readonly Strategy[];
  readonly strategyContext: StrategyContext;
  readonly windows: ReadonlyMap<StrategyName, StrategyWindow>;
  readonly market: MarketView;
  readonly assets: ReadonlyMap<TickerSymbol, AssetTerms>;
  readonly memory: EffectMemory;
  /** Stops rest at the broker, for quantities of so many decimals; absent: they are kept here. */
  readonly restingStops?: RestingStops;
  /** The broker closes all positions in one call. */
  readonly closesTogether?: true;
  /** The broker takes closing orders and cancels while its stream of reports is down. */
  readonly closesWithoutStream?: true;
  /** Live only: time limit of a strategy and its filters; a simulated day has none. */
  readonly budget?: TimeBudget;
  /** Live only: real time, when the engine is still at an earlier minute. */
  readonly worldNow?: () => EpochMs;
  /** Live only: whether the program is ending, so that the bot rests only until its next start. */
  readonly isLeaving?: () => boolean;
  /** Live only: a person can be asked; a simulated day sends its entries as if each was confirmed. */
  readonly asksPerson?: true;
  /** Live only: milliseconds of a clock that only goes forwards, whatever is done to the time of day. */
  readonly elapsedMs?: () => number;
}

/** Milliseconds by which repeated orders are paced; on a simulated day the virtual time, which never goes back. */
export function pacingTime(context: TradingContext, now: EpochMs): number {
  return context.elapsedMs?.() ?? now;
}

/** How long a cancel counts as on its way during a kill: then it leaves again, one of many by itself, and nothing waits for it. */
export const KILL_ANSWER_MS = 2 * SECOND_MS;

/** Whether the cancel of an order left with others so recently that their answer may still come. */
export function isCancelledTogether(context: TradingContext, id: ClientOrderId, now: EpochMs): boolean {
  const leftAt = context.memory.cancelledTogether.get(id);
  return leftAt !== undefined && pacingTime(context, now) - leftAt < KILL_ANSWER_MS;
}

/** Notes that the cancel of an order leaves now. */
export function noteCancel(context: TradingContext, id: ClientOrderId, now: EpochMs): void {
  const { cancelSentAt, cancelSentIn, cancelRepeats } = context.memory;
  if (cancelSentAt.has(id)) cancelRepeats.set(id, (cancelRepeats.get(id) ?? 0) + 1);
  cancelSentAt.set(id, pacingTime(context, now));
  cancelSentIn.set(id, now);
}

/** The later of `now` and real time: when the engine lags, an entry window may already be over. */
export function worldTime(context: TradingContext, now: EpochMs): EpochMs {
  const world = context.worldNow?.() ?? now;
  return world > now ? world : now;
}

/** Correlation id of events that belong to the session as a whole. */
export function sessionCorrelation(context: TradingContext): string {
  return `session/${context.date}`;
}
