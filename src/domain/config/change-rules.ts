import { isOwnKey } from './own-names.js';
import { SETTING_TABLE } from './settings.js';
import type { SettingSpec } from './setting-kinds.js';

const SPECS: ReadonlyMap<string, SettingSpec<unknown>> = new Map(Object.entries(SETTING_TABLE));

/** A setting that cannot be changed now, and the reason in whole sentences. */
export interface LockedSetting {
  readonly key: string;
  readonly reason: string;
}

/** Settings that never change after set-up, because all recorded trading depends on them. */
const FIXED: Readonly<Record<string, string>> = {
  JOURNAL_URL: 'Locked: the journal of a bot is chosen at set-up and never changes.',
};

/** The settings among `keys` that never change (RUN-30). Ignores unknown keys; `parseSettings` rejects those. */
export function lockedSettings(keys: readonly string[]): readonly LockedSetting[] {
  return keys.flatMap((key) => {
    const reason = Object.hasOwn(FIXED, key) ? FIXED[key] : undefined;
    return reason === undefined ? [] : [{ key, reason }];
  });
}

/** Whether the setting decides who gets in: a person proves the password to change it (SEC-13). */
export function decidesAccess(key: string): boolean {
  return SPECS.get(key)?.group === 'access';
}

/** Whether a change of the setting waits while a session is open (RUN-30). */
export function waitsForSession(key: string): boolean {
  return isOwnKey(key) || (SPECS.get(key)?.change === 'cold' && !Object.hasOwn(FIXED, key));
}
