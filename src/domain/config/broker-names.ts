/** The brokers of this version, as BROKER_NAME names them; SIM is the built-in simulator. */
export const BROKER_NAMES = ['SIM', 'ALPACA', 'TRADIER', 'IBKR'] as const;

export type BrokerName = (typeof BROKER_NAMES)[number];

/** The brokers that trade in a market, or in a paper account of one. */
export type RealBrokerName = Exclude<BrokerName, 'SIM'>;

/** Sources of market data, as MARKET_DATA names them; `broker` is the feed of the broker. */
export const MARKET_DATA_NAMES = ['broker', 'alpaca', 'tradier', 'ibkr', 'finnhub'] as const;

/** A feed by its vendor. */
export type RealFeedName = Exclude<(typeof MARKET_DATA_NAMES)[number], 'broker'>;

/** Feeds that send the imbalances of auctions. */
export const FEEDS_WITH_AUCTIONS: readonly string[] = ['ibkr'] satisfies readonly RealFeedName[];

/** The feed of each broker. */
export const FEED_OF_BROKER: Readonly<Record<RealBrokerName, RealFeedName>> = {
  ALPACA: 'alpaca',
  TRADIER: 'tradier',
  IBKR: 'ibkr',
};

/** What a person calls a broker. */
export const BROKER_LABELS: Readonly<Record<BrokerName, string>> = {
  SIM: 'Simulator',
  ALPACA: 'Alpaca',
  TRADIER: 'Tradier',
  IBKR: 'Interactive Brokers',
};

/** The brokers that give option chains and trade options. */
const BROKERS_WITH_OPTIONS: readonly BrokerName[] = ['IBKR'];

/** Feeds that send the quotes of an option that is held. */
const FEEDS_WITH_OPTIONS: readonly RealFeedName[] = ['ibkr'];

/** Whether a feed sends the quotes of an option that is held: without them nothing that was bought has a stop. */
export function hasOptionQuotes(feed: RealFeedName | undefined): boolean {
  return feed !== undefined && FEEDS_WITH_OPTIONS.includes(feed);
}

/** Whether a broker gives option chains and trades options. */
export function hasOptions(broker: BrokerName): boolean {
  return BROKERS_WITH_OPTIONS.includes(broker);
}
