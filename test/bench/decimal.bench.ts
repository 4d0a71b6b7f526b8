import { Decimal } from '../../src/kernel/decimal.js';

/** One line of `npm run bench`; no goal is set for this one: it is the reason for our own class (src/kernel/README.md). */
interface BenchRow {
  readonly what: string;
  readonly ours: number;
  readonly yardstick: number;
  readonly ratio: number;
  readonly unit: string;
  readonly goal: string;
}

const FILLS = 400_000;
const ROUNDS = 5;
/** Fee of 1.19 basis points: a rate whose product needs the rounding. */
const FEE_UNITS = 119n;
const FEE_SCALE = 6;

interface Fills {
  /** In 1/10000 dollar. */
  readonly prices: readonly bigint[];
  /** In 1/1000 share. */
  readonly quantities: readonly bigint[];
}

function fills(): Fills {
  const steps = Array.from({ length: FILLS }, (_, n) => BigInt(n));
  return {
    prices: steps.map((n) => 100_000n + ((n * 7_919n) % 900_000n)),
    quantities: steps.map((n) => 1_000n + ((n * 104_729n) % 500_000n)),
  };
}

/** Price x quantity to the cent, and the fee on it to the cent, both half to even: with the class. */
function withDecimal(prices: readonly Decimal[], quantities: readonly Decimal[], rate: Decimal): bigint {
  let cents = 0n;
  for (let n = 0; n < FILLS; n += 1) {
    const amount = (prices[n] ?? Decimal.ZERO).times(quantities[n] ?? Decimal.ZERO);
    const fee = amount.times(rate).rounded(2, 'halfEven');
    cents += amount.rounded(2, 'halfEven').units + fee.units;
  }
  return cents;
}

function halfEven(units: bigint, divisor: bigint): bigint {
  const quotient = units / divisor;
  const twice = (units % divisor) * 2n;
  return twice > divisor || (twice === divisor && quotient % 2n !== 0n) ? quotient + 1n : quotient;
}

/** The same in bare BigInts, amounts above zero. */
function withBigInt({ prices, quantities }: Fills): bigint {
  const perCent = 100_000n;
  const perFeeCent = perCent * 10n ** BigInt(FEE_SCALE);
  let cents = 0n;
  for (let n = 0; n < FILLS; n += 1) {
    const amount = (prices[n] ?? 0n) * (quantities[n] ?? 0n);
    cents += halfEven(amount, perCent) + halfEven(amount * FEE_UNITS, perFeeCent);
  }
  return cents;
}

/** The same in binary floats: fast, and some cents wrong. */
function withFloats(prices: readonly number[], quantities: readonly number[]): number {
  let cents = 0;
  for (let n = 0; n < FILLS; n += 1) {
    const amount = (prices[n] ?? 0) * (quantities[n] ?? 0);
    cents += Math.round(amount * 100) + Math.round(amount * 0.000119 * 100);
  }
  return cents;
}

/** Fills a second of one run. */
function rate(work: () => unknown): number {
  const started = performance.now();
  work();
  return FILLS / ((performance.now() - started) / 1000);
}

function median(figures: readonly number[]): number {
  return [...figures].sort((a, b) => a - b)[Math.floor(figures.length / 2)] ?? Number.NaN;
}

/** Both sides in turn, in one process; medians of the rounds. Refuses to measure sums that differ. */
export async function run(): Promise<readonly BenchRow[]> {
  const data = fills();
  const exactPrices = data.prices.map((units) => Decimal.of(units, 4));
  const exactQuantities = data.quantities.map((units) => Decimal.of(units, 3));
  const feeRate = Decimal.of(FEE_UNITS, FEE_SCALE);
  const floatPrices = data.prices.map((units) => Number(units) / 10_000);
  const floatQuantities = data.quantities.map((units) => Number(units) / 1_000);
  const sides = {
    ours: () => withDecimal(exactPrices, exactQuantities, feeRate),
    bigint: () => withBigInt(data),
    floats: () => withFloats(floatPrices, floatQuantities),
  };
  if (sides.ours() !== sides.bigint()) throw new Error('the two sides do not compute the same cents');
  const rounds = Array.from({ length: ROUNDS }, () => ({
    ours: rate(sides.ours),
    bigint: rate(sides.bigint),
    floats: rate(sides.floats),
  }));
  const ours = median(rounds.map((round) => round.ours));
  const row = (name: 'bigint' | 'floats', what: string): BenchRow => {
    const yardstick = median(rounds.map((round) => round[name]));
    return { what, ours, yardstick, ratio: ours / yardstick, unit: 'fills/s', goal: 'none' };
  };
  return [
    row('bigint', 'price x quantity and half-even fee, against bare BigInt'),
    row('floats', 'the same against binary floats, which are not exact'),
  ];
}
