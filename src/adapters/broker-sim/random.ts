import { sha256Hex } from '../../kernel/hash.js';

const TWO_TO_32 = 4_294_967_296;

/**
 * Random numbers by name: every draw is a function of (seed, subject, purpose, index) alone. There is no shared
 * sequence, so the draws of one order do not depend on the number of earlier ones, and a replay draws the same.
 */
export class KeyedRandom {
  constructor(private readonly seed: number) {}

  /** Uniform in [0, 1), 32 bits. */
  uniform(subject: string, purpose: string, index = 0): number {
    return this.words(subject, purpose, index)(0) / TWO_TO_32;
  }

  /** Whole number in [low, high], both inclusive. */
  between(low: number, high: number, subject: string, purpose: string, index = 0): number {
    return low + Math.floor(this.uniform(subject, purpose, index) * (high - low + 1));
  }

  /**
   * Close to standard normal: twelve uniforms less six (Irwin-Hall). Only additions, so all machines agree to the bit,
   * which Math.log and Math.cos do not guarantee.
   */
  normal(subject: string, purpose: string, index = 0): number {
    const first = this.words(subject, `${purpose}/a`, index);
    const second = this.words(subject, `${purpose}/b`, index);
    let sum = 0;
    for (let i = 0; i < 6; i += 1) sum += (first(i) + second(i)) / TWO_TO_32;
    return sum - 6;
  }

  private words(subject: string, purpose: string, index: number): (n: number) => number {
    const digest = sha256Hex(`${this.seed}|${subject}|${purpose}|${index}`);
    return (n) => parseInt(digest.slice(n * 8, n * 8 + 8), 16);
  }
}
