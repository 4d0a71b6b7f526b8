import { DEFAULT_SIM_PROFILE } from '../../adapters/broker-sim/profile.js';
import { SimBroker } from '../../adapters/broker-sim/sim-broker.js';
import { MemorySimStore } from '../../adapters/broker-sim/store.js';
import { VirtualClock } from '../../adapters/clock/virtual-clock.js';
import type { TestResult } from '../../app/test-mode/test-run.js';
import type { ExchangeSession } from '../../domain/calendar/nyse.js';
import { parseClientOrderId } from '../../events/names.js';
import { Decimal } from '../../kernel/decimal.js';
import type { BrokerUpdate, OrderRequest } from '../../ports/order-entry.js';
import type { ReplayedFeed } from '../../ports/market-data.js';
import { result } from './dry-run.js';

const MINUTES = 10;
const CASH = '10000.00';

/** broker_trade_stub (RUN-36): one share bought and sold at the simulated venue; the same order sent twice trades once. */
export async function tradeStub(feed: ReplayedFeed, session: ExchangeSession): Promise<TestResult> {
  const { date, opensAt, closesAt } = session;
  const market = feed.openSession(date);
  const clock = new VirtualClock(opensAt);
  const broker = new SimBroker({
    accountId: 'TEST_MODE',
    clock,
    seed: 1,
    openingCash: Decimal.parse(CASH),
    profile: DEFAULT_SIM_PROFILE,
    store: new MemorySimStore(),
  });
  const updates: BrokerUpdate[] = [];
  const subscription = broker.orderUpdates$.subscribe((update) => updates.push(update));
  try {
    await broker.connect();
    broker.openSession({ date, opensAt, closesAt, references: market.references });
    let minute = 0;
    for (const slice of market.slices(opensAt, closesAt)) {
      broker.openMinute(slice);
      if (minute === 1) await twice(broker, order(session, 'buy', market.references[0]?.symbol));
      if (minute === 5) await twice(broker, order(session, 'sell', market.references[0]?.symbol));
      clock.advanceTo(slice.end);
      broker.advanceTo(slice.end);
      minute += 1;
      if (minute === MINUTES) break;
    }
    return answer(updates, (await broker.positions()).length);
  } finally {
    subscription.unsubscribe();
  }
}

function order(
  session: ExchangeSession,
  side: 'buy' | 'sell',
  symbol: OrderRequest['symbol'] | undefined,
): OrderRequest {
  return {
    clientOrderId: parseClientOrderId(`TEST_MODE-${session.date}-${side}`),
    symbol: symbol ?? ('SPY' as OrderRequest['symbol']),
    side,
    positionEffect: side === 'buy' ? 'open_long' : 'close_long',
    quantity: Decimal.ONE,
    notional: null,
    orderType: 'market',
    limitPrice: null,
    stopPrice: null,
    timeInForce: 'day',
  };
}

async function twice(broker: SimBroker, request: OrderRequest): Promise<void> {
  await broker.submit(request);
  await broker.submit(request);
}

function answer(updates: readonly BrokerUpdate[], positions: number): TestResult {
  const fills = updates.filter(({ kind }) => kind === 'filled').length;
  const acknowledged = updates.filter(({ kind }) => kind === 'acknowledged').length;
  const ok = fills === 2 && acknowledged === 2 && positions === 0;
  const seen = `${acknowledged} orders acknowledged, ${fills} fills, ${positions} positions left; each was sent twice`;
  return result('broker_trade_stub', ok, seen);
}
