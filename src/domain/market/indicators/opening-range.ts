import type { EpochMs } from '../../../kernel/time.js';
import type { Bar, Price } from '../types.js';

/** Highest high and lowest low of the bars that start in [from, to). */
export class OpeningRange {
  private top: Price | undefined;
  private bottom: Price | undefined;
  private bars = 0;

  constructor(
    readonly from: EpochMs,
    readonly to: EpochMs,
  ) {}

  update(bar: Bar): void {
    if (bar.start < this.from || bar.start >= this.to) return;
    this.bars += 1;
    if (this.top === undefined || bar.high > this.top) this.top = bar.high;
    if (this.bottom === undefined || bar.low < this.bottom) this.bottom = bar.low;
  }

  /** Undefined until a bar of the range was seen; final only once the clock has reached `to`. */
  get value(): { readonly high: Price; readonly low: Price; readonly bars: number } | undefined {
    if (this.top === undefined || this.bottom === undefined) return undefined;
    return { high: this.top, low: this.bottom, bars: this.bars };
  }
}
