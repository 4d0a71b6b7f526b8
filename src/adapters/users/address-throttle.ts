import { createHash, randomBytes } from 'node:crypto';
import { RateLimiterMemory } from 'rate-limiter-flexible';
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
    const taken = await this.#limiter.penalty(this.#bucket(address), 1, { customDuration: rule.windowSeconds });
    const over = taken.consumedPoints - rule.limit;
    return { waitSeconds: over > 0 ? Math.max(1, Math.ceil(taken.msBeforeNext / 1000)) : 0, firstOver: over === 1 };
  }

  async giveBack(address: string): Promise<void> {
    await this.#limiter.reward(this.#bucket(address), 1);
  }

  #bucket(address: string): string {
    return createHash('sha256').update(this.#salt).update(address).digest('hex').slice(0, BUCKET_DIGITS);
  }
}
