import { credentialFaults, type CredentialFault, type CredentialTexts } from './broker-account.js';
import { FEED_OF_BROKER, type BrokerName, type RealBrokerName, type RealFeedName } from './broker-names.js';

/** Fields of the secret screener_api for a feed that is not the broker's; the broker's own are in broker_credentials. */
const KEYS: Readonly<Record<RealFeedName, readonly string[]>> = {
  alpaca: ['ALPACA_API_KEY', 'ALPACA_SECRET_KEY'],
  tradier: ['TRADIER_API_KEY'],
  ibkr: ['IBKR_URL'],
  finnhub: ['FINNHUB_API_KEY'],
};

/** The address of a feed's vendor when screener_api names none. */
const STANDARD_URL: Readonly<Record<RealFeedName, string>> = {
  alpaca: 'https://paper-api.alpaca.markets',
  tradier: 'https://api.tradier.com/v1',
  ibkr: '',
  finnhub: 'https://finnhub.io/api/v1',
};

/** The feed that MARKET_DATA means with this broker; undefined for the market of the simulator. */
export function feedNameOf(broker: BrokerName, marketData: 'broker' | RealFeedName): RealFeedName | undefined {
  if (broker === 'SIM') return undefined;
  return marketData === 'broker' ? FEED_OF_BROKER[broker] : marketData;
}

/** Whether a feed uses the credentials of the broker: it is of the same vendor. */
export function isFeedOfBroker(broker: RealBrokerName, feed: RealFeedName): boolean {
  return FEED_OF_BROKER[broker] === feed;
}

/** The fields of screener_api as those of an account, in the names of broker_credentials. */
export function feedCredentials(feed: RealFeedName, screener: CredentialTexts): CredentialTexts {
  const vendor = feed.toUpperCase();
  return {
    BROKER_URL: screener[`${vendor}_URL`] ?? STANDARD_URL[feed],
    BROKER_API_KEY: screener[`${vendor}_API_KEY`] ?? '',
    BROKER_SECRET_KEY: screener[`${vendor}_SECRET_KEY`] ?? '',
  };
}

/** The secrets of a home that broker and market data need, as text. */
export interface TradingSecrets {
  readonly broker_credentials: CredentialTexts;
  readonly screener_api: CredentialTexts;
}

/** A fault of the secrets, by the file and the field that the remedy is about. */
export interface SecretFault extends CredentialFault {
  readonly file: keyof TradingSecrets;
}

/** Whether settings name a broker and a feed that work together, and what their secrets lack; empty when both can be reached. */
export function tradingSecretFaults(
  broker: BrokerName,
  marketData: 'broker' | RealFeedName,
  secrets: TradingSecrets,
): readonly SecretFault[] {
  const own = credentialFaults(broker, secrets.broker_credentials);
  const faults = own.map((fault): SecretFault => ({ file: 'broker_credentials', ...fault }));
  const feed = feedNameOf(broker, marketData);
  if (broker === 'SIM' || feed === undefined || isFeedOfBroker(broker, feed)) return faults;
  const missing = KEYS[feed].filter((field) => (secrets.screener_api[field] ?? '') === '');
  return [
    ...faults,
    ...missing.map((field): SecretFault => ({
      file: 'screener_api',
      field,
      problem: `is required for MARKET_DATA=${feed}`,
    })),
  ];
}

/** The fault of MARKET_DATA itself with this broker; undefined when it can be used. */
export function marketDataProblem(broker: BrokerName, marketData: 'broker' | RealFeedName): string | undefined {
  if (broker !== 'SIM' || marketData === 'broker') return undefined;
  return 'must be broker while BROKER_NAME is SIM: the simulator trades its own market';
}
