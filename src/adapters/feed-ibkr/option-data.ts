import { WhatToShow } from '@stoqey/ib';
import { isOption } from '../../domain/options/contract-name.js';
import type { TickerSymbol } from '../../events/names.js';
import type { Decimal } from '../../kernel/decimal.js';
import type { WireBar } from '../broker-ibkr/messages.js';
import { unitsOfOne } from '../broker-ibkr/symbols.js';

/** What bars of a symbol are made of: trades of a share; an option is rarely traded, and what it would bring is its bid. */
export function barsOf(symbol: TickerSymbol): WhatToShow {
  return isOption(symbol) ? WhatToShow.BID : WhatToShow.TRADES;
}

/**
 * A bar with a volume that counts: bars of bids have none. Each one that has a bid counts as one contract, so that it is no minute
 * without a price.
 */
export function countedBar(symbol: TickerSymbol, bar: WireBar): WireBar {
  return isOption(symbol) ? { ...bar, volume: unitsOfOne(symbol) } : bar;
}

/** The size of a quote in units of the underlying. */
export function sizeInUnits(symbol: TickerSymbol, size: Decimal | undefined): Decimal | undefined {
  return size?.times(unitsOfOne(symbol));
}
