import type { Broker } from '../../ports/broker.js';
import type { OrderEntry } from '../../ports/order-entry.js';
import type { Clock } from '../../kernel/time.js';
import type { Rule } from '../../trading/action.js';
import type { TradingContext } from '../../trading/context.js';
import type { EngineAppender } from '../journal/engine-appender.js';
import type { EffectsGuard } from '../ownership/effects-guard.js';
import type { LookDeps } from './books-look.js';
import type { BrokerCalls } from './broker-calls.js';
import type { OrderJournal } from './forgotten-orders.js';

/** What the engine is made of. */
export interface EngineOptions {
  readonly broker: OrderEntry & Pick<Broker, 'code' | 'capabilities'> & LookDeps['broker'];
  readonly clock: Clock;
  readonly appender: EngineAppender;
  /** Asked before each effect at the broker. */
  readonly effects: EffectsGuard;
  /** Answers for orders that the state has forgotten. */
  readonly journal: OrderJournal;
  readonly context: TradingContext;
  readonly rules: readonly Rule[];
  /** Live only. */
  readonly live?: LiveParts;
}

/** What only a live session has. */
export interface LiveParts {
  readonly calls: BrokerCalls;
  /**
   * Between two actions: a kill takes effect here. `isUrgent` says whether the next action is one that a kill waits for. False: an event
   * of the venue is due, which comes before the rest of what the rules decide.
   */
  readonly beforeStep: (isUrgent: () => boolean) => Promise<boolean>;
}
