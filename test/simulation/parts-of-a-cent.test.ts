import { describe, expect, test } from '@jest/globals';
import { map } from 'rxjs';
import { MemoryLedger } from '../../src/adapters/ledger-memory/memory-ledger.js';
import { explain } from '../../src/app/explain/explain.js';
import { questionOf } from '../../src/app/explain/question.js';
import { Decimal } from '../../src/kernel/decimal.js';
import { wrapBroker, type Broker } from '../../src/ports/broker.js';
import type { BrokerUpdate } from '../../src/ports/order-entry.js';
import { CODES } from './support/day-harness.js';
import { home } from './support/days.js';
import { BREAKOUT, MADE_DAY, withMadeFeed } from './support/made-minutes.js';

const A_SHARE = Decimal.parse('0.0035');
const FREE = {
  slippageType: 'none',
  partialFillProbability: 0,
  commission: { perShare: Decimal.ZERO, minimum: Decimal.ZERO },
  regulatoryFee: { perDollar: Decimal.ZERO, perShare: Decimal.ZERO },
} as const;
const SETTINGS = {
  MIN_VOLUME_THRESHOLD: '0',
  TOTAL_ALLOCATION: '0.006',
  DEFENSE_MODE_TOTAL_ALLOCATION: '0.006',
  FRACTIONAL: 'false',
};

/** A broker that charges 0.0035 a share with each execution and never rounds: its cash has parts of a cent. */
function exactBroker(below: Broker, charged: Map<string, Decimal>): Broker {
  const priced = (update: BrokerUpdate): BrokerUpdate => {
    if (update.kind !== 'filled') return update;
    const commission = update.quantity.times(A_SHARE);
    charged.set(update.executionId, commission);
    return { ...update, commission };
  };
  return wrapBroker(below, (_name, call) => call(), {
    orderUpdates$: below.orderUpdates$.pipe(map(priced)),
    orderByClientId: async (id) => {
      const order = await below.orderByClientId(id);
      return order === undefined ? undefined : { ...order, updates: order.updates.map(priced) };
    },
    account: async () => {
      const account = await below.account();
      const paid = Decimal.sum([...charged.values()]);
      return { ...account, cash: account.cash.minus(paid), equity: account.equity.minus(paid) };
    },
  });
}

describe('a broker that charges parts of a cent (TRD-61)', () => {
  test('the books equal its account to the cent, and explain shows what it charged', async () => {
    const charged = new Map<string, Decimal>();
    const day = await withMadeFeed({ AAA: BREAKOUT, BBB: BREAKOUT, CCC: BREAKOUT, DDD: BREAKOUT }, async (feed) => {
      const played = home({
        feed,
        settings: SETTINGS,
        profile: FREE,
        wrapBroker: (broker) => exactBroker(broker, charged),
      });
      await played.run(MADE_DAY);
      return played;
    });
    const exact = Decimal.sum([...charged.values()]);
    expect([charged.size, exact.text()]).toEqual([8, '0.0350']);
    const fills = (await day.eventsOf('OrderFilled')).map(({ data }) => data);
    expect(Decimal.sum(fills.map(({ commission }) => Decimal.parse(commission))).text()).toBe('0.03');
    expect(Decimal.sum(fills.map((fill) => Decimal.parse(fill.reportedCharges?.commission ?? '0'))).text()).toBe(
      exact.text(),
    );
    expect(await day.eventsOf('ReconciliationMismatchFound')).toEqual([]);
    expect((await day.eventsOf('ReconciliationCompleted')).at(-1)?.data.ok).toBe(true);
    const ledger = new MemoryLedger(CODES);
    ledger.take(await day.events());
    const { figure } = await explain({ journal: day.journal, ledger: ledger.open() }, questionOf('fees'));
    ledger.close();
    expect(figure).toMatchObject({ value: '0.03', agrees: true });
    expect(figure?.formula).toContain(
      'the broker charged 0.035 for 8 executions in parts of a cent, of which 0.03 is booked',
    );
  });
});
