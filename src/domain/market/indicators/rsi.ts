import { checkedPeriod } from './period.js';

/**
 * Relative strength index by Wilder (1978): mean gain and loss of the first `period` changes, then smoothed by
 * (previous x (period - 1) + change) / period; 100 - 100 / (1 + gain / loss). 0 to 100; 50 without any movement.
 */
export class Rsi {
  private bars = 0;
  private close = 0;
  private gain = 0;
  private loss = 0;

  constructor(readonly period = 14) {
    checkedPeriod(period);
  }

  update(close: number): void {
    const { bars, period } = this;
    if (bars > 0) {
      const change = close - this.close;
      const weight = bars < period ? bars : period;
      this.gain += ((change > 0 ? change : 0) - this.gain) / weight;
      this.loss += ((change < 0 ? -change : 0) - this.loss) / weight;
    }
    this.bars += 1;
    this.close = close;
  }

  /** Undefined until period + 1 values were seen. */
  get value(): number | undefined {
    if (this.bars <= this.period) return undefined;
    const total = this.gain + this.loss;
    return total > 0 ? (100 * this.gain) / total : 50;
  }
}
