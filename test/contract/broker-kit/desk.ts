import { parseClientOrderId } from '../../../src/events/names.js';
import { Decimal } from '../../../src/kernel/decimal.js';
import { TradeBotError } from '../../../src/kernel/errors.js';
import type { BrokerActivity } from '../../../src/ports/account-queries.js';
import type { Broker } from '../../../src/ports/broker.js';
import type { BrokerFill, BrokerOrder, BrokerUpdate, OrderRequest } from '../../../src/ports/order-entry.js';
import type { BrokerBench } from './kit.js';

export const dec = (text: string): Decimal => Decimal.parse(text);

/** Members of an order that sells what is held. */
export const SALE = { side: 'sell', positionEffect: 'close_long' } as const;

/** What became of a call: `resolved`, or what its caller must do and the code. */
export async function verdictOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'resolved',
    (error: unknown) =>
      error instanceof TradeBotError ? `${error.callerMust} ${error.code}` : `not ours: ${String(error)}`,
  );
}

/** All records of the account, read in pages of `size`. */
export async function allActivities(broker: Broker, size: number): Promise<readonly BrokerActivity[]> {
  const all: BrokerActivity[] = [];
  for (let page = await broker.activities(null, size); page.length > 0;) {
    all.push(...page);
    page = await broker.activities(all.at(-1)?.activityId ?? null, size);
  }
  return all;
}

/** Trades on a bench and remembers what was reported. */
export class Desk {
  readonly reported: BrokerUpdate[] = [];

  constructor(private readonly bench: BrokerBench) {
    bench.broker.orderUpdates$.subscribe((update) => this.reported.push(update));
  }

  order(id: string, quantity: string, more: Partial<OrderRequest> = {}): OrderRequest {
    return {
      clientOrderId: parseClientOrderId(id),
      symbol: this.bench.symbol,
      side: 'buy',
      positionEffect: 'open_long',
      quantity: dec(quantity),
      notional: null,
      orderType: 'market',
      limitPrice: null,
      stopPrice: null,
      timeInForce: 'day',
      ...more,
    };
  }

  /** Members of a limit order far from the market. */
  resting(): Partial<OrderRequest> {
    return { orderType: 'limit', limitPrice: this.bench.near.divide(dec('2'), { scale: 2, round: 'down' }) };
  }

  async trade(...orders: readonly OrderRequest[]): Promise<void> {
    for (const each of orders) {
      await this.bench.broker.submit(each);
      for (let n = 0; n < 5; n += 1) await this.bench.pass();
    }
  }

  find(id: string): Promise<BrokerOrder | undefined> {
    return this.bench.broker.orderByClientId(parseClientOrderId(id));
  }

  async statusOf(id: string): Promise<string | undefined> {
    return (await this.find(id))?.status;
  }

  cancel(id: string): Promise<void> {
    return this.bench.broker.cancel(parseClientOrderId(id));
  }

  of(id: string): readonly BrokerUpdate[] {
    return this.reported.filter(({ clientOrderId }) => clientOrderId === id);
  }

  /** Executions, each id once: an adapter may learn of one twice. */
  fills(id?: string): readonly (BrokerUpdate & BrokerFill)[] {
    const all = this.reported.filter((update): update is BrokerUpdate & BrokerFill => update.kind === 'filled');
    const byId = new Map(all.map((fill) => [`${fill.clientOrderId}/${fill.executionId}`, fill]));
    return [...byId.values()].filter(({ clientOrderId }) => id === undefined || clientOrderId === id);
  }

  filled(id?: string): Decimal {
    return Decimal.sum(this.fills(id).map(({ quantity }) => quantity));
  }
}
