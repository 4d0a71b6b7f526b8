import type { Brand } from './brand.js';
import { Decimal, type DecimalText } from './decimal.js';

/** Whole cents of US dollars, the unit of the ledger and of broker cash. */
export type Cents = Brand<bigint, 'Cents'>;

export const NO_CENTS = 0n as Cents;

export function cents(units: bigint): Cents {
  return units as Cents;
}

export function addCents(...amounts: readonly Cents[]): Cents {
  return amounts.reduce<bigint>((sum, amount) => sum + amount, 0n) as Cents;
}

export function subtractCents(a: Cents, b: Cents): Cents {
  return (a - b) as Cents;
}

export function negateCents(a: Cents): Cents {
  return (0n - a) as Cents;
}

/** Converts an exact amount; more than two decimals are a defect of the caller. */
export function decimalToCents(amount: Decimal): Cents {
  return amount.toUnits(2) as Cents;
}

/** The only rounding of the books: price x quantity to the cent, half to even, once per fill. */
export function roundToCents(amount: Decimal): Cents {
  return amount.rounded(2, 'halfEven').units as Cents;
}

export function centsToDecimal(amount: Cents): Decimal {
  return Decimal.of(amount, 2);
}

export function centsFromText(text: string): Cents {
  return decimalToCents(Decimal.parse(text));
}

/** Dollars with two decimals for texts and events, `-12.34`; a decimal is rounded half to even. */
export function moneyText(amount: Cents | Decimal): DecimalText {
  return (typeof amount === 'bigint' ? centsToDecimal(amount) : amount.rounded(2, 'halfEven')).text();
}
