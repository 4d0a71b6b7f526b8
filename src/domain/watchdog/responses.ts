import type { WatchSubject } from './watch-table.js';

/** What TradeBot does while a watched part is down (RUN-42). */
export type WatchResponse =
  /** The broker counts as disconnected: entries wait, and what was missed is fetched when it is back. */
  | 'suspend-broker'
  /** Strategies end, positions close in order, then the bot is stopped; a person starts it again. */
  | 'controlled-stop'
  /** No new entries; positions are managed; ends when the part is back. */
  | 'suspend-entries'
  /** Nothing is sent any more, since it could not be recorded first (P1); the engine ends and its successor continues. */
  | 'freeze';

/** The response to each part that is down; `degraded` has none. */
export const RESPONSE_WHEN_DOWN: Readonly<Record<WatchSubject, WatchResponse>> = {
  broker: 'suspend-broker',
  market_data: 'controlled-stop',
  clock: 'suspend-entries',
  disk: 'suspend-entries',
  journal: 'freeze',
};

/**
 * Whether a part that is down forbids entries by itself. The broker has an event of its own, BrokerSuspended; without
 * market data the bot stops.
 */
export function forbidsEntries(down: WatchSubject): boolean {
  const response = RESPONSE_WHEN_DOWN[down];
  return response === 'suspend-entries' || response === 'freeze';
}
