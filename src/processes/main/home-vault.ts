import { existsSync } from 'node:fs';
import { FileVault } from '../../adapters/vault/file-vault.js';
import { loadSettings } from '../../app/settings/load-settings.js';
import { tradingSecrets } from '../../app/settings/trading-secrets.js';
import { refuseOtherIdentity } from '../../app/settings/vault-identity.js';
import { addressIn } from '../../composition/home-journal-address.js';
import { accountOf, type AccountSummary } from '../../domain/config/broker-account.js';
import type { JournalAddress } from '../../domain/config/journal-address.js';
import type { BasePaths, HomePaths } from '../../domain/home/home-paths.js';
import { providerAccounts } from '../../domain/universe/provider-accounts.js';
import { TradeBotError } from '../../kernel/errors.js';
import type { BotIdentity } from '../../kernel/identity.js';
import type { Clock } from '../../kernel/time.js';

export interface HomeVaultOptions {
  readonly base: BasePaths;
  readonly clock: Clock;
  readonly masterKeyFile: string | null;
  /** What cannot be read; the start continues without it. */
  readonly report: (text: string) => void;
}

/** What the settings and secrets say of the nightly build. */
export interface NightlyUniverse {
  readonly enabled: boolean;
  readonly afterCloseMin: number;
}

/** Where the pages are to be, as the secret file `network_config` has it. */
export interface Network {
  readonly host?: string;
  readonly port?: number;
}

/**
 * What main reads of the vault before anything else runs. The vault has a fixed place in the home, so that it opens before
 * the identity is known. A vault that cannot be read stops no start: a kill must be heard; the engine trades nothing then.
 */
export class HomeVault {
  readonly #vault: FileVault;

  constructor(private readonly options: HomeVaultOptions) {
    const { base, clock, masterKeyFile } = options;
    this.#vault = new FileVault({ paths: base.storage, clock, masterKeyFile });
  }

  /** Throws ConfigError IDENTITY_DIFFERS. */
  refuseOther(identity: BotIdentity): void {
    const { marker } = this.options.base;
    try {
      if (this.#isThere) refuseOtherIdentity(this.#vault, { identity, marker });
    } catch (error) {
      if (!(error instanceof TradeBotError) || error.code === 'IDENTITY_DIFFERS') throw error;
      this.options.report(`The identity of the bot cannot be read from its vault: ${error.line}`);
    }
  }

  /** Where the journal is. Throws what the vault throws when it does not open and the home has no journal of its own. */
  journalAddress({ storage }: HomePaths): JournalAddress {
    return addressIn(this.#vault, storage);
  }

  /** Whether the master key does not wrap all keys yet. */
  needsWrapping(): boolean {
    return this.#read((vault) => vault.needsWrapping()) ?? false;
  }

  network(): Network {
    const record = this.#read((vault) => vault.secret('network_config'));
    const [host, port] = [record?.['LOCAL_IP']?.reveal(), record?.['LOCAL_PORT']?.reveal()];
    return { ...(host === undefined ? {} : { host }), ...(port === undefined ? {} : { port: Number(port) }) };
  }

  /** The account that the bot trades in; undefined when it cannot be read. */
  account(versionTag: string): AccountSummary | undefined {
    return this.#read((vault) => {
      const { BROKER_NAME: broker } = loadSettings(vault, versionTag);
      return accountOf(broker, broker === 'SIM' ? {} : tradingSecrets(vault).broker_credentials);
    });
  }

  /** Whether a provider of the universe is enabled, and when its build is due; undefined when the vault says nothing of it. */
  universe(versionTag: string): NightlyUniverse | undefined {
    return this.#read((vault) => ({
      enabled: providerAccounts(vault.secret('screener_api')).some(({ uses }) => uses.includes('universe')),
      afterCloseMin: loadSettings(vault, versionTag).SUP_UNIVERSE_AFTER_CLOSE_MIN,
    }));
  }

  get #isThere(): boolean {
    return existsSync(this.options.base.storage.vaultCurrent);
  }

  #read<T>(work: (vault: FileVault) => T): T | undefined {
    try {
      return this.#isThere ? work(this.#vault) : undefined;
    } catch (error) {
      if (!(error instanceof TradeBotError)) throw error;
      this.options.report(`The vault cannot be read: ${error.line}`);
      return undefined;
    }
  }
}
