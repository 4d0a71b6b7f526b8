import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { AccountWorld } from '../unit/execution/support/account-world.js';
import { runs } from '../support/runs.js';

type Step =
  | { readonly act: 'enter' | 'fill own' | 'bust own' | 'bust theirs'; readonly pick: number }
  | { readonly act: 'hand'; readonly side: 'buy' | 'sell'; readonly shares: number; readonly symbol: number }
  | { readonly act: 'fill theirs'; readonly pick: number; readonly shares: number }
  | { readonly act: 'deliver'; readonly order: readonly number[] }
  | { readonly act: 'fail'; readonly call: 'account' | 'positions' | 'openOrders' | 'activities' | 'orderByClientId' }
  | { readonly act: 'heal' | 'hold activities' | 'minute' };

const SYMBOLS = ['AIG', 'BAC'] as const;

const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.oneof(
    fc.record({
      act: fc.constantFrom('enter' as const, 'fill own' as const, 'bust own' as const, 'bust theirs' as const),
      pick: fc.nat(9),
    }),
    fc.record({
      act: fc.constant('hand' as const),
      side: fc.constantFrom('buy' as const, 'sell' as const),
      shares: fc.integer({ min: 1, max: 150 }),
      symbol: fc.nat(1),
    }),
    fc.record({ act: fc.constant('fill theirs' as const), pick: fc.nat(9), shares: fc.integer({ min: 1, max: 150 }) }),
    // reports are lost, repeated and reordered
    fc.record({ act: fc.constant('deliver' as const), order: fc.array(fc.nat(4), { maxLength: 6 }) }),
    fc.record({
      act: fc.constant('fail' as const),
      call: fc.constantFrom('account', 'positions', 'openOrders', 'activities', 'orderByClientId'),
    }),
    fc.record({ act: fc.constantFrom('heal' as const, 'hold activities' as const, 'minute' as const) }),
  ),
  { minLength: 5, maxLength: 25 },
);

class Played {
  readonly own: string[] = [];
  readonly theirs: string[] = [];

  constructor(readonly world: AccountWorld) {}

  async take(step: Step): Promise<void> {
    const { world } = this;
    const { account } = world;
    switch (step.act) {
      case 'enter':
        if (this.own.length < 4) await this.#enter(step.pick);
        return;
      case 'fill own':
        this.#trade(this.own[step.pick % Math.max(1, this.own.length)], 25);
        return;
      case 'fill theirs':
        this.#trade(this.theirs[step.pick % Math.max(1, this.theirs.length)], step.shares);
        return;
      case 'bust own':
        this.#bust(this.own[step.pick % Math.max(1, this.own.length)]);
        return;
      case 'bust theirs':
        this.#bust(this.theirs[step.pick % Math.max(1, this.theirs.length)]);
        return;
      case 'hand':
        this.theirs.push(account.byHand(SYMBOLS[step.symbol] ?? 'AIG', step.side, String(step.shares)));
        return;
      case 'deliver':
        return world.deliver(step.order);
      case 'fail':
        account.failing.add(step.call);
        return;
      case 'heal':
        account.failing.clear();
        account.activitiesHeld = 0;
        return;
      case 'hold activities':
        account.activitiesHeld += 1;
        return;
      case 'minute':
        return world.minutes(1);
    }
  }

  /** Everything that waits is shown, and the bot looks until nothing changes any more. */
  async settle(): Promise<void> {
    await this.take({ act: 'heal' });
    for (let round = 0; round < 4; round += 1) {
      for (const { clientOrderId, quantity } of this.world.account.submitted) {
        if (!this.own.includes(clientOrderId)) this.#trade(clientOrderId, Number(quantity?.text() ?? 0));
      }
      await this.world.deliver();
      await this.world.minutes(20);
    }
  }

  async #enter(pick: number): Promise<void> {
    const symbol = SYMBOLS[pick % 2] ?? 'AIG';
    const isHeld = [...this.world.state.positions.values()].some((position) => position.symbol === (symbol as string));
    if (!isHeld) this.own.push(await this.world.enter({ symbol, shares: '100', price: '50' }));
  }

  #trade(id: string | undefined, shares: number): void {
    if (id === undefined) return;
    const left = this.world.account.leftOf(id);
    if (left > 0) this.world.account.fill(id, String(Math.min(left, shares)), '50.5');
  }

  #bust(id: string | undefined): void {
    if (id !== undefined) this.world.account.bust(id);
  }
}

test('whatever others do and however it is reported, books and account end equal, and nothing counts twice', async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (given) => {
      const played = new Played(await AccountWorld.open());
      for (const step of given) await played.take(step);
      await played.settle();
      const { books, broker } = played.world.both();
      expect(books).toEqual(broker);
      const booked = await played.world.events('ForeignFillBooked');
      const ids = booked.map(({ data }) => `${data.brokerOrderId}/${data.executionId}`);
      expect(new Set(ids).size).toBe(ids.length);
      for (const position of played.world.state.positions.values()) {
        if (position.quantity.sign() > 0) expect(position.stop).toBeDefined();
        expect(position.quantity.sign()).toBeGreaterThanOrEqual(0);
      }
    }),
    { numRuns: runs(40, 1_500) },
  );
});
