import { parseEnvBot } from '../../domain/config/env-bot.js';
import { parseSettings, type Settings } from '../../domain/config/settings.js';
import type { Vault } from '../../ports/vault.js';

/**
 * The settings of a provisioned home (CFG-1, RUN-21): decrypted in memory, every key present and valid, of this version
 * (RUN-37). Throws ConfigError: the vault's, SETTINGS_TEXT_INVALID, or SETTINGS_INVALID with all faults together.
 */
export function loadSettings(vault: Pick<Vault, 'envBot'>, versionTag: string): Settings {
  return parseSettings(settingTexts(vault), { versionTag, whole: true });
}

/**
 * The texts of the settings by key, valid or not: for the page on which they are corrected. Secrets are included in
 * plain text: `settingsPage` hides them. Throws the vault's errors, or SETTINGS_TEXT_INVALID.
 */
export function settingTexts(vault: Pick<Vault, 'envBot'>): Readonly<Record<string, string>> {
  return parseEnvBot(vault.envBot().reveal());
}
