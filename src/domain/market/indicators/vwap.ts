/**
 * Volume-weighted average price since the first bar: typical price (high + low + close) / 3, weighted by volume.
 * Only positive figures are added, so there is no cancellation: the relative error stays under bars x 2^-53.
 */
export class Vwap {
  private weighted = 0;
  private volume = 0;

  update(high: number, low: number, close: number, volume: number): void {
    this.weighted += (high + low + close) * volume;
    this.volume += volume;
  }

  /** Undefined before the first trade. */
  get value(): number | undefined {
    return this.volume > 0 ? this.weighted / 3 / this.volume : undefined;
  }
}
