import type { Decimal, DecimalText } from '../../kernel/decimal.js';
import type { Sha256Hex, Uuid } from '../../kernel/hash.js';
import type { Cents } from '../../kernel/money.js';
import type { UtcText } from '../../kernel/time.js';
import type { Position } from '../../events/event.js';
import type { StrategyName, TickerSymbol } from '../../events/names.js';

/** What an economic event is called in the books and in OFX terms. */
export type TransactionType =
  | 'OPENING'
  | 'BUY'
  | 'SELL'
  | 'SELLSHORT'
  | 'BUYTOCOVER'
  | 'FLOATIN'
  | 'FLOATOUT'
  | 'DEPOSIT'
  | 'WITHDRAWAL'
  | 'DIVIDEND'
  | 'INTEREST'
  | 'FEE';

/** ACC-8: how a trade is called in the views. */
export type TradeAction =
  'long' | 'short' | 'put' | 'inverse' | 'call' | 'assignment' | 'exercise' | 'expire' | 'reorg' | 'other';

/** One debit or credit. Exactly one of the two is above zero. Quantity and price only where the leg is of a security. */
export interface LedgerLeg {
  readonly accountCode: string;
  readonly debit: Cents;
  readonly credit: Cents;
  readonly currency: 'USD';
  readonly quantity: DecimalText | null;
  readonly price: DecimalText | null;
  readonly symbol: TickerSymbol | null;
}

/** A balanced entry of the journal of accounts, made from exactly one event. */
export interface LedgerGroup {
  /** UUIDv5 of the source event and its part. */
  readonly groupId: Uuid;
  readonly fitid: Sha256Hex;
  /**
   * The broker's id of it (execution, activity); null for what the broker does not know. What follows from a bust or
   * a correction has no id of its own there: it carries the id of the execution and a counting suffix, `E7:1`.
   */
  readonly externalId: string | null;
  readonly trntype: TransactionType;
  readonly action: TradeAction;
  readonly datetimeUtc: UtcText;
  readonly description: string;
  readonly strategy: StrategyName | null;
  readonly symbol: TickerSymbol | null;
  /** Shares, always above zero; null when no security moved. */
  readonly quantity: DecimalText | null;
  readonly price: DecimalText | null;
  readonly commission: Cents;
  readonly fee: Cents;
  /** Effect on cash, negative when it is spent. */
  readonly netAmount: Cents;
  readonly sourceEventId: Uuid;
  readonly sourcePosition: Position;
  readonly syncRunId: string | null;
  readonly batchId: Uuid;
  readonly mappingVersion: number;
  /** Digest of what the broker sent; null for what we made. */
  readonly responseHash: Sha256Hex | null;
  /** The group that this one reverses. */
  readonly reverses: Uuid | null;
  readonly legs: readonly LedgerLeg[];
}

/** Shares bought (or sold short) by one execution and not yet closed. Quantity above zero. */
export interface OpenLot {
  readonly lotId: string;
  readonly symbol: TickerSymbol;
  readonly side: 'long' | 'short';
  readonly openedAt: UtcText;
  readonly price: Decimal;
  readonly quantity: Decimal;
  /** What is left of the cost (long) or proceeds (short), to the cent; the last closure takes the whole rest. */
  readonly amount: Cents;
}

/**
 * A part of a lot that an execution closed. One that is taken back (bust, correction) comes again with quantity, amounts
 * and gain negated, so that sums over closures are always right.
 */
export interface LotClosure {
  readonly lotId: string;
  readonly closedBy: string;
  readonly symbol: TickerSymbol;
  readonly side: 'long' | 'short';
  readonly quantity: Decimal;
  readonly openedAt: UtcText;
  readonly openPrice: Decimal;
  readonly closedAt: UtcText;
  /** Cost of the long part, or proceeds of the short part. */
  readonly openAmount: Cents;
  /** Proceeds of the long part, or cost of the cover. */
  readonly closeAmount: Cents;
  /** Gain above zero, loss below. */
  readonly gain: Cents;
  readonly term: 'short' | 'long';
}
