import type { BrokerAccountAddress } from '../adapters/broker-common/account-address.js';
import { MaskedFrames } from '../adapters/raw-frames/masked-frames.js';
import { RunningTimer } from '../adapters/clock/running-timer.js';
import type { StartCheckParts } from '../app/broker-check/start-checks.js';
import {
  asSettingFaults,
  secretFaultsOf,
  tradingSecrets,
  type TradingChoice,
} from '../app/settings/trading-secrets.js';
import { feedCredentials, feedNameOf, isFeedOfBroker, type TradingSecrets } from '../domain/config/feed-account.js';
import type { CredentialTexts } from '../domain/config/broker-account.js';
import type { RealBrokerName } from '../domain/config/broker-names.js';
import type { Settings } from '../domain/config/settings.js';
import type { TickerSymbol } from '../events/names.js';
import { canonicalJson } from '../kernel/canonical-json.js';
import { configError, invariant, networkError, type TradeBotError } from '../kernel/errors.js';
import { sha256Hex } from '../kernel/hash.js';
import type { BotIdentity } from '../kernel/identity.js';
import { secret } from '../kernel/secret.js';
import { SECOND_MS, type Clock } from '../kernel/time.js';
import type { Broker } from '../ports/broker.js';
import type { MarketDataFeed } from '../ports/market-data.js';
import type { RawFrames } from '../ports/raw-frames.js';
import type { Vault } from '../ports/vault.js';
import { VENDORS, type VendorParts, type Vendors } from './vendors.js';

export interface RealAccountOptions {
  readonly vault: Pick<Vault, 'secret'>;
  readonly identity: BotIdentity;
  /** The time of the world. */
  readonly clock: Clock;
  readonly raw: Readonly<Record<'broker' | 'feed', RawFrames>>;
  readonly purpose?: VendorParts['purpose'];
  readonly vendors?: Vendors | undefined;
}

/**
 * The account of a bot at a real broker, and its market data, by settings and secrets: one connection for as long as neither
 * changes, another one afterwards.
 */
export class RealAccount {
  #held: { readonly key: string; readonly broker: Broker } | undefined;

  constructor(private readonly options: RealAccountOptions) {}

  /** Throws ConfigError BROKER_SECRETS, BROKER_NOT_BUILT, and what the vault throws; nothing is sent. */
  broker(choice: TradingChoice): Broker {
    const { raw } = this.options;
    const name = realBroker(choice);
    const fields = this.#secrets(choice).broker_credentials;
    const key = sha256Hex(canonicalJson({ name, fields }));
    if (this.#held?.key === key) return this.#held.broker;
    const make = this.#vendors.brokers[name];
    if (make === undefined) throw notBuilt(`BROKER_NAME=${name}`);
    this.close();
    const account = addressOf(fields);
    const broker = make({ ...this.#common, account, raw: maskedOf(raw.broker, account) });
    this.#held = { key, broker };
    return broker;
  }

  /** The market data of one session, to be closed after it. Throws as `broker`. */
  feed(choice: TradingChoice, symbols: readonly TickerSymbol[]): MarketDataFeed {
    const { raw } = this.options;
    const broker = realBroker(choice);
    const name = feedNameOf(broker, choice.MARKET_DATA);
    invariant(name !== undefined, 'FEED_UNKNOWN', `no feed for ${broker}`);
    const secrets = this.#secrets(choice);
    const fields = isFeedOfBroker(broker, name)
      ? secrets.broker_credentials
      : feedCredentials(name, secrets.screener_api);
    const make = this.#vendors.feeds[name];
    if (make === undefined) throw notBuilt(`MARKET_DATA=${name}`);
    const account = addressOf(fields);
    return make({ ...this.#common, account, raw: maskedOf(raw.feed, account), symbols });
  }

  /** The broker that is in use now. */
  get current(): Broker | undefined {
    return this.#held?.broker;
  }

  /** Ends the connection; its end is not awaited. */
  close(): void {
    this.#held?.broker.disconnect().catch(() => undefined);
    this.#held = undefined;
  }

  get #common(): Pick<VendorParts, 'identity' | 'clock' | 'purpose'> {
    const { identity, clock, purpose = 'trade' } = this.options;
    return { identity, clock, purpose };
  }

  get #vendors(): Vendors {
    return this.options.vendors ?? VENDORS;
  }

  #secrets(choice: TradingChoice): TradingSecrets {
    const secrets = tradingSecrets(this.options.vault);
    const faults = asSettingFaults(secretFaultsOf(choice, secrets));
    if (faults.length > 0) {
      throw configError({
        code: 'BROKER_SECRETS',
        message: faults.map(({ key, problem }) => `${key} ${problem}`).join('; '),
        remedy: 'Correct the secret on the page of secrets, then start the bot again. Nothing was sent.',
      });
    }
    return secrets;
  }
}

/** A call that does not answer ends after the limit of the settings; its late answer is dropped. */
export function answerWithin({ API_TIMEOUT: seconds }: Pick<Settings, 'API_TIMEOUT'>): StartCheckParts['within'] {
  return async (name, work) => {
    let timer: RunningTimer | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = new RunningTimer(seconds * SECOND_MS, () => reject(silent(name, seconds)));
    });
    try {
      return await Promise.race([work(), late]);
    } finally {
      timer?.cancel();
    }
  };
}

function silent(name: string, seconds: number): TradeBotError {
  return networkError('retry', {
    code: 'API_TIMEOUT',
    message: `the broker did not answer ${name} within ${seconds} s`,
    remedy: 'Check the connection to the broker and its status page.',
  });
}

function realBroker({ BROKER_NAME: name }: TradingChoice): RealBrokerName {
  invariant(name !== 'SIM', 'BROKER_SIMULATED', 'the simulator has no account at a broker');
  return name;
}

function maskedOf(raw: RawFrames, account: BrokerAccountAddress): RawFrames {
  const { apiKey, secretKey, userName, password, accountNumber } = account;
  return new MaskedFrames(raw, [apiKey, secretKey, userName, password, accountNumber]);
}

/** The fields of the secret as an adapter takes them. */
function addressOf(fields: CredentialTexts): BrokerAccountAddress {
  const textOf = (field: string): string => fields[field] ?? '';
  const number = textOf('BROKER_ACCOUNT_NUMBER');
  return {
    url: textOf('BROKER_URL'),
    host: textOf('BROKER_HOST'),
    apiKey: secret(textOf('BROKER_API_KEY')),
    secretKey: secret(textOf('BROKER_SECRET_KEY')),
    userName: secret(textOf('BROKER_USERNAME')),
    password: secret(textOf('BROKER_PASSWORD')),
    accountNumber: number === '' ? null : secret(number),
  };
}

function notBuilt(what: string): TradeBotError {
  return configError({
    code: 'BROKER_NOT_BUILT',
    message: `this version has no adapter for ${what}`,
    remedy: 'Choose another one in the settings. Nothing was sent.',
  });
}
