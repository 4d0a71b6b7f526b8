import type { SimBroker } from '../../../src/adapters/broker-sim/sim-broker.js';
import type { TickerSymbol } from '../../../src/events/names.js';
import { Decimal } from '../../../src/kernel/decimal.js';
import type { BrokerAccount, BrokerPosition } from '../../../src/ports/account-queries.js';
import { wrapBroker, type Broker } from '../../../src/ports/broker.js';
import type { OpenOrder } from '../../../src/ports/order-entry.js';

type Figures = readonly [BrokerAccount, readonly BrokerPosition[]];

/** A simulated broker whose account shows more than the bot has done: manual trades, silence, errors, old figures. */
export class AccountView {
  /** Shares and cash that the bot does not know of. */
  readonly extraShares = new Map<string, string>();
  extraCash = '0';
  /** Open orders that the bot did not place. */
  extraOrders: readonly OpenOrder[] = [];
  /** Called before each list of the open orders; may throw, or never end. */
  beforeOrders: () => Promise<void> = () => Promise.resolve();
  /** Called before each answer; may throw, or never end. */
  before: () => Promise<void> = () => Promise.resolve();
  /** While true the figures of the time before are repeated. */
  frozen = false;
  looks = 0;
  /** The first looks at the positions show the true ones. */
  hiddenLooks = 0;
  #last: Partial<{ account: BrokerAccount; positions: readonly BrokerPosition[] }> = {};

  readonly wrap = (sim: SimBroker): Broker => {
    const account = async (): Promise<BrokerAccount> => {
      this.looks += 1;
      await this.before();
      if (!this.frozen || this.#last.account === undefined) this.#last.account = this.#account(await sim.account());
      return this.#last.account;
    };
    const positions = async (): Promise<readonly BrokerPosition[]> => {
      await this.before();
      if (!this.frozen || this.#last.positions === undefined) {
        this.#last.positions = this.#positions(await sim.positions());
      }
      return this.#last.positions;
    };
    const openOrders = async (): Promise<readonly OpenOrder[]> => {
      await this.beforeOrders();
      return [...(await sim.openOrders()), ...this.extraOrders];
    };
    return wrapBroker(sim, (_name, call) => call(), { account, positions, openOrders });
  };

  #account(account: Figures[0]): BrokerAccount {
    return { ...account, cash: account.cash.plus(Decimal.parse(this.extraCash)) };
  }

  #positions(held: Figures[1]): readonly BrokerPosition[] {
    this.hiddenLooks -= 1;
    if (this.hiddenLooks >= 0) return held;
    const extra = [...this.extraShares].map(([symbol, shares]) => ({
      symbol: symbol as TickerSymbol,
      quantity: Decimal.parse(shares),
      averagePrice: Decimal.parse('20.5'),
    }));
    return [...held, ...extra];
  }
}
