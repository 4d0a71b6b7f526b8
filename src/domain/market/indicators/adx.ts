import { checkedPeriod } from './period.js';
import { trueRange } from './atr.js';

/**
 * Average directional index by Wilder (1978). True range and directional movements are summed over the first `period`
 * steps, then each sum loses 1/period of itself and gains the new figure; DX = 100 |+DI - -DI| / (+DI + -DI); the
 * first ADX is the mean of `period` DX, later ones are smoothed like the ATR. 0 to 100.
 */
export class Adx {
  private bars = 0;
  private high = 0;
  private low = 0;
  private close = 0;
  private range = 0;
  private up = 0;
  private down = 0;
  private average = 0;

  constructor(readonly period = 14) {
    checkedPeriod(period);
  }

  update(high: number, low: number, close: number): void {
    if (this.bars > 0) this.step(high, low);
    this.bars += 1;
    this.high = high;
    this.low = low;
    this.close = close;
  }

  private step(high: number, low: number): void {
    const { period, bars } = this;
    const rise = high - this.high;
    const fall = this.low - low;
    // the first `period` steps are only summed
    const keep = bars > period ? 1 - 1 / period : 1;
    this.range = this.range * keep + trueRange(high, low, this.close);
    this.up = this.up * keep + (rise > fall && rise > 0 ? rise : 0);
    this.down = this.down * keep + (fall > rise && fall > 0 ? fall : 0);
    if (bars < period) return;
    const total = this.up + this.down;
    const gap = this.up - this.down;
    const dx = total > 0 ? (100 * (gap < 0 ? -gap : gap)) / total : 0;
    const seen = bars - period + 1;
    this.average += (dx - this.average) / (seen < period ? seen : period);
  }

  /** Undefined until 2 x period bars were seen. */
  get value(): number | undefined {
    return this.bars < 2 * this.period ? undefined : this.average;
  }

  /** Undefined until period + 1 bars were seen. */
  get plusDi(): number | undefined {
    return this.share(this.up);
  }

  get minusDi(): number | undefined {
    return this.share(this.down);
  }

  private share(movement: number): number | undefined {
    if (this.bars <= this.period) return undefined;
    return this.range > 0 ? (100 * movement) / this.range : 0;
  }
}
