const NUMERATOR = [
  3.52624965998911e-2, 0.700383064443688, 6.37396220353165, 33.912866078383, 112.079291497871, 221.213596169931,
  220.206867912376,
] as const;
const DENOMINATOR = [
  8.83883476483184e-2, 1.75566716318264, 16.064177579207, 86.7807322029461, 296.564248779674, 637.333633378831,
  793.826512519948, 440.413735824752,
] as const;

/** From here on the tail is a continued fraction. */
const TAIL_FROM = 7.07106781186547;
/** Beyond it the tail is less than the smallest float. */
const BEYOND = 38;
const ROOT_TWO_PI = Math.sqrt(2 * Math.PI);

/** The probability that a standard normal figure is at most `x` (Hart 1968, as in West, Better approximations, 2005). */
export function cumulativeNormal(x: number): number {
  const upper = tailOf(Math.abs(x));
  return x > 0 ? 1 - upper : upper;
}

function tailOf(x: number): number {
  if (x > BEYOND) return 0;
  const density = Math.exp((-x * x) / 2);
  if (x < TAIL_FROM) return (density * polynomial(NUMERATOR, x)) / polynomial(DENOMINATOR, x);
  const fraction = x + 1 / (x + 2 / (x + 3 / (x + 4 / (x + 0.65))));
  return density / fraction / ROOT_TWO_PI;
}

function polynomial(coefficients: readonly number[], x: number): number {
  return coefficients.reduce((sum, coefficient) => sum * x + coefficient, 0);
}
