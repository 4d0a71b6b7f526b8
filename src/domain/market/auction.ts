import { isPossiblePrice, MOST_SHARES } from './quality.js';
import type { AuctionImbalance } from './types.js';

/** Whether every known figure of an auction is possible: whole shares within bounds, a real price. */
export function isSoundImbalance({ volume, price, imbalance }: AuctionImbalance): boolean {
  return (
    (volume === undefined || (isShares(volume) && volume >= 0)) &&
    (imbalance === undefined || isShares(imbalance)) &&
    (price === undefined || (Number.isInteger(price) && isPossiblePrice(price)))
  );
}

function isShares(figure: number): boolean {
  return Number.isInteger(figure) && Math.abs(figure) <= MOST_SHARES;
}
