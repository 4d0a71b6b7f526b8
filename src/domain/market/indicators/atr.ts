import { checkedPeriod } from './period.js';

/**
 * Average true range by Wilder (1978): the mean of the first `period` true ranges, then
 * (previous x (period - 1) + true range) / period. The true range of the first bar is high - low.
 */
export class Atr {
  private count = 0;
  private average = 0;
  private previousClose = 0;

  constructor(readonly period = 14) {
    checkedPeriod(period);
  }

  update(high: number, low: number, close: number): void {
    const range = this.count === 0 ? high - low : trueRange(high, low, this.previousClose);
    this.previousClose = close;
    if (this.count >= this.period) {
      this.average += (range - this.average) / this.period;
      return;
    }
    this.count += 1;
    this.average += range;
    if (this.count === this.period) this.average /= this.period;
  }

  /** Undefined until `period` bars were seen. */
  get value(): number | undefined {
    return this.count < this.period ? undefined : this.average;
  }
}

/** The largest of high - low and the distances of both from the previous close. */
export function trueRange(high: number, low: number, previousClose: number): number {
  const top = high > previousClose ? high : previousClose;
  const bottom = low < previousClose ? low : previousClose;
  return top - bottom;
}
