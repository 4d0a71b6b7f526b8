import type { components } from '../../generated/api.js';
import { books } from './messages.js';

/** An adjusting entry as it was typed; an empty text is none. */
export interface TypedAdjustment extends Record<string, unknown> {
  readonly side: '' | 'buy' | 'sell';
  readonly symbol: string;
  readonly quantity: string;
  readonly price: string;
  readonly cash: string;
  readonly account: string;
  readonly at: string;
  readonly settles: string;
  readonly reason: string;
}

/** Fields that are shown, and mean something, only while shares move. */
const OF_SHARES: readonly string[] = ['symbol', 'quantity', 'price'];

/** Faults of what shares need and was left empty, by field. */
export function missingOfShares(typed: TypedAdjustment): Readonly<Record<string, string>> {
  if (typed.side === '') return {};
  const { missing } = books.adjustment;
  return Object.fromEntries(
    (['symbol', 'quantity', 'price'] as const)
      .filter((name) => typed[name].trim() === '')
      .map((name) => [name, missing[name]]),
  );
}

/** The body of the request without what was left empty. The id is that of the request, so that a repetition books nothing. */
export function adjustmentOf(
  { reason, ...typed }: TypedAdjustment,
  requestId: string,
): components['schemas']['AdjustmentInput'] {
  const given = Object.entries(typed)
    .filter(([name]) => typed.side !== '' || !OF_SHARES.includes(name))
    .map(([name, value]) => [name, String(value).trim()] as const)
    .filter(([, value]) => value !== '');
  return { ...Object.fromEntries(given), reason: reason.trim(), requestId };
}

/**
 * An id for each entry: an answer that never came is no second entry, so the same values keep their id until they are
 * booked. The reason is none of them: a corrected reason is of the same entry.
 */
export class RequestIds {
  #values = '';
  #id = '';

  constructor(private readonly make: () => string) {}

  /** The id for these values. */
  of({ reason: _reason, ...values }: Readonly<Record<string, unknown>>): string {
    const text = JSON.stringify(values);
    if (this.#id === '' || this.#values !== text) {
      this.#values = text;
      this.#id = this.make();
    }
    return this.#id;
  }

  /** The entry is booked: the same values mean another one from now on. */
  booked(): void {
    this.#id = '';
  }
}
