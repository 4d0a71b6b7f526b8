import type { Decimal } from '../../../src/kernel/decimal.js';
import type { Clock } from '../../../src/kernel/time.js';
import type { EmulatedExchange } from '../exchange/exchange.js';
import type { EmulatedMarket } from '../exchange/market.js';
import type { EmulatedSymbol } from '../exchange/types.js';

export interface IbkrEmulatorOptions {
  readonly clock: Clock;
  readonly symbols: readonly EmulatedSymbol[];
  readonly cash: Decimal;
  readonly serverVersion?: number;
  readonly accounts?: readonly string[];
  readonly market?: EmulatedMarket;
  readonly exchange?: EmulatedExchange;
  readonly feePerShare?: Decimal;
}

/** How the gateway greets: as usual, takes the connection and says nothing, or is not logged in. */
export type Greeting = 'usual' | 'half open' | 'not logged in';
