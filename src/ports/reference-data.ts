import type { BrokerDay } from '../domain/calendar/broker-day.js';
import type { TickerSymbol } from '../events/names.js';
import type { Decimal } from '../kernel/decimal.js';
import type { DateText, EpochMs } from '../kernel/time.js';

export interface BrokerAsset {
  readonly symbol: TickerSymbol;
  readonly tradable: boolean;
  readonly fractionable: boolean;
  readonly shortable: boolean;
  readonly minQuantity: Decimal;
}

export interface BrokerCapabilities {
  readonly fractional: boolean;
  readonly notional: boolean;
  readonly shortSell: boolean;
  readonly nativeTrailingStop: boolean;
  readonly options: boolean;
}

/** Broker data: its identity, assets, clock and calendar. */
export interface ReferenceData {
  readonly capabilities: BrokerCapabilities;
  asset(symbol: TickerSymbol): Promise<BrokerAsset | undefined>;
  clock(): Promise<EpochMs>;
  /** The regular hours of the exchange on a day; absent when the broker has no calendar. It may fail, or never answer. */
  calendar?(date: DateText): Promise<BrokerDay>;
}
