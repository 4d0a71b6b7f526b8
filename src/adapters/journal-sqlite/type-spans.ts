import type Database from 'better-sqlite3';
import type { EventType } from '../../events/event.js';

/** Positions of a span: near half a millisecond to look through. */
export const SPAN = 1_024;

/**
 * Which types of events lie in which spans of positions, in memory: a span that is full never changes again, so what was
 * seen of it once holds as long as the file is open. A question for a rare type then passes over the spans without it. The
 * file has no index of types for that, which each append would pay for, and which others could change unnoticed.
 */
export class TypeSpans {
  readonly #typeId: Database.Statement<[string], number>;
  readonly #typesIn: Database.Statement<[number, number], number>;
  /** By number of the span: a bit for each id of a type. */
  readonly #seen = new Map<number, bigint>();

  constructor(db: Database.Database) {
    this.#typeId = db.prepare<[string], number>('SELECT type_id FROM types WHERE name = ?').pluck();
    this.#typesIn = db
      .prepare<[number, number], number>('SELECT DISTINCT type_id FROM events WHERE position >= ? AND position <= ?')
      .pluck();
  }

  /** The bits of types; 0n when the journal has no event of any of them. */
  bitsOf(types: readonly EventType[]): bigint {
    return types.reduce((bits, type) => {
      const id = this.#typeId.get(type);
      return id === undefined ? bits : bits | (1n << BigInt(id));
    }, 0n);
  }

  /** Whether the span has an event of these types; undefined for one that nobody has looked through. */
  has(span: number, bits: bigint): boolean | undefined {
    const seen = this.#seen.get(span);
    return seen === undefined ? undefined : (seen & bits) !== 0n;
  }

  /** Looks through a full span; one that is known already costs nothing. */
  learn(span: number): void {
    if (this.#seen.has(span)) return;
    const ids = this.#typesIn.all(firstOf(span), lastOf(span));
    this.#seen.set(
      span,
      ids.reduce((bits, id) => bits | (1n << BigInt(id)), 0n),
    );
  }
}

/** The span of a position, and its ends. */
export const spanOf = (position: number): number => Math.floor((position - 1) / SPAN);
export const firstOf = (span: number): number => span * SPAN + 1;
export const lastOf = (span: number): number => (span + 1) * SPAN;
