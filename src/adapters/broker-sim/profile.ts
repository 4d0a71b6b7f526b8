import { Decimal } from '../../kernel/decimal.js';
import type { TickerSymbol } from '../../events/names.js';

export type SlippageType = 'none' | 'rule_based' | 'randomized';

/** How the simulated broker behaves. Percentages are of 100: 0.15 means 0.15 %. Probabilities are 0 to 1. */
export interface SimProfile {
  /** Milliseconds from a request to its arrival at the exchange, at least 1; plus 0 to `latencyJitterMs` by seed. */
  readonly latencyMs: number;
  readonly latencyJitterMs: number;
  /** `rule_based` takes the mean alone, `randomized` draws around it; always against us. */
  readonly slippageType: SlippageType;
  readonly slippageMeanPct: number;
  readonly slippageStddevPct: number;
  /** Full spread in percent of the price for a minute without quotes. */
  readonly defaultSpreadPct: number;
  /** A wider quoted spread is limited to this: stub quotes are not traded on. */
  readonly maxSpreadPct: number;
  /** Maximum share of a minute's volume for all our orders in the symbol together. */
  readonly maxParticipation: number;
  /** Chance that an order is executed in two or three pieces some 100 ms apart. */
  readonly partialFillProbability: number;
  /** Chance that an order is refused for no reason. */
  readonly rejectProbability: number;
  readonly fractional: boolean;
  readonly shortSell: boolean;
  /** Whether the bot lets its stops rest here. */
  readonly nativeStop: boolean;
  readonly untradable: readonly TickerSymbol[];
  readonly notFractionable: readonly TickerSymbol[];
  /** Symbols that cannot be borrowed, hence not sold short. */
  readonly hardToBorrow: readonly TickerSymbol[];
  /** Cumulative per order: max(minimum, perShare x shares), half up to the cent. */
  readonly commission: { readonly perShare: Decimal; readonly minimum: Decimal };
  /** On sells, cumulative per order: dollars x perDollar + shares x perShare, up to the cent. */
  readonly regulatoryFee: { readonly perDollar: Decimal; readonly perShare: Decimal };
  /** Cash reserved per dollar of short market value; 1.5 is Regulation T. */
  readonly shortReserve: Decimal;
}

export const DEFAULT_SIM_PROFILE: SimProfile = {
  latencyMs: 250,
  latencyJitterMs: 100,
  slippageType: 'randomized',
  slippageMeanPct: 0.02,
  slippageStddevPct: 0.01,
  defaultSpreadPct: 0.04,
  maxSpreadPct: 2,
  maxParticipation: 0.1,
  partialFillProbability: 0.15,
  rejectProbability: 0,
  fractional: true,
  shortSell: true,
  nativeStop: false,
  untradable: [],
  notFractionable: [],
  hardToBorrow: [],
  commission: { perShare: Decimal.parse('0.0035'), minimum: Decimal.parse('0.35') },
  regulatoryFee: { perDollar: Decimal.parse('0.0000278'), perShare: Decimal.parse('0.000166') },
  shortReserve: Decimal.parse('1.5'),
};
