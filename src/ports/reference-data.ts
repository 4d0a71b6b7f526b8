import type { BrokerDay } from '../domain/calendar/broker-day.js';
import type { OptionRight } from '../domain/options/contract-name.js';
import type { OptionQuote } from '../domain/options/option-chain.js';
import type { TickerSymbol } from '../events/names.js';
import type { Decimal } from '../kernel/decimal.js';
import type { DateText, EpochMs } from '../kernel/time.js';

export interface BrokerAsset {
  readonly symbol: TickerSymbol;
  readonly tradable: boolean;
  readonly fractionable: boolean;
  /** Whether shares can be borrowed now; unknown at a broker that says so only by its answer to an order. */
  readonly shortable: boolean | 'unknown';
  readonly minQuantity: Decimal;
  /** What the quantity of an order must be a multiple of; left out: any of at most six decimals. */
  readonly quantityStep?: Decimal;
}

/** What the broker can do for this account. */
export interface BrokerCapabilities {
  readonly fractional: boolean;
  readonly notional: boolean;
  readonly shortSell: boolean;
  /** Stop orders rest at the broker. */
  readonly nativeStop: boolean;
  readonly nativeTrailingStop: boolean;
  readonly options: boolean;
  /** One call cancels all open orders. */
  readonly bulkCancel: boolean;
  /** One call closes all positions. */
  readonly closeAll: boolean;
  /** Closing orders and cancels may leave while the stream of reports is down: they are followed by asking. */
  readonly closesWithoutStream?: true;
  /** Whether an open order can change, and whether it keeps its id. */
  readonly replace: 'none' | 'same id' | 'new id';
  readonly extendedHours: boolean;
  /** Characters of a client order id. */
  readonly clientIdLength: number;
  /** Decimals of a quantity; 0 with whole shares only. */
  readonly quantityDecimals: number;
  /** Orders placed, changed and cancelled in a minute; null when no limit is known. */
  readonly orderCallsPerMinute: number | null;
  /**
   * How long after its send an order may be missing when it is asked for, in milliseconds; absent when it is not known. An order
   * without an answer is sent again only after that.
   */
  readonly findableAfterMs?: number;
  /**
   * How long the question for an order may look for it on purpose, in milliseconds, before it answers that the broker does not have
   * it: then that answer counts at once, and its time says nothing about how fast the broker responds. Absent where nothing waits.
   */
  readonly absenceProofMs?: number;
  /**
   * Whether the cash of the account keeps the parts of a cent of executed amounts; else each amount is rounded to cents. May become
   * true with an answer that shows it.
   */
  readonly cashHasParts?: boolean;
}

/** Which options of a symbol are asked for: those whose strikes are nearest to `near`, nearest expiry first. */
export interface OptionQuestion {
  readonly right: OptionRight;
  /** Expiries from this day to that one, both included. */
  readonly from: DateText;
  readonly to: DateText;
  readonly near: Decimal;
  /** Contracts at most. */
  readonly most: number;
}

/** Broker data: its identity, assets, clock and calendar. */
export interface ReferenceData {
  readonly capabilities: BrokerCapabilities;
  asset(symbol: TickerSymbol): Promise<BrokerAsset | undefined>;
  clock(): Promise<EpochMs>;
  /** The regular hours of the exchange on a day; absent when the broker has no calendar. It may fail, or never answer. */
  calendar?(date: DateText): Promise<BrokerDay>;
  /** Quotes of options of a symbol; present with the capability `options`. A symbol without options has none. */
  optionChain?(symbol: TickerSymbol, question: OptionQuestion): Promise<readonly OptionQuote[]>;
}
