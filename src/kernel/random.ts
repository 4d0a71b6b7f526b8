import { sha256Hex } from './hash.js';

const UINT32 = 4_294_967_296;
/** A local reference, because the draw is the innermost loop of every simulation. */
const { imul } = Math;

/**
 * Seeded random numbers: xoshiro128** (Blackman and Vigna), keyed by the SHA-256 of its purpose. Integer arithmetic only,
 * so a key gives the same numbers on every machine; a separate key for each purpose keeps draws independent.
 */
export class SeededRandom {
  private a: number;
  private b: number;
  private c: number;
  private d: number;

  /** `SeededRandom.of(7, 'ZYNK', '2026-11-20', 'volume')`. */
  static of(...key: readonly (string | number)[]): SeededRandom {
    return new SeededRandom(sha256Hex(JSON.stringify(key)));
  }

  private constructor(hex: string) {
    const word = (index: number): number => Number.parseInt(hex.slice(index * 8, index * 8 + 8), 16) | 0;
    this.a = word(0);
    this.b = word(1);
    this.c = word(2);
    // the generator would stay at zero if all four words were zero
    this.d = word(3) | 1;
  }

  /** Uniform in [0, 1), in steps of 2^-32. */
  next(): number {
    const scrambled = imul(rotated(imul(this.b, 5), 7), 9) >>> 0;
    const shifted = this.b << 9;
    this.c ^= this.a;
    this.d ^= this.b;
    this.b ^= this.c;
    this.a ^= this.d;
    this.c ^= shifted;
    this.d = rotated(this.d, 11);
    return scrambled / UINT32;
  }

  /** Uniform in [from, to). */
  between(from: number, to: number): number {
    return from + (to - from) * this.next();
  }

  /** Whole number, uniform in [from, to). */
  integer(from: number, to: number): number {
    return Math.floor(this.between(from, to));
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  /**
   * Mean 0, deviation 1, within +-6: twelve uniforms less six. Sums are exact enough to be equal everywhere, which
   * logarithms and cosines are not.
   */
  normal(): number {
    let sum = -6;
    for (let draw = 0; draw < 12; draw += 1) sum += this.next();
    return sum;
  }
}

function rotated(value: number, by: number): number {
  return (value << by) | (value >>> (32 - by));
}
