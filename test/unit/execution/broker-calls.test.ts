import { describe, expect, test } from '@jest/globals';
import { VirtualPacer } from '../../support/virtual-pacer.js';
import { LiveCalls, waitingCalls, type BrokerCall } from '../../../src/app/execution/broker-calls.js';
import { epochMs, plusMs } from '../../../src/kernel/time.js';

const START = epochMs(1_381_150_000_000);
const TWO_SECONDS = 2_000;

/** Calls of a broker that answers each after two seconds of the world, the later ones first when `reversed`. */
class SlowWorld {
  readonly pacer = new VirtualPacer(START);
  readonly calls = new LiveCalls({ pacer: this.pacer, timeoutMs: () => 30_000 });
  readonly taken: string[] = [];
  readonly gaveUp: number[] = [];
  inFlight = 0;
  mostInFlight = 0;

  call(at: number, answersInMs: number | undefined): BrokerCall<number> {
    return {
      work: () => {
        this.inFlight += 1;
        this.mostInFlight = Math.max(this.mostInFlight, this.inFlight);
        return new Promise((resolve) => {
          const answer = (): void => {
            this.inFlight -= 1;
            resolve(at);
          };
          if (answersInMs !== undefined) this.pacer.plan(plusMs(this.pacer.now(), answersInMs), answer);
        });
      },
      take: (answer) => {
        this.taken.push(answer.ok ? String(answer.value) : 'error');
        return Promise.resolve();
      },
      gaveUp: () => {
        this.gaveUp.push(at);
        return Promise.resolve();
      },
    };
  }
}

const numbers = (count: number): readonly number[] => [...Array(count).keys()];

describe('many concurrent queries', () => {
  test('eight run at a time, and answers are processed in the order of the queries', async () => {
    const world = new SlowWorld();
    await world.calls.all(numbers(20).map((at) => world.call(at, TWO_SECONDS - at)));
    expect(world.taken).toEqual(numbers(20).map(String));
    expect(world.mostInFlight).toBe(8);
    expect(world.pacer.now() - START).toBeLessThan(4 * TWO_SECONDS);
  });

  test('a query without an answer is abandoned after its own limit, and the others are processed', async () => {
    const world = new SlowWorld();
    await world.calls.all(numbers(10).map((at) => world.call(at, at === 3 ? undefined : TWO_SECONDS)));
    expect(world.gaveUp).toEqual([3]);
    expect(world.taken).toEqual(['0', '1', '2', '4', '5', '6', '7', '8', '9']);
    expect(world.pacer.now() - START).toBe(30_000);
  });

  test('a kill interrupts: all queries are sent without waiting, and late answers are processed', async () => {
    const world = new SlowWorld();
    world.pacer.plan(plusMs(START, 500), () => world.calls.abandonPending());
    await world.calls.all(numbers(20).map((at) => world.call(at, TWO_SECONDS)));
    expect(world.pacer.now() - START).toBe(500);
    expect(world.gaveUp).toEqual(numbers(20));
    expect(world.calls.unanswered).toBe(20);
    // each late answer wakes the pacer
    while (world.calls.unanswered > 0) await world.pacer.until(plusMs(START, 10_000));
    await world.calls.takeLate();
    expect(world.taken).toHaveLength(20);
  });

  test('a defect while processing one answer ends the call; failed queries do not affect others', async () => {
    const world = new SlowWorld();
    const broken = { ...world.call(0, TWO_SECONDS), take: () => Promise.reject(new RangeError('a defect')) };
    await expect(world.calls.all([broken, world.call(1, TWO_SECONDS)])).rejects.toThrow('a defect');
  });

  test('a simulated day queries one after the other', async () => {
    const order: string[] = [];
    const call = (at: number): BrokerCall<number> => ({
      work: () => {
        order.push(`ask ${at}`);
        return Promise.resolve(at);
      },
      take: () => {
        order.push(`take ${at}`);
        return Promise.resolve();
      },
      gaveUp: () => Promise.resolve(),
    });
    await waitingCalls.all([call(1), call(2)]);
    expect(order).toEqual(['ask 1', 'take 1', 'ask 2', 'take 2']);
  });
});
