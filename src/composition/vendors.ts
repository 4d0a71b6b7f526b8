import { AlpacaBroker } from '../adapters/broker-alpaca/alpaca-broker.js';
import type { BrokerAccountAddress } from '../adapters/broker-common/account-address.js';
import { gatewayAddress } from '../adapters/broker-ibkr/gateway-address.js';
import { IbkrBroker } from '../adapters/broker-ibkr/ibkr-broker.js';
import { TradierBroker } from '../adapters/broker-tradier/tradier-broker.js';
import { AlpacaFeed } from '../adapters/feed-alpaca/alpaca-feed.js';
import { IbkrFeed } from '../adapters/feed-ibkr/ibkr-feed.js';
import { FinnhubFeed } from '../adapters/feed-finnhub/finnhub-feed.js';
import { TradierFeed } from '../adapters/feed-tradier/tradier-feed.js';
import type { RealBrokerName, RealFeedName } from '../domain/config/broker-names.js';
import type { TickerSymbol } from '../events/names.js';
import type { BotIdentity } from '../kernel/identity.js';
import type { Clock } from '../kernel/time.js';
import type { Broker } from '../ports/broker.js';
import type { MarketDataFeed } from '../ports/market-data.js';
import type { RawFrames } from '../ports/raw-frames.js';

/** What the adapter of a broker is made of. */
export interface VendorParts {
  readonly account: BrokerAccountAddress;
  readonly identity: BotIdentity;
  readonly clock: Clock;
  readonly raw: RawFrames;
  /** `look`: only reads, next to a bot that may trade in the same account. `kill`: the first try to close all without a journal. */
  readonly purpose: 'trade' | 'look' | 'kill';
}

/** What a feed is made of. */
export interface FeedParts extends VendorParts {
  /** The symbols of its session, in order. */
  readonly symbols: readonly TickerSymbol[];
}

/** The adapters of real brokers and feeds by name. */
export interface Vendors {
  readonly brokers: Readonly<Partial<Record<RealBrokerName, (parts: VendorParts) => Broker>>>;
  readonly feeds: Readonly<Partial<Record<RealFeedName, (parts: FeedParts) => MarketDataFeed>>>;
}

/** All vendors of this version: the only place that knows their adapters. */
export const VENDORS: Vendors = {
  brokers: {
    ALPACA: (parts) => new AlpacaBroker(parts),
    // a look next to a bot is another client of the gateway
    IBKR: ({ account, identity, clock, raw, purpose }) =>
      new IbkrBroker({
        address: gatewayAddress(account, purpose === 'look' ? `${identity}/look` : identity, 'broker'),
        accountNumber: account.accountNumber?.reveal() ?? null,
        clock,
        raw,
      }),
    TRADIER: (parts) => new TradierBroker(parts),
  },
  feeds: {
    alpaca: (parts) => new AlpacaFeed(parts),
    finnhub: (parts) => new FinnhubFeed(parts),
    tradier: (parts) => new TradierFeed(parts),
    ibkr: ({ account, identity, clock, raw, symbols }) =>
      new IbkrFeed({ address: gatewayAddress(account, identity, 'feed'), clock, raw, symbols }),
  },
};
