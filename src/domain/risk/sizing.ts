import type { Figures } from '../../events/names.js';
import type { Decimal } from '../../kernel/decimal.js';

/** Maximum decimals of a share quantity (TRD-52). */
const QUANTITY_SCALE = 6;
const NOTIONAL_SCALE = 2;

export interface SizeInput {
  readonly side: 'long' | 'short';
  /** Budget of the entry in dollars. */
  readonly slice: Decimal;
  /** Reference price in dollars; undefined when none is known. */
  readonly price: Decimal | undefined;
  /** The setting FRACTIONAL. */
  readonly fractional: boolean;
  readonly asset: {
    readonly fractionable: boolean;
    readonly minQuantity: Decimal;
    /** What a fraction must be a multiple of; left out: any of at most six decimals. */
    readonly quantityStep?: Decimal;
  };
  /** Units that are only traded together: those of an option contract. Left out: each share by itself. */
  readonly lot?: Decimal;
}

export type SizeRejection =
  'NO_CAPITAL_LEFT' | 'NO_REFERENCE_PRICE' | 'LESS_THAN_ONE_SHARE' | 'LESS_THAN_ONE_CONTRACT' | 'BELOW_MIN_QUANTITY';

export type SizeResult =
  | { readonly kind: 'quantity'; readonly quantity: Decimal }
  | { readonly kind: 'notional'; readonly notional: Decimal }
  | { readonly kind: 'rejected'; readonly code: SizeRejection; readonly figures: Figures };

function rejected(code: SizeRejection, input: SizeInput, more: Figures = {}): SizeResult {
  const price = input.price === undefined ? {} : { price: input.price.shortText(2) };
  return { kind: 'rejected', code, figures: { slice: input.slice.shortText(2), ...price, ...more } };
}

/**
 * Size of an entry: slice / price, rounded down, so it never costs more than the slice (TRD-52). Fractions need the
 * setting, a fractionable asset and a long side, because brokers lend only whole shares. Units in lots are whole lots. Without a price a fractional
 * entry is sized in dollars; a whole-share entry is rejected, as is one of less than one share.
 */
export function sizeEntry(input: SizeInput): SizeResult {
  const { slice, price, asset } = input;
  const fractions = input.fractional && asset.fractionable && input.side === 'long';
  const notional = slice.rounded(NOTIONAL_SCALE, 'down');
  if (notional.sign() <= 0) return rejected('NO_CAPITAL_LEFT', input);
  if (price === undefined || price.sign() <= 0) {
    return fractions ? { kind: 'notional', notional } : rejected('NO_REFERENCE_PRICE', input);
  }
  if (input.lot !== undefined) return wholeLots(input, { price, lot: input.lot });
  const shares = slice.divide(price, { scale: fractions ? QUANTITY_SCALE : 0, round: 'down' });
  const quantity = fractions ? inSteps(shares, asset.quantityStep) : shares;
  if (!fractions && quantity.isZero()) return rejected('LESS_THAN_ONE_SHARE', input, { wholeShares: whyWhole(input) });
  if (quantity.isZero() || quantity.lt(asset.minQuantity)) {
    return rejected('BELOW_MIN_QUANTITY', input, {
      quantity: quantity.text(),
      minQuantity: asset.minQuantity.shortText(),
    });
  }
  return { kind: 'quantity', quantity };
}

function inSteps(shares: Decimal, step: Decimal | undefined): Decimal {
  return step === undefined ? shares : shares.divide(step, { scale: 0, round: 'down' }).times(step);
}

/** Why an entry has no fractions of a share. */
function whyWhole({ side, fractional }: SizeInput): string {
  if (side === 'short') return 'brokers lend no fractions';
  return fractional ? 'the broker trades no fractions of it' : 'FRACTIONAL is off';
}

function wholeLots(input: SizeInput, { price, lot }: { readonly price: Decimal; readonly lot: Decimal }): SizeResult {
  const contract = price.times(lot);
  const lots = input.slice.divide(contract, { scale: 0, round: 'down' });
  return lots.isZero()
    ? rejected('LESS_THAN_ONE_CONTRACT', input, { contract: contract.shortText(2) })
    : { kind: 'quantity', quantity: lots.times(lot) };
}
