import { parseSymbol, type TickerSymbol } from '../../events/names.js';

/** The behaviour of a fictional share. Shares of the price are plain fractions: 0.01 is one percent. */
export interface Personality {
  readonly symbol: TickerSymbol;
  /** Dollars around which the price moves. */
  readonly level: number;
  /** Typical move from close to close. */
  readonly dailyMove: number;
  /** Typical range of a session, as the deviation of its return. */
  readonly dailyVolatility: number;
  readonly gap: number;
  /** Shares on an ordinary day. */
  readonly volume: number;
  /** Half of the spread in quiet times. */
  readonly halfSpread: number;
  readonly sharesOutstanding: number;
  /** Chance that a quiet minute passes without a trade. */
  readonly missing: number;
  /** Daily probabilities of a breakout after the open, a stretch from the VWAP at noon, a run into the close. */
  readonly breakout: number;
  readonly stretch: number;
  readonly closingRun: number;
  /** May be halted. */
  readonly haltable: boolean;
}

type Row = Omit<Personality, 'symbol'>;

const CALM = { missing: 0, haltable: false } as const;

const ROWS: Readonly<Record<string, Row>> = {
  // A broad index fund: deep, tight, too large for the small-cap screens.
  SIMX: {
    ...CALM,
    level: 268,
    dailyMove: 0.005,
    dailyVolatility: 0.007,
    gap: 0.002,
    volume: 24_000_000,
    halfSpread: 0.00002,
    sharesOutstanding: 180_000_000,
    breakout: 0.15,
    stretch: 0.1,
    closingRun: 0.35,
  },
  // A steady industrial that mostly reverts to its mean.
  HMGR: {
    ...CALM,
    level: 86,
    dailyMove: 0.008,
    dailyVolatility: 0.011,
    gap: 0.003,
    volume: 5_200_000,
    halfSpread: 0.0001,
    sharesOutstanding: 92_000_000,
    breakout: 0.25,
    stretch: 0.45,
    closingRun: 0.3,
  },
  // A popular growth stock: trends, gaps, breakouts.
  TLRX: {
    ...CALM,
    level: 47,
    dailyMove: 0.016,
    dailyVolatility: 0.02,
    gap: 0.007,
    volume: 9_800_000,
    halfSpread: 0.0002,
    sharesOutstanding: 130_000_000,
    breakout: 0.5,
    stretch: 0.25,
    closingRun: 0.4,
  },
  // A high-priced one with few shares.
  QRVS: {
    ...CALM,
    level: 182,
    dailyMove: 0.012,
    dailyVolatility: 0.015,
    gap: 0.004,
    volume: 2_100_000,
    halfSpread: 0.0002,
    sharesOutstanding: 41_000_000,
    breakout: 0.35,
    stretch: 0.35,
    closingRun: 0.35,
  },
  // A mid-priced cyclical.
  NOVQ: {
    ...CALM,
    level: 18.4,
    dailyMove: 0.013,
    dailyVolatility: 0.017,
    gap: 0.005,
    volume: 14_500_000,
    halfSpread: 0.0002,
    sharesOutstanding: 260_000_000,
    breakout: 0.35,
    stretch: 0.4,
    closingRun: 0.3,
  },
  // Thin: minutes without a trade, wide spreads.
  PDLX: {
    level: 6.1,
    dailyMove: 0.02,
    dailyVolatility: 0.024,
    gap: 0.009,
    volume: 760_000,
    halfSpread: 0.001,
    sharesOutstanding: 88_000_000,
    missing: 0.35,
    breakout: 0.3,
    stretch: 0.3,
    closingRun: 0.25,
    haltable: true,
  },
  // A speculative penny stock with occasional news halts.
  ZYNK: {
    level: 3.2,
    dailyMove: 0.03,
    dailyVolatility: 0.035,
    gap: 0.012,
    volume: 31_000_000,
    halfSpread: 0.0008,
    sharesOutstanding: 310_000_000,
    missing: 0.02,
    breakout: 0.45,
    stretch: 0.3,
    closingRun: 0.3,
    haltable: true,
  },
};

/** The fictional market of the demo, 2 to 300 dollars per share; no real ticker is meant. */
export const PERSONALITIES: readonly Personality[] = Object.entries(ROWS).map(([name, row]) => ({
  symbol: parseSymbol(name),
  ...row,
}));
