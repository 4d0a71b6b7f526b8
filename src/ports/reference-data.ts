import type { TickerSymbol } from '../events/names.js';
import type { Decimal } from '../kernel/decimal.js';
import type { EpochMs } from '../kernel/time.js';

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

/** Broker data: its identity, assets and clock. */
export interface ReferenceData {
  readonly capabilities: BrokerCapabilities;
  asset(symbol: TickerSymbol): Promise<BrokerAsset | undefined>;
  clock(): Promise<EpochMs>;
}
