import { FEEDS_WITH_AUCTIONS } from '../../domain/config/broker-names.js';
import type { Settings } from '../../domain/config/settings.js';
import type { AuctionImbalance } from '../../domain/market/types.js';
import { Decimal } from '../../kernel/decimal.js';
import { MINUTE_MS } from '../../kernel/time.js';
import { ratioText } from '../figures.js';
import type { Filter, Reason, Signal } from '../strategy.js';
import { toggled } from './toggled.js';

const LAST_HOUR_MS = 60 * MINUTE_MS;
/** News of an auction that is older says nothing of it: exchanges publish every few seconds in the last minutes. */
const STALE_AFTER_MS = 5 * MINUTE_MS;

interface Pressure {
  /** Shares without a counterparty, and shares that have one. */
  readonly unmatched: number;
  readonly matched: number;
}

/** The pressure against the signal: sellers left over against a long, buyers against a short; undefined for none, or an unknown one. */
function opposing(side: Signal['side'], { volume, imbalance }: AuctionImbalance): Pressure | undefined {
  if (volume === undefined || imbalance === undefined) return undefined;
  const unmatched = side === 'long' ? -imbalance : imbalance;
  return unmatched > 0 ? { unmatched, matched: volume } : undefined;
}

function strong(auction: AuctionImbalance, side: Signal['side'], settings: Settings): Reason | undefined {
  const limit = settings.MAX_OPPOSING_IMBALANCE;
  const pressure = opposing(side, auction);
  if (pressure === undefined) return undefined;
  const { unmatched, matched } = pressure;
  if (Decimal.of(unmatched).lte(Decimal.of(unmatched + matched).times(limit))) return undefined;
  const share = ratioText(unmatched / (unmatched + matched));
  return {
    code: 'AUCTION_AGAINST_SIGNAL',
    figures: { imbalance: String(auction.imbalance), matched: String(matched), share, limit: limit.shortText() },
  };
}

const scanner = toggled('imbalance-scanner', 'IMBALANCE_SCANNER_ENABLED', (signal, market, { settings, closesAt }) => {
  const { auction } = market.of(signal.symbol);
  if (auction === undefined || auction.at < closesAt - LAST_HOUR_MS || auction.at < market.now - STALE_AFTER_MS) {
    return undefined;
  }
  return strong(auction, signal.side, settings);
});

/**
 * TRD-35: blocks an entry of the last hour when the closing auction has more than MAX_OPPOSING_IMBALANCE of its shares left
 * over on the other side. Allows the signal without news of the auction; with a feed that has none, the self-check says that it is off.
 */
export const imbalanceScanner: Filter = {
  ...scanner,
  selfCheck: (context) => {
    const { feed } = context;
    const isOff = feed !== undefined && !FEEDS_WITH_AUCTIONS.includes(feed);
    const note = `off: the market data of ${feed} has no auction imbalances`;
    return { ...scanner.selfCheck(context), ...(isOff ? { note } : {}) };
  },
};
