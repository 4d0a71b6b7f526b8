import type { SessionMarket } from '../app/live/session-market.js';
import type { EventData } from '../events/event.js';
import { parseSymbol } from '../events/names.js';
import type { DateText } from '../kernel/time.js';
import type { BrokerChoice } from './broker-choice.js';
import type { SimulatedWorld } from './simulated-world.js';

/** The market data of the bot by its newest settings: that of the simulator, or a live feed, which has every day. */
export class ChosenMarket implements SessionMarket {
  constructor(
    private readonly choice: BrokerChoice,
    private readonly world: SimulatedWorld,
  ) {}

  get facts(): EventData<'MarketFeedSelected'> {
    const { feed } = this.choice;
    if (feed === undefined) return this.world.market.facts;
    return {
      kind: feed,
      description: `live market data of ${feed}`,
      simulated: false,
      symbols: this.world.facts.symbols.map(parseSymbol),
      days: null,
      firstDay: null,
      lastDay: null,
      brokerSeed: 0,
    };
  }

  /** Undefined while the secrets cannot be read. */
  get account(): EventData<'BrokerSelected'> | undefined {
    const { account } = this.choice;
    return account && { broker: account.broker, account: account.kind, host: account.host };
  }

  get days(): readonly DateText[] | undefined {
    return this.choice.feed === undefined ? this.world.market.days : undefined;
  }

  fault(date: DateText): string | undefined {
    return this.choice.feed === undefined ? this.world.market.fault(date) : undefined;
  }
}
