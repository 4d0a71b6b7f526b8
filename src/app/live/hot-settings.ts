import { crossKeyFaults } from '../../domain/config/cross-key-rules.js';
import { SETTING_TABLE, type SettingKey, type Settings } from '../../domain/config/settings.js';

/** The effect of saved settings on a running session (RUN-30). */
export interface HotChange {
  readonly settings: Settings;
  /** Keys in force from now on. */
  readonly now: readonly SettingKey[];
  /** Keys that wait for the next session. */
  readonly later: readonly SettingKey[];
  /** Why the hot ones do not fit together with those that wait; then none is applied. */
  readonly faults: readonly string[];
}

const KEYS = Object.keys(SETTING_TABLE) as SettingKey[];

/** Compares values by their text, because decimals and lists are objects. */
function differs(key: SettingKey, a: Settings, b: Settings): boolean {
  const spec: { format(value: unknown): string } = SETTING_TABLE[key];
  return spec.format(a[key]) !== spec.format(b[key]);
}

export function hotChange(inForce: Settings, newest: Settings): HotChange {
  const changed = KEYS.filter((key) => differs(key, inForce, newest));
  const now = changed.filter((key) => SETTING_TABLE[key].change === 'hot');
  const later = changed.filter((key) => SETTING_TABLE[key].change !== 'hot');
  const settings = Object.freeze({ ...inForce, ...Object.fromEntries(now.map((key) => [key, newest[key]])) });
  const faults = crossKeyFaults(settings, new Set()).map(({ key, problem }) => `${key} ${problem}`);
  return faults.length === 0
    ? { settings, now, later, faults }
    : { settings: inForce, now: [], later: changed, faults };
}
