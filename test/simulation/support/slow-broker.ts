import type { SimBroker } from '../../../src/adapters/broker-sim/sim-broker.js';
import type { VirtualPacer } from '../../support/virtual-pacer.js';
import type { EpochMs } from '../../../src/kernel/time.js';
import type { Broker } from '../../../src/ports/broker.js';
import type { OrderRequest } from '../../../src/ports/order-entry.js';
import type { Pacer } from '../../../src/ports/pacer.js';

type Method = 'submit' | 'cancel' | 'orderByClientId' | 'account';

/** A call that the bot made: what, for whom, and when in real milliseconds. */
export interface Call {
  readonly method: Method;
  readonly id: string;
  readonly at: number;
}

/**
 * A broker that acts immediately and responds when released, or never. While the bot waits for a response
 * the world's time stands still, so nothing ends before the test has acted.
 */
export class SlowBroker {
  readonly calls: Call[] = [];
  #slow: (method: Method, id: string) => boolean = () => false;
  #inside: SimBroker | undefined;
  readonly #waiting: (() => void)[] = [];
  #pacer: VirtualPacer | undefined;
  #held = false;
  #wake: (() => void) | undefined;
  onSlow: () => void = () => undefined;
  /** Unanswered requests reach the broker only when they are answered. */
  losesTime = false;

  /** From now on these calls are not answered. */
  slowFor(slow: (method: Method, id: string) => boolean): void {
    this.#slow = slow;
  }

  /** Releases all pending responses. */
  answer(): void {
    for (const answer of this.#waiting.splice(0)) answer();
  }

  get unanswered(): number {
    return this.#waiting.length;
  }

  /** World time advances. */
  release(): void {
    this.#held = false;
    this.#wake?.();
  }

  wrapBroker = (broker: SimBroker): Broker => {
    this.#inside = broker;
    return new Proxy(broker, {
      get: (target, key): unknown => {
        const value: unknown = Reflect.get(target, key, target);
        if (typeof value !== 'function') return value;
        const method = value.bind(target) as (...args: readonly unknown[]) => unknown;
        if (key !== 'submit' && key !== 'cancel' && key !== 'orderByClientId' && key !== 'account') return method;
        return (...args: readonly unknown[]) => this.#call(key, method, args);
      },
    });
  };

  get broker(): SimBroker {
    if (this.#inside === undefined) throw new Error('the session has not begun');
    return this.#inside;
  }

  wrapPacer = (pacer: VirtualPacer): Pacer => {
    this.#pacer = pacer;
    return {
      speed: pacer.speed,
      now: () => pacer.now(),
      elapsedMs: () => pacer.elapsedMs(),
      wake: () => {
        pacer.wake();
        this.#wake?.();
      },
      until: (at) => this.#until(pacer, at),
    };
  };

  async #until(pacer: VirtualPacer, at: EpochMs): Promise<'reached' | 'woken'> {
    if (!this.#held) return pacer.until(at);
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    this.#wake = undefined;
    return pacer.until(pacer.now());
  }

  #call(method: Method, work: (...args: readonly unknown[]) => unknown, args: readonly unknown[]): unknown {
    const [first] = args;
    const id = typeof first === 'string' ? first : first === undefined ? '' : (first as OrderRequest).clientOrderId;
    this.calls.push({ method, id, at: performance.now() });
    if (!this.#slow(method, id)) return work(...args);
    this.#held = this.#pacer !== undefined;
    const early = this.losesTime ? undefined : work(...args);
    setImmediate(() => this.onSlow());
    return new Promise((resolve) => {
      this.#waiting.push(() => resolve(this.losesTime ? work(...args) : early));
    });
  }
}
