import { checkedPeriod } from './period.js';

/**
 * Simple moving average of the last `period` values. The rolling sum stays exact and cannot drift while the
 * values are whole numbers (prices in 1/10,000 dollar) and their sum is below 2^53.
 */
export class Sma {
  private readonly window: Float64Array;
  private next = 0;
  private count = 0;
  private sum = 0;

  constructor(readonly period: number) {
    this.window = new Float64Array(checkedPeriod(period));
  }

  update(value: number): void {
    if (this.count === this.period) this.sum -= this.window[this.next] ?? 0;
    else this.count += 1;
    this.window[this.next] = value;
    this.sum += value;
    this.next = this.next + 1 === this.period ? 0 : this.next + 1;
  }

  /** Undefined until `period` values were seen. */
  get value(): number | undefined {
    return this.count < this.period ? undefined : this.sum / this.period;
  }
}
