import { checkedPeriod } from './period.js';

/**
 * Exponential moving average: starts from the simple average of the first `period` values, then moves by 2/(period+1)
 * of the distance. Each step shrinks earlier rounding, so it cannot drift.
 */
export class Ema {
  private readonly weight: number;
  private count = 0;
  private current = 0;

  constructor(readonly period: number) {
    this.weight = 2 / (checkedPeriod(period) + 1);
  }

  update(value: number): void {
    if (this.count >= this.period) {
      this.current += (value - this.current) * this.weight;
      return;
    }
    this.count += 1;
    this.current += value;
    if (this.count === this.period) this.current /= this.period;
  }

  /** Undefined until `period` values were seen. */
  get value(): number | undefined {
    return this.count < this.period ? undefined : this.current;
  }
}
