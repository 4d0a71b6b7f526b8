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

/**
 * The settings among `keys` that are locked now (RUN-30): fixed ones always, cold ones while a session is open. Ignores
 * unknown keys; `parseSettings` rejects those.
 */
export function lockedSettings(keys: readonly string[], sessionOpen: boolean): readonly LockedSetting[] {
  return keys.flatMap((key) => {
    const fixed = Object.hasOwn(FIXED, key) ? FIXED[key] : undefined;
    if (fixed !== undefined) return [{ key, reason: fixed }];
    if (!sessionOpen || SPECS.get(key)?.change !== 'cold') return [];
    return [{ key, reason: 'Locked while a session is open. Change it after the session ends.' }];
  });
}
