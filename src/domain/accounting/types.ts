import type { Decimal, DecimalText } from '../../kernel/decimal.js';
import type { Sha256Hex, Uuid } from '../../kernel/hash.js';
import type { Cents } from '../../kernel/money.js';
import type { UtcText } from '../../kernel/time.js';
import type { Position } from '../../events/event.js';
import type { ClientOrderId, StrategyName, TickerSymbol } from '../../events/names.js';

/** Types of an economic event in the books and in OFX. */
export const TRANSACTION_TYPES = [
  'OPENING',
  'BUY',
  'SELL',
  'SELLSHORT',
  'BUYTOCOVER',
  'FLOATIN',
  'FLOATOUT',
  'DEPOSIT',
  'WITHDRAWAL',
  'DIVIDEND',
  'INTEREST',
  'FEE',
  'SPLIT',
  'ADJUSTMENT',
] as const;
export type TransactionType = (typeof TRANSACTION_TYPES)[number];

/** Name of a trade in views (ACC-8). */
export type TradeAction =
  'long' | 'short' | 'put' | 'inverse' | 'call' | 'assignment' | 'exercise' | 'expire' | 'reorg' | 'other';

/** A debit or credit; exactly one of the two is above zero. Quantity and price are set only for a security leg. */
export interface LedgerLeg {
  readonly accountCode: string;
  readonly debit: Cents;
  readonly credit: Cents;
  readonly currency: 'USD';
  readonly quantity: DecimalText | null;
  readonly price: DecimalText | null;
  readonly symbol: TickerSymbol | null;
}

/** A balanced ledger entry, made from exactly one event. */
export interface LedgerGroup {
  /** UUIDv5 of the source event and its part. */
  readonly groupId: Uuid;
  readonly fitid: Sha256Hex;
  /**
   * Broker's id of the execution or activity; null when the broker has none. Groups of a bust or correction have the
   * id of the execution with a counting suffix, such as `E7:1`.
   */
  readonly externalId: string | null;
  /** The order of a trade, within which the broker's id is unique; absent for everything else. */
  readonly clientOrderId?: ClientOrderId;
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
  /** Effect on cash; negative when spent. */
  readonly netAmount: Cents;
  readonly sourceEventId: Uuid;
  readonly sourcePosition: Position;
  readonly syncRunId: string | null;
  readonly batchId: Uuid;
  readonly mappingVersion: number;
  /** Digest of the broker's response; null for an entry of our own. */
  readonly responseHash: Sha256Hex | null;
  /** The group that this one reverses. */
  readonly reverses: Uuid | null;
  readonly legs: readonly LedgerLeg[];
}

/**
 * Shares that moved without a cent, so that no group has them: a position of no cost from before the books, or an
 * execution worth less than half a cent.
 */
export interface ShareTransfer {
  readonly fitid: Sha256Hex;
  /** Broker's id of the execution, with a suffix for a reversal; null for an opening position. */
  readonly externalId: string | null;
  readonly datetimeUtc: UtcText;
  readonly description: string;
  readonly strategy: StrategyName | null;
  readonly symbol: TickerSymbol;
  readonly side: 'long' | 'short';
  /** `in` enlarges the position of the side, `out` reduces it. */
  readonly direction: 'in' | 'out';
  /** Shares, above zero. */
  readonly quantity: DecimalText;
  readonly price: DecimalText;
  readonly sourceEventId: Uuid;
  readonly sourcePosition: Position;
}

/** Shares bought or sold short by one execution and not yet closed. Quantity above zero. */
export interface OpenLot {
  readonly lotId: string;
  readonly symbol: TickerSymbol;
  readonly side: 'long' | 'short';
  readonly openedAt: UtcText;
  /** Journal position of the report that opened it: decides between lots of one time. */
  readonly position: Position;
  /** Set when it is not known since when the shares are held; `openedAt` is then the opening of the books. */
  readonly unknownSince?: true;
  readonly price: Decimal;
  readonly quantity: Decimal;
  /** Remaining cost (long) or proceeds (short), to the cent; the last closure takes all of it. */
  readonly amount: Cents;
}

/**
 * Part of a lot closed by an execution. A reversal (bust, correction) repeats it with quantity, amounts and gain negated,
 * so sums over closures stay correct.
 */
export interface LotClosure {
  readonly lotId: string;
  readonly closedBy: string;
  readonly symbol: TickerSymbol;
  readonly side: 'long' | 'short';
  readonly quantity: Decimal;
  readonly openedAt: UtcText;
  /** Journal position of the lot. */
  readonly lotPosition: Position;
  readonly unknownSince?: true;
  readonly openPrice: Decimal;
  readonly closedAt: UtcText;
  /** Price of the execution that closed it, and the journal position of its report. */
  readonly closePrice: Decimal;
  readonly closePosition: Position;
  /** Cost of the long part, or proceeds of the short part. */
  readonly openAmount: Cents;
  /** Proceeds of the long part, or cost of the cover. */
  readonly closeAmount: Cents;
  /** Positive for a gain, negative for a loss. */
  readonly gain: Cents;
  /** By the holding period, which may be unknown. */
  readonly term: 'short' | 'long' | 'unknown';
}
