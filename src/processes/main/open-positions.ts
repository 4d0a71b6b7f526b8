import type { EventType, RecordedEvent } from '../../events/event.js';

/** The events that open and close positions. */
export const POSITION_EVENTS: readonly EventType[] = ['PositionOpened', 'PositionClosed'];

/** The open positions of the bot, from their events alone: main folds no books. */
export class OpenPositions {
  /** Symbol and side by position. */
  readonly #open = new Map<string, string>();

  apply(event: RecordedEvent): void {
    if (event.type === 'PositionOpened') {
      this.#open.set(event.data.positionId, `${event.data.symbol} ${event.data.side}`);
    }
    if (event.type === 'PositionClosed') this.#open.delete(event.data.positionId);
  }

  /** Such as `AIG long`, sorted. */
  list(): readonly string[] {
    return [...this.#open.values()].sort();
  }
}
