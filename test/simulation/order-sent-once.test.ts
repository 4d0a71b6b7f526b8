import { describe, expect, test } from '@jest/globals';
import { marketOf } from './support/market.js';
import type { SimBroker } from '../../src/adapters/broker-sim/sim-broker.js';
import type { ClientOrderId } from '../../src/events/names.js';
import { Decimal } from '../../src/kernel/decimal.js';
import { parseDateText } from '../../src/kernel/time.js';
import type { Broker } from '../../src/ports/broker.js';
import { DayHarness } from './support/day-harness.js';

const DATE = parseDateText('2026-01-06');

class Crash extends Error {}

type When = 'between OrderIntended and the send' | 'between the send and its acknowledgement';

/**
 * A broker that accepts the same client order id twice, as a broker without such ids would. It outlives the processes of
 * the bot, and the process that makes its nth send dies there.
 */
class ForgetfulBroker {
  /** The bot's actions for each order, in sequence. */
  readonly calls: { readonly id: ClientOrderId; readonly call: 'send' | 'ask' | 'crash' }[] = [];
  #sends = 0;

  constructor(
    private readonly nth: number,
    private readonly when: When,
  ) {}

  front = (sim: SimBroker): Broker =>
    new Proxy<Broker>(sim, {
      get: (target, key) => {
        if (key === 'submit') return (request: Parameters<Broker['submit']>[0]) => this.#submit(sim, request);
        if (key === 'orderByClientId') {
          return (id: ClientOrderId) => {
            this.calls.push({ id, call: 'ask' });
            return sim.orderByClientId(id);
          };
        }
        const value: unknown = Reflect.get(target, key);
        return typeof value === 'function' ? (value.bind(target) as unknown) : value;
      },
    });

  accepted(id: ClientOrderId): number {
    return this.calls.filter((one) => one.id === id && one.call === 'send').length;
  }

  async #submit(sim: SimBroker, request: Parameters<Broker['submit']>[0]): Promise<void> {
    const id = request.clientOrderId;
    this.#sends += 1;
    const dies = this.#sends === this.nth;
    const isRepeated = this.accepted(id) > 0;
    if (!dies || this.when === 'between the send and its acknowledgement') {
      this.calls.push({ id, call: 'send' });
      // the simulator would refuse a repeated id; this broker takes it, and the test counts it
      if (!isRepeated) await sim.submit(request);
    }
    if (!dies) return;
    this.calls.push({ id, call: 'crash' });
    throw new Crash();
  }
}

describe.each<When>(['between OrderIntended and the send', 'between the send and its acknowledgement'])(
  'a process that dies %s',
  (when) => {
    test.each([1, 2, 3, 4])('the restart queries order %d, and exactly one order results', async (nth) => {
      const broker = new ForgetfulBroker(nth, when);
      const harness = new DayHarness({ feed: marketOf(1), wrapBroker: broker.front });
      await expect(harness.run(DATE)).rejects.toThrow(Crash);
      await harness.run(DATE);

      const died = broker.calls.find(({ call }) => call === 'crash')?.id;
      expect(died).toBeDefined();
      const story = broker.calls.filter(({ id }) => id === died).map(({ call }) => call);
      expect(story[story.indexOf('crash') + 1]).toBe('ask');

      const intended = await harness.eventsOf('OrderIntended');
      expect(new Set(intended.map(({ data }) => data.clientOrderId)).size).toBe(intended.length);
      for (const { data } of intended)
        expect([data.clientOrderId, broker.accepted(data.clientOrderId)]).toEqual([data.clientOrderId, 1]);

      const fills = (await harness.eventsOf('OrderFilled')).filter(({ data }) => data.clientOrderId === died);
      const filled = fills.reduce((sum, { data }) => sum.plus(Decimal.parse(data.quantity)), Decimal.ZERO);
      expect(filled.shortText()).toBe(intended.find(({ data }) => data.clientOrderId === died)?.data.quantity);
    });
  },
);
