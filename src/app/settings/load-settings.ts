import { parseStored } from '../../domain/config/env-bot.js';
import { settingsInForce, type StoredSettings } from '../../domain/config/pending-settings.js';
import { parseSettings, type Settings } from '../../domain/config/settings.js';
import type { DateText } from '../../kernel/time.js';
import type { Vault } from '../../ports/vault.js';

/**
 * The settings of a provisioned home (CFG-1, RUN-21): decrypted in memory, every key present and valid, of this version
 * (RUN-37); a key that came after the version that wrote them has its default. Those of the session of `open` while it is open, else those of the next session. Throws ConfigError: the
 * vault's, SETTINGS_TEXT_INVALID, or SETTINGS_INVALID with all faults together.
 */
export function loadSettings(vault: Pick<Vault, 'envBot'>, versionTag: string, open?: DateText): Settings {
  return parseSettings(settingTexts(vault, open), { versionTag, whole: true });
}

/**
 * The texts of the settings by key, valid or not: for the page on which they are corrected. Secrets are included in
 * plain text: `settingsPage` hides them. Throws the vault's errors, or SETTINGS_TEXT_INVALID.
 */
export function settingTexts(vault: Pick<Vault, 'envBot'>, open?: DateText): Readonly<Record<string, string>> {
  return storedSettings(vault, open).texts;
}

/** The settings in force while the session of `open` is open, and the changes that wait for its end. */
export function storedSettings(vault: Pick<Vault, 'envBot'>, open: DateText | undefined): StoredSettings {
  return settingsInForce(parseStored(vault.envBot().reveal()), open);
}
