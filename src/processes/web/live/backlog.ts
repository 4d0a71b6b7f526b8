import type { Position } from '../../../events/event.js';

/** A live event as it is sent. */
export interface SentEvent {
  readonly position: Position;
  readonly text: string;
}

/** Ids that are no live event themselves, as of a page that has read the journal before. */
const MOST_IDS = 32;

/**
 * The last live events in the order of the journal, without a gap: who resumes within them costs no reading, and what was missed
 * is put together once for all who missed the same.
 */
export class Backlog {
  #events: SentEvent[] = [];
  /** Index by position. */
  #places = new Map<string, number>();
  /** The first event after an id that is none of ours. */
  readonly #firstAfter = new Map<string, Position>();
  #joined: { readonly from: number; readonly bytes: Buffer } | undefined;

  /** `most`: events that a client may have missed; `opening`: text before them. */
  constructor(
    private readonly most: number,
    private readonly opening: string,
  ) {}

  /** The next event of the journal; one that was read before it came is there already. */
  add(event: SentEvent): void {
    if (this.#places.has(event.position)) return;
    this.#places.set(event.position, this.#events.length);
    this.#events.push(event);
    this.#joined = undefined;
    // With the event before them, whose client has missed so many.
    if (this.#events.length > 2 * this.most) this.#take(this.#events.slice(-this.most - 1));
  }

  /** The opening and everything after the event with this id, as it is sent; undefined when that is too much or not known here. */
  after(id: string): Buffer | undefined {
    const from = this.#placeAfter(id);
    if (from === undefined || this.#events.length - from > this.most) return undefined;
    if (this.#joined?.from !== from) {
      const texts = this.#events.slice(from).map(({ text }) => text);
      this.#joined = { from, bytes: Buffer.from(`${this.opening}${texts.join('')}`) };
    }
    return this.#joined.bytes;
  }

  /** Takes what the journal has after an id, read to its end: events before ours, or some of ours. */
  learn(id: string, found: readonly SentEvent[]): void {
    const [first] = found;
    if (first === undefined) return;
    if (!this.#places.has(first.position)) {
      const start = found.findIndex(({ position }) => this.#places.has(position));
      // Without one of ours among them they end where ours begin: ours came after they were read.
      this.#take([...(start < 0 ? found : found.slice(0, start)), ...this.#events]);
    }
    this.#firstAfter.set(id, first.position);
    const [oldest] = this.#firstAfter.keys();
    if (this.#firstAfter.size > MOST_IDS && oldest !== undefined) this.#firstAfter.delete(oldest);
  }

  /** When the order of the events is in doubt: all of them are read again. */
  forget(): void {
    this.#take([]);
    this.#firstAfter.clear();
  }

  #placeAfter(id: string): number | undefined {
    const place = this.#places.get(id);
    if (place !== undefined) return place + 1;
    const first = this.#firstAfter.get(id);
    return first === undefined ? undefined : this.#places.get(first);
  }

  #take(events: SentEvent[]): void {
    this.#events = events;
    this.#places = new Map(events.map(({ position }, index) => [position, index]));
    this.#joined = undefined;
  }
}
