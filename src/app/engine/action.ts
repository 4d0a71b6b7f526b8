import type { Uuid } from '../../kernel/hash.js';
import type { BotIdentity } from '../../kernel/identity.js';
import type { DateText, EpochMs } from '../../kernel/time.js';
import type { EventData, EventType, StreamName } from '../../events/event.js';
import type { ClientOrderId, StrategyName, TickerSymbol } from '../../events/names.js';
import type { Settings } from '../../domain/config/settings.js';
import type { MarketView } from '../../domain/market/view.js';
import type { EngineState } from '../../domain/session/engine-state.js';
import type { BrokerAsset } from '../../ports/reference-data.js';
import type { TimeBudget } from '../../ports/time-budget.js';
import type { Strategy, StrategyContext, StrategyWindow } from '../../strategies/strategy.js';

/** An event to be recorded; the recorder gives it id, revision and the rest of its envelope. */
export type Draft<T extends EventType = EventType> = {
  [K in T]: {
    readonly type: K;
    readonly data: EventData<K>;
    /** When the world did it; the clock when left out. */
    readonly occurredAt?: EpochMs;
    /** Names an event of the world (JRN-10); absent for what the bot itself did. */
    readonly naturalKey?: readonly string[];
    readonly correlationId: string;
    readonly causationId: Uuid | null;
  };
}[T];

/**
 * What the engine does next: record (one atomic append to one stream), or act on the broker after what it had recorded.
 * Every rule looks at the state alone, so a step that a crash cut off goes on where the journal ends.
 */
export type Action =
  | { readonly act: 'record'; readonly stream: StreamName; readonly drafts: readonly Draft[] }
  | { readonly act: 'submit'; readonly clientOrderId: ClientOrderId }
  | { readonly act: 'cancel'; readonly clientOrderId: ClientOrderId }
  | { readonly act: 'query'; readonly clientOrderId: ClientOrderId };

/** What this process did at the broker; lost with it, which is safe: a successor asks before it sends. */
export interface EffectMemory {
  /** Intents of this process that were never handed over: only they may be sent without asking. */
  readonly unsent: Set<ClientOrderId>;
  /** When a cancel was last handed over; it is handed over again while the order lives on. */
  readonly cancelSentAt: Map<ClientOrderId, EpochMs>;
  readonly askedAt: Map<ClientOrderId, EpochMs>;
  /** Handed over, and not waited for: since when. Its answer comes as news. */
  readonly inFlight: Map<ClientOrderId, EpochMs>;
  readonly failedSends: Map<ClientOrderId, { readonly count: number; readonly notBefore: EpochMs }>;
}

export function newEffectMemory(): EffectMemory {
  return {
    unsent: new Set(),
    cancelSentAt: new Map(),
    askedAt: new Map(),
    inFlight: new Map(),
    failedSends: new Map(),
  };
}

/** Everything that a rule may look at. */
export interface EngineContext {
  readonly identity: BotIdentity;
  readonly date: DateText;
  readonly settings: Settings;
  readonly strategies: readonly Strategy[];
  readonly strategyContext: StrategyContext;
  readonly windows: ReadonlyMap<StrategyName, StrategyWindow>;
  readonly market: MarketView;
  readonly assets: ReadonlyMap<TickerSymbol, BrokerAsset>;
  readonly memory: EffectMemory;
  /** Live only: what a strategy and its filters may take; a simulated day trusts them. */
  readonly budget?: TimeBudget;
  /** Live only: the time of the world, when the engine is still at an earlier minute. */
  readonly worldNow?: () => EpochMs;
}

/** Later than `now` when minutes are played late: what is over by then is not entered any more. */
export function worldTime(context: EngineContext, now: EpochMs): EpochMs {
  const world = context.worldNow?.() ?? now;
  return world > now ? world : now;
}

/** A rule of the engine. `atMinute` is true when a minute of market data has just ended at `now`. */
export type Rule = (state: EngineState, context: EngineContext, now: EpochMs, atMinute: boolean) => Action | undefined;

export function record(stream: StreamName, ...drafts: readonly Draft[]): Action {
  return { act: 'record', stream, drafts };
}
