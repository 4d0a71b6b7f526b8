import { loadSettings } from '../app/settings/load-settings.js';
import { tradingSecrets } from '../app/settings/trading-secrets.js';
import { accountOf, type AccountSummary } from '../domain/config/broker-account.js';
import type { BrokerName, RealFeedName } from '../domain/config/broker-names.js';
import { feedNameOf } from '../domain/config/feed-account.js';
import { DEFAULT_SETTINGS, type Settings } from '../domain/config/settings.js';
import type { EngineState } from '../domain/session/engine-state.js';
import { TradeBotError } from '../kernel/errors.js';
import type { Vault } from '../ports/vault.js';

export interface BrokerChoiceOptions {
  readonly vault: Pick<Vault, 'secret' | 'envBot'>;
  readonly state: Pick<EngineState, 'brokerAccount'>;
  readonly versionTag: string;
}

/** Broker and account of the newest readable settings, as the engine process works with them. */
export class BrokerChoice {
  #settings: Settings | undefined;
  #account: AccountSummary | undefined;

  /** Takes the settings of the vault, when they can be read. */
  constructor(private readonly options: BrokerChoiceOptions) {
    const { vault, versionTag } = options;
    const settings = unlessRefused(() => loadSettings(vault, versionTag));
    if (settings !== undefined) this.note(settings);
  }

  /** These settings from now on; the secrets are read again. */
  note(settings: Settings): void {
    const { vault } = this.options;
    const { BROKER_NAME: broker } = settings;
    this.#settings = settings;
    this.#account =
      broker === 'SIM'
        ? accountOf(broker, {})
        : unlessRefused(() => accountOf(broker, tradingSecrets(vault).broker_credentials));
  }

  get settings(): Settings | undefined {
    return this.#settings;
  }

  /** While the settings cannot be read, the broker that the journal has. */
  get broker(): BrokerName {
    return this.#settings?.BROKER_NAME ?? this.options.state.brokerAccount?.broker ?? 'SIM';
  }

  /** Undefined for the simulator, which has its own market. */
  get feed(): RealFeedName | undefined {
    return feedNameOf(this.broker, this.#settings?.MARKET_DATA ?? 'broker');
  }

  /** Undefined while settings or secrets cannot be read. */
  get account(): AccountSummary | undefined {
    return this.#account;
  }

  get keepDays(): number {
    return (this.#settings ?? DEFAULT_SETTINGS).RAW_FRAMES_KEEP_DAYS;
  }
}

function unlessRefused<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof TradeBotError)) throw error;
    return undefined;
  }
}
