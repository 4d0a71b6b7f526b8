import { sha256Hex, type Sha256Hex } from '../../kernel/hash.js';

/** Facts that identify an economic event for every importer; all text, exactly as booked. */
export interface FitidFacts {
  readonly broker: string;
  readonly account: string;
  /** Broker's id of the event, or our own where the broker has none. */
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
 * Computes the FITID (ACC-9): the same facts give the same id in every re-sync, rebuild and export, so importers can
 * skip known entries. It does not depend on where or when the event was booked.
 */
export function fitidOf(facts: FitidFacts): Sha256Hex {
  const { broker, account, externalId, trntype, symbol, datetimeUtc, amount, quantity, price, currency } = facts;
  return sha256Hex(
    JSON.stringify([broker, account, externalId, trntype, symbol, datetimeUtc, amount, quantity, price, currency]),
  );
}
