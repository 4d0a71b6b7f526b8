import { streamName, type StreamName } from '../../events/event.js';
import type { ClientOrderId, StrategyName, TickerSymbol } from '../../events/names.js';
import type { DateText } from '../../kernel/time.js';

/** The streams that the engine writes: each has one writer. */
export const STREAMS = {
  lifecycle: streamName('lifecycle'),
  config: streamName('config'),
  risk: streamName('risk'),
  float: streamName('float'),
  accounting: streamName('accounting'),
  reporting: streamName('reporting'),
  errors: streamName('errors'),
  /** Written by whoever makes a backup, also while an engine runs. */
  backup: streamName('backup'),
  session: (date: DateText): StreamName => streamName('session', date),
  strategy: (name: StrategyName, date: DateText): StreamName => streamName(`strategy-${name}`, date),
  order: (id: ClientOrderId): StreamName => streamName('order', id),
  position: (symbol: TickerSymbol): StreamName => streamName('position', symbol),
} as const;
