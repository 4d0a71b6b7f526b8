import { createHash, randomBytes } from 'node:crypto';
import { RateLimiterMemory, type RateLimiterRes } from 'rate-limiter-flexible';
import { SECOND_MS } from '../../kernel/time.js';
import type { AddressThrottle } from '../../ports/access.js';

/** Digits of the digest that select the counter of an address: at most 65,536 counters in all. */
const BUCKET_DIGITS = 4;

/**
 * Counters in memory, by a salted digest of the address: bounded, and nobody outside can choose whose counter to share.
 * In real time, even when the bot's own clock is scaled.
 */
export class MemoryAddressThrottle implements AddressThrottle {
  readonly #salt = randomBytes(16);
  readonly #limiter = new RateLimiterMemory({ keyPrefix: '', points: Number.MAX_SAFE_INTEGER, duration: 60 });

  async take(address: string, rule: { readonly limit: number; readonly windowSeconds: number }) {
    const taken = await this.#count(this.#bucket(address), rule.windowSeconds);
    const over = taken.consumedPoints - rule.limit;
    return { waitSeconds: over > 0 ? Math.max(1, Math.ceil(taken.msBeforeNext / 1000)) : 0, firstOver: over === 1 };
  }

  /** A window that ends later than it lasts was begun by a clock that was ahead: another one begins. */
  async #count(bucket: string, customDuration: number): Promise<RateLimiterRes> {
    const taken = await this.#limiter.penalty(bucket, 1, { customDuration });
    if (taken.msBeforeNext <= customDuration * SECOND_MS) return taken;
    await this.#limiter.delete(bucket);
    return this.#limiter.penalty(bucket, 1, { customDuration });
  }

  async giveBack(address: string): Promise<void> {
    await this.#limiter.reward(this.#bucket(address), 1);
  }

  #bucket(address: string): string {
    return createHash('sha256').update(this.#salt).update(address).digest('hex').slice(0, BUCKET_DIGITS);
  }
}
