import { crossKeyFaults } from '../../domain/config/cross-key-rules.js';
import { SETTING_TABLE, type SettingKey, type Settings } from '../../domain/config/settings.js';

/** What a saved change does to a session that is under way (RUN-30). */
export interface HotChange {
  readonly settings: Settings;
  /** Keys in force from now on. */
  readonly now: readonly SettingKey[];
  /** Keys that wait for the next session. */
  readonly later: readonly SettingKey[];
  /** Why the hot ones cannot be mixed with what waits; then nothing is taken up. */
  readonly faults: readonly string[];
}

const KEYS = Object.keys(SETTING_TABLE) as SettingKey[];

/** Compares by the text that stands for a value, since decimals and lists are objects. */
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
