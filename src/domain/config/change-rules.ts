import { type SettingFault, SETTING_TABLE } from './settings.js';
import type { SettingSpec } from './setting-kinds.js';

const SPECS: ReadonlyMap<string, SettingSpec<unknown>> = new Map(Object.entries(SETTING_TABLE));

/** Keys that stay as the set-up made them: everything that was traded hangs on them. */
const FIXED: Readonly<Record<string, string>> = {
  JOURNAL_URL: 'left as it is: the journal of a bot is chosen at its set-up',
};

/**
 * What forbids a change of `keys` now (RUN-30): fixed keys always, cold ones while a session is open. One fault a key,
 * without values; empty when all may change. Unknown keys are for `parseSettings`.
 */
export function mayChangeNow(keys: readonly string[], sessionOpen: boolean): readonly SettingFault[] {
  return keys.flatMap((key) => {
    const fixed = Object.hasOwn(FIXED, key) ? FIXED[key] : undefined;
    if (fixed !== undefined) return [{ key, got: 'a change', mustBe: fixed }];
    if (!sessionOpen || SPECS.get(key)?.change !== 'cold') return [];
    const mustBe = 'left as it is until the session has ended: it holds for the whole of a session';
    return [{ key, got: 'a change', mustBe }];
  });
}
