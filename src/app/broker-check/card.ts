import type { TickerSymbol } from '../../events/names.js';
import type { Broker } from '../../ports/broker.js';
import type { DateText, EpochMs } from '../../kernel/time.js';

/** What a card says: in this situation, when that happens, then this holds. */
export interface CardFacts {
  readonly id: string;
  readonly given: string;
  readonly when: string;
  readonly then: string;
  /** Where it is known from: a public issue, a section of a reference, or `own`. */
  readonly source: string;
}

/** What a harmless check is about. */
export interface CheckedAccount {
  readonly broker: Broker;
  /** A liquid symbol that the broker knows. */
  readonly symbol: TickerSymbol;
  readonly now: EpochMs;
  /** A Saturday. */
  readonly dayOff: DateText;
}

/** A check that reads only: it places, changes and cancels nothing, so it may run against any account. */
export interface HarmlessCard extends CardFacts {
  /** Why the broker failed it; undefined when it passed. */
  readonly check: (account: CheckedAccount) => Promise<string | undefined>;
}
