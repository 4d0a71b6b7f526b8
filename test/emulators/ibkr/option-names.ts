import { Decimal } from '../../../src/kernel/decimal.js';

/**
 * An option as the wire writes it. The account behind the gateway keeps it as `SPY260116P500`, in the shares that it is about, so that
 * its cash is quantity times price; the wire counts contracts of 100.
 */
export interface WireOption {
  readonly underlying: string;
  /** yyyymmdd. */
  readonly expiry: string;
  readonly strike: string;
  readonly right: string;
}

const CONTRACT = Decimal.of(100);

/** The option that a symbol of the account is; undefined for a share. */
export function optionOf(symbol: string): WireOption | undefined {
  const [, underlying, date, right, strike] = /^([A-Z.]+)(\d{6})([CP])([\d.]+)$/.exec(symbol) ?? [];
  if (underlying === undefined || date === undefined || right === undefined || strike === undefined) return undefined;
  return { underlying, expiry: `20${date}`, strike, right };
}

/** The symbol of the account for the security of a request: symbol, type, expiry, strike, right. */
export function symbolOf([symbol, type, expiry, strike, right]: readonly (string | undefined)[]): string {
  const share = (symbol ?? '').replace(' ', '.');
  if (type !== 'OPT') return share;
  return `${share}${(expiry ?? '').slice(2)}${(right ?? '').slice(0, 1)}${Decimal.parse(strike ?? '0').shortText()}`;
}

/** Shares as the wire counts them. */
export function wireQuantity(symbol: string, shares: Decimal): Decimal {
  return optionOf(symbol) === undefined ? shares : shares.divide(CONTRACT, { scale: 2, round: 'down' });
}

/** A count of the wire in shares. */
export function sharesOf(symbol: string, count: Decimal): Decimal {
  return optionOf(symbol) === undefined ? count : count.times(CONTRACT);
}
