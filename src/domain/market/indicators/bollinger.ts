import { checkedPeriod } from './period.js';

export interface BollingerBands {
  readonly middle: number;
  readonly upper: number;
  readonly lower: number;
}

/** Whole numbers are exact below 2^53. */
const EXACT_ROOT = Math.floor(Math.sqrt(Number.MAX_SAFE_INTEGER));

/**
 * Bollinger bands: mean of the last `period` values, and `width` population standard deviations around it.
 * The sums are over distances from a base that follows the price, so that period x (sum of squares) stays below 2^53:
 * with whole-number values they are exact and cannot drift. A window too wide for that (474 dollars in 20 bars) is
 * summed again at each step.
 */
export class Bollinger {
  private readonly window: Float64Array;
  private readonly reach: number;
  private next = 0;
  private count = 0;
  private base = 0;
  private sum = 0;
  private squares = 0;
  private tooWide = false;

  constructor(
    readonly period = 20,
    readonly width = 2,
  ) {
    this.window = new Float64Array(checkedPeriod(period));
    this.reach = EXACT_ROOT / period;
  }

  update(value: number): void {
    const { window, next, period } = this;
    const oldest = window[next] ?? 0;
    window[next] = value;
    this.next = next + 1 === period ? 0 : next + 1;
    const entering = value - this.base;
    if (this.count === 0 || this.tooWide || entering > this.reach || entering < -this.reach) {
      if (this.count < period) this.count += 1;
      this.sumAnew(value);
      return;
    }
    if (this.count < period) {
      this.count += 1;
    } else {
      const leaving = oldest - this.base;
      this.sum -= leaving;
      this.squares -= leaving * leaving;
    }
    this.sum += entering;
    this.squares += entering * entering;
  }

  /** Standard deviation of the window; undefined until `period` values were seen. */
  get deviation(): number | undefined {
    if (this.count < this.period) return undefined;
    const numerator = this.period * this.squares - this.sum * this.sum;
    return numerator > 0 ? Math.sqrt(numerator) / this.period : 0;
  }

  get value(): BollingerBands | undefined {
    const deviation = this.deviation;
    if (deviation === undefined) return undefined;
    const middle = this.base + this.sum / this.period;
    return { middle, upper: middle + this.width * deviation, lower: middle - this.width * deviation };
  }

  private sumAnew(base: number): void {
    this.base = base;
    this.sum = 0;
    this.squares = 0;
    this.tooWide = false;
    for (let index = 0; index < this.count; index += 1) {
      const distance = (this.window[index] ?? 0) - base;
      this.sum += distance;
      this.squares += distance * distance;
      if (distance > this.reach || distance < -this.reach) this.tooWide = true;
    }
  }
}
