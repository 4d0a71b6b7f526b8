import { loadSettings } from '../../app/settings/load-settings.js';
import { ACCESS_DEFAULTS, accessSettingsOf, type AccessSettings } from '../../domain/access/access-settings.js';
import type { Settings } from '../../domain/config/settings.js';
import { isSimulated } from '../../domain/config/simulated.js';
import { TradeBotError } from '../../kernel/errors.js';
import type { Vault } from '../../ports/vault.js';
import type { WebLog } from './common/web-log.js';

export interface SettingsCacheOptions {
  readonly vault: Pick<Vault, 'envBot'>;
  readonly versionTag: string;
  readonly log: WebLog;
}

/** The current settings: read once, and again after each change in the journal. */
export class SettingsCache {
  #settings: Settings | undefined;
  /** Of the last settings that could be read. */
  #access: AccessSettings | undefined;

  constructor(private readonly options: SettingsCacheOptions) {}

  /** Throws ConfigError: what the vault throws, or all faults of the settings. */
  current(): Settings {
    this.#settings ??= loadSettings(this.options.vault, this.options.versionTag);
    return this.#settings;
  }

  /** Whether orders reach no market; by the default broker while the settings cannot be read. */
  isSimulated(): boolean {
    try {
      return isSimulated(this.current().BROKER_NAME);
    } catch (error) {
      if (!(error instanceof TradeBotError)) throw error;
      return isSimulated(null);
    }
  }

  forget(): void {
    this.#settings = undefined;
    this.#access = undefined;
  }

  /** Rules of the log-in. Invalid settings lock nobody out, since a user must be able to fix them (RUN-12). */
  access(): AccessSettings {
    this.#access ??= this.#readAccess();
    return this.#access;
  }

  #readAccess(): AccessSettings {
    try {
      return accessSettingsOf(this.current());
    } catch (error) {
      if (!(error instanceof TradeBotError)) throw error;
      this.options.log.note('warn', `logging in goes by the defaults: ${error.line}`);
      return ACCESS_DEFAULTS;
    }
  }
}
