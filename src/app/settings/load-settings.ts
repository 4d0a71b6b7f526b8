import { parseEnvBot } from '../../domain/config/env-bot.js';
import { parseSettings, type Settings } from '../../domain/config/settings.js';
import type { Vault } from '../../ports/vault.js';

/**
 * The settings of a provisioned home (CFG-1, RUN-21): decrypted in memory, every key there and valid, of this version
 * (RUN-37). Throws ConfigError: what the vault throws, ENV_BOT_INVALID, or SETTINGS_INVALID with all faults at once.
 */
export function loadSettings(vault: Pick<Vault, 'envBot'>, versionTag: string): Settings {
  return parseSettings(parseEnvBot(vault.envBot().reveal()), { versionTag, whole: true });
}
