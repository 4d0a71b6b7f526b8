import { sha256Hex, type Sha256Hex } from '../../kernel/hash.js';

/** The facts that name an economic event for every importer; all text, exactly as booked. */
export interface FitidFacts {
  readonly broker: string;
  readonly account: string;
  /** The broker's id of it, or our own where the broker has none. */
  readonly externalId: string;
  readonly trntype: string;
  readonly symbol: string | null;
  readonly datetimeUtc: string;
  /** Effect on cash, two decimals. */
  readonly amount: string;
  readonly quantity: string | null;
  readonly price: string | null;
  readonly currency: string;
}

/**
 * ACC-9: the same facts give the same id in every re-sync, rebuild and export, so that an importer skips what it has.
 * Nothing of where or when we booked it goes in.
 */
export function fitidOf(facts: FitidFacts): Sha256Hex {
  const { broker, account, externalId, trntype, symbol, datetimeUtc, amount, quantity, price, currency } = facts;
  return sha256Hex(
    JSON.stringify([broker, account, externalId, trntype, symbol, datetimeUtc, amount, quantity, price, currency]),
  );
}
