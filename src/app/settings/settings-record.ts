import {
  describeSettings,
  HIDDEN,
  settingsSha256,
  type SettingKey,
  type Settings,
} from '../../domain/config/settings.js';
import { isOwnKey } from '../../domain/config/own-names.js';
import type { EngineState } from '../../domain/session/engine-state.js';
import type { Draft } from '../../events/draft.js';

/** ConfigChanged with what these settings have in addition to the journal; none when the journal has them. */
export function settingsRecord(
  state: Pick<EngineState, 'settings' | 'settingsSha256' | 'pendingSettings'>,
  settings: Settings,
  reason: string,
): readonly Draft[] {
  const sha256 = settingsSha256(settings);
  if (state.settingsSha256 === sha256) return [];
  const now = describeSettings(settings);
  const before = state.settings;
  const isNew = (key: SettingKey): boolean =>
    now[key] === HIDDEN ? before[key] !== '' || Object.hasOwn(state.pendingSettings, key) : before[key] !== now[key];
  const changed = (Object.keys(now) as SettingKey[])
    .sort()
    .filter(isNew)
    .map((key) =>
      now[key] === HIDDEN
        ? { key, from: null, to: null, secret: true }
        : { key, from: before[key] ?? null, to: now[key], secret: false },
    );
  // a setting of an own strategy that is not set any more has its default again
  const gone = Object.keys(before)
    .filter((key) => isOwnKey(key) && !Object.hasOwn(now, key) && before[key] !== '')
    .map((key) => ({ key, from: before[key] ?? null, to: null, secret: false }));
  const changes = [...changed, ...gone];
  if (changes.length === 0) return [];
  const data = { changes, settingsSha256: sha256, reason };
  return [{ type: 'ConfigChanged', data, correlationId: 'config', causationId: null }];
}
