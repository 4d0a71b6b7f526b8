import { renderEnvBot } from '../../domain/config/env-bot.js';
import { lockedSettings, type LockedSetting } from '../../domain/config/change-rules.js';
import { describeTexts } from '../../domain/config/settings-page.js';
import { HIDDEN, knownTexts, parseSettings, SETTING_TABLE } from '../../domain/config/settings.js';
import type { SettingSpec } from '../../domain/config/setting-kinds.js';
import { hasOpenSession } from '../journal/open-session.js';
import { configError, type TradeBotError } from '../../kernel/errors.js';
import { bareRecord } from '../../kernel/records.js';
import { secret } from '../../kernel/secret.js';
import type { Clock } from '../../kernel/time.js';
import {
  KEY_CATEGORIES,
  SECRET_FILES,
  type Rotation,
  type SecretFileName,
  type SecretRecord,
} from '../../ports/vault.js';
import { secretFieldFaults } from '../provisioning/secret-fields.js';
import { journalVault, type Change, type JournalVaultDeps } from './journal-vault.js';
import { settingTexts } from './load-settings.js';

export interface SaveDeps extends JournalVaultDeps {
  readonly clock: Clock;
  readonly versionTag: string;
}

/** The generation in use after a save, and the changed keys or fields; none: nothing was done. */
export type Saved = Rotation & { readonly changed: readonly string[] };

/**
 * Saves settings (RUN-30): everything is validated, encrypted again with new keys for all (SEC-3), then journaled. A
 * secret given as `***` is unchanged; keys of other versions are dropped, VERSION_TAG is the running version. Never
 * provisions again. Throws ConfigError SETTINGS_INVALID with all faults, or SETTINGS_LOCKED; nothing is changed then.
 */
export async function saveSettings(
  deps: SaveDeps,
  changes: Readonly<Record<string, string>>,
  change: Change,
): Promise<Saved> {
  const { vault, versionTag } = deps;
  const before = knownTexts(settingTexts(vault));
  const after = { ...before, VERSION_TAG: versionTag, ...given(changes) };
  parseSettings(after, { versionTag });
  const changed = changedKeys(before, after);
  if (changed.length === 0) return unchanged(deps);
  const locked = lockedSettings(changed, await hasOpenSession(deps.journal, deps.clock));
  if (locked.length > 0) throw settingsLocked(locked);
  const rotation = vault.rotate({ envBot: secret(renderEnvBot(after)) });
  await journalVault(deps, change);
  return { ...rotation, changed };
}

const SPECS: ReadonlyMap<string, SettingSpec<unknown>> = new Map(Object.entries(SETTING_TABLE));

function given(changes: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const entries = Object.entries(changes).map(([key, text]) => [key, text.trim()] as const);
  return Object.fromEntries(entries.filter(([key, text]) => !(SPECS.get(key)?.secret === true && text === HIDDEN)));
}

/** Keys whose meaning changes, in whatever notation; an inheriting key also when it starts or stops inheriting. */
function changedKeys(
  before: Readonly<Record<string, string>>,
  after: Readonly<Record<string, string>>,
): readonly string[] {
  const [old, now] = [describeTexts(before), describeTexts(after)];
  return Object.keys(now).filter((key) => {
    const spec = SPECS.get(key);
    if (spec?.secret === true || spec?.inherits !== undefined) return (before[key] ?? '') !== (after[key] ?? '');
    return old[key] !== now[key] || !Object.hasOwn(before, key);
  });
}

/**
 * Sets fields of one secret; an empty text removes a field, others stay. The identity of a bot never changes, its
 * broker's credentials not during a session. Throws ConfigError SECRET_INVALID with all faults by field, SECRET_LOCKED.
 */
export async function saveSecret(
  deps: SaveDeps,
  name: string,
  fields: Readonly<Record<string, string>>,
  change: Change,
): Promise<Saved> {
  const file = await checkedSecret(deps, name, fields);
  const before = deps.vault.secret(file);
  const after = merged(before, fields);
  const changed = Object.keys(fields).filter((field) => before[field]?.reveal() !== after[field]?.reveal());
  if (changed.length === 0) return unchanged(deps);
  const rotation = deps.vault.rotate({ secrets: { [file]: after } });
  await journalVault(deps, change);
  return { ...rotation, changed };
}

/** New keys for everything, no other change. */
export async function rotateKeys(deps: SaveDeps, change: Change): Promise<Saved> {
  const rotation = deps.vault.rotate({});
  await journalVault(deps, change);
  return { ...rotation, changed: [] };
}

/** New keys for everything; every earlier generation is destroyed, with what was stored in it. */
export async function destroyEarlier(deps: SaveDeps, change: Change): Promise<Saved> {
  const rotation = deps.vault.destroyEarlier();
  await journalVault(deps, change);
  return { ...rotation, changed: [] };
}

function unchanged({ vault }: SaveDeps): Saved {
  return { generation: vault.generation() ?? 0, categories: KEY_CATEGORIES, changed: [] };
}

async function checkedSecret(
  deps: SaveDeps,
  name: string,
  fields: Readonly<Record<string, string>>,
): Promise<SecretFileName> {
  if (!Object.hasOwn(SECRET_FILES, name)) throw unknownSecret(name);
  const file = name as SecretFileName;
  const faults = new Map<string, string>();
  secretFieldFaults(file, fields, file, faults);
  if (faults.size > 0) throw secretInvalid(faults);
  if (file === 'bot_identity') throw secretLocked(file, 'the identity of a bot is set at its set-up and never changes');
  if (file === 'broker_credentials' && (await hasOpenSession(deps.journal, deps.clock))) {
    throw secretLocked(file, 'it is locked until the session has ended');
  }
  return file;
}

function merged(before: SecretRecord, fields: Readonly<Record<string, string>>): SecretRecord {
  const after = new Map(Object.entries(before));
  for (const [field, text] of Object.entries(fields)) after.set(field, secret(text));
  return bareRecord([...after].filter(([, value]) => !value.isEmpty));
}

function settingsLocked(locked: readonly LockedSetting[]): TradeBotError {
  return configError({
    code: 'SETTINGS_LOCKED',
    message: locked.map(({ key, reason }) => `${key}: ${reason}`).join(' '),
    remedy: 'Save without these settings, or after the session. Nothing was changed.',
    details: Object.fromEntries(locked.map(({ key, reason }) => [key, reason])),
  });
}

function secretInvalid(faults: ReadonlyMap<string, string>): TradeBotError {
  return configError({
    code: 'SECRET_INVALID',
    message: [...faults].map(([field, text]) => `${field} ${text}`).join('; '),
    remedy: 'Correct every field listed; nothing was changed.',
    details: Object.fromEntries(faults),
  });
}

function secretLocked(name: string, why: string): TradeBotError {
  return configError({
    code: 'SECRET_LOCKED',
    message: `${name} cannot be changed now: ${why}`,
    remedy: 'Leave it unchanged, or try again later; nothing was changed.',
  });
}

function unknownSecret(name: string): TradeBotError {
  return configError({
    code: 'VAULT_BAD_NAME',
    message: `"${name.slice(0, 40)}" is not a secret of this version`,
    remedy: `Use one of ${Object.keys(SECRET_FILES).join(', ')}.`,
  });
}
