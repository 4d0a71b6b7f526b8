import type { WatchSubject } from './watch-table.js';

/** Response of TradeBot while a watched part is down (RUN-42). */
export type WatchResponse =
  /** The broker counts as disconnected: entries wait, and missed updates are fetched after it reconnects. */
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
 * Whether a part that is down suspends entries by itself. The broker has its own event, BrokerSuspended; without market
 * data the bot stops.
 */
export function forbidsEntries(down: WatchSubject): boolean {
  const response = RESPONSE_WHEN_DOWN[down];
  return response === 'suspend-entries' || response === 'freeze';
}
