import { renderEnvBot } from '../../domain/config/env-bot.js';
import type { LockedSetting } from '../../domain/config/change-rules.js';
import { planSettings, type SettingsPlan } from '../../domain/config/settings-change.js';
import { withPending } from '../../domain/config/pending-settings.js';
import { invalidSettings, knownTexts, parseSettings, settingsIfValid } from '../../domain/config/settings.js';
import { openSessionDate } from '../journal/open-session.js';
import { configError, type TradeBotError } from '../../kernel/errors.js';
import { bareRecord } from '../../kernel/records.js';
import { secret } from '../../kernel/secret.js';
import { toUtcText } from '../../kernel/time.js';
import {
  JOURNAL_LOGIN,
  KEY_CATEGORIES,
  SECRET_FILES,
  type Rotation,
  type SecretFileName,
  type SecretRecord,
} from '../../ports/vault.js';
import { secretFieldFaults } from '../provisioning/secret-fields.js';
import { journalVault, type Change, type JournalVaultDeps } from './journal-vault.js';
import { homeFacts } from './own-strategies.js';
import { currentFloat } from './current-float.js';
import { storedSettings } from './load-settings.js';
import { asSettingFaults, brokerOfBooks, otherBrokerFault, secretFaultsOf, tradingSecrets } from './trading-secrets.js';

export interface SaveDeps extends JournalVaultDeps {
  readonly versionTag: string;
}

/** The generation in use after a save, and the changed keys or fields; none: nothing was done. */
export type Saved = Rotation & { readonly changed: readonly string[] };

/** What a person asks of the settings: new texts by key, and pending changes to withdraw. */
export interface SettingsAsked {
  readonly changes: Readonly<Record<string, string>>;
  readonly withdraw?: readonly string[];
  /** The person knows that no strategy can trade with them. */
  readonly confirmNoTrading?: boolean;
}

/**
 * Saves settings (RUN-30): everything is validated, encrypted again with new keys for all (SEC-3), then journaled. While a
 * session is open, a cold key is saved as pending and takes effect with the next session. A secret given as `***` is
 * unchanged; keys of other versions are dropped, VERSION_TAG is the running version. Never provisions again. Throws
 * ConfigError SETTINGS_INVALID with all faults, SETTINGS_LOCKED, or SETTINGS_END_TRADING, which asks for a confirmation;
 * nothing is changed then.
 */
export async function saveSettings(deps: SaveDeps, asked: SettingsAsked, change: Change): Promise<Saved> {
  const { vault, clock, versionTag, journal } = deps;
  const open = await openSessionDate(journal, clock);
  const by = { since: toUtcText(clock.now()), actor: change.actor, reason: change.reason };
  const { changes, withdraw = [], confirmNoTrading = false } = asked;
  const float = await currentFloat(journal);
  const facts = await homeFacts(journal);
  const plan = planSettings(storedSettings(vault, open), { changes, withdraw, open, versionTag, by, float, facts });
  const confirmed = admitPlan(plan, confirmNoTrading, change);
  await refuseUnreachable(deps, plan);
  const changed = [...plan.now, ...plan.deferred, ...plan.withdrawn];
  if (changed.length === 0) return unchanged(deps);
  const pending = plan.after.pending.map((one) =>
    plan.deferred.includes(one.key) ? { ...one, reason: confirmed.reason } : one,
  );
  const rotation = vault.rotate({ envBot: secret(renderEnvBot(plan.after.texts, pending)) });
  await journalVault(deps, confirmed);
  return { ...rotation, changed };
}

const TRADING_KEYS: readonly string[] = ['BROKER_NAME', 'MARKET_DATA'];

/** Another broker or feed is saved with the secrets that it needs, and never over the books of another account. */
async function refuseUnreachable({ vault, journal }: SaveDeps, plan: SettingsPlan): Promise<void> {
  if (![...plan.now, ...plan.deferred].some((key) => TRADING_KEYS.includes(key))) return;
  const choice = parseSettings(knownTexts(withPending(plan.after.texts, plan.after.pending)));
  const faults = [
    ...otherBrokerFault(choice, await brokerOfBooks(journal)),
    ...asSettingFaults(secretFaultsOf(choice, tradingSecrets(vault))),
  ];
  if (faults.length > 0) throw invalidSettings(faults);
}

/** The secret must serve the broker and the feed of the settings, also of those that wait; faults that it had before stay. */
function refuseUseless({ vault }: SaveDeps, file: SecretFileName, after: SecretRecord): void {
  const { texts, pending } = storedSettings(vault, undefined);
  const choice = settingsIfValid(withPending(texts, pending));
  if (choice === undefined) return;
  const known = secretFaultsOf(choice, tradingSecrets(vault)).map(({ field, problem }) => `${field} ${problem}`);
  const faults = secretFaultsOf(choice, tradingSecrets(vault, { [file]: after })).filter(
    ({ field, problem }) => !known.includes(`${field} ${problem}`),
  );
  if (faults.length > 0) {
    throw secretInvalid(new Map(faults.map(({ field, problem }) => [`${file}.${field}`, problem])));
  }
}

/** The change with what was confirmed in its reason. Throws when the plan may not be carried out. */
function admitPlan(plan: SettingsPlan, isConfirmed: boolean, change: Change): Change {
  if (plan.faults.length > 0) throw invalidSettings(plan.faults);
  if (plan.locked.length > 0) throw settingsLocked(plan.locked);
  if (plan.endsTrading.length === 0) return change;
  if (!isConfirmed) throw endsTrading(plan.endsTrading);
  return { ...change, reason: `${change.reason} (confirmed: ${plan.endsTrading.join('; ')})` };
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
  if (file === 'journal_server') refuseHalfLogin(after);
  if (file === 'broker_credentials' || file === 'screener_api') refuseUseless(deps, file, after);
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

/** New keys that no master key wraps. Throws VAULT_NOT_WRAPPED. */
export async function removeMasterKey(deps: SaveDeps, change: Change): Promise<Saved> {
  const rotation = deps.vault.removeMasterKey();
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
  if (file === 'broker_credentials' && (await openSessionDate(deps.journal, deps.clock)) !== undefined) {
    throw secretLocked(file, 'it is locked until the session has ended');
  }
  return file;
}

/** One without the other cannot log in, and would keep the bot from its journal. */
function refuseHalfLogin(after: SecretRecord): void {
  const missing = Object.values(JOURNAL_LOGIN).filter((field) => after[field] === undefined);
  if (missing.length !== 1) return;
  throw secretInvalid(new Map(missing.map((field) => [field, 'is required: user and password are given together'])));
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
    remedy: 'Save without these settings. Nothing was changed.',
    details: Object.fromEntries(locked.map(({ key, reason }) => [key, reason])),
  });
}

function endsTrading(reasons: readonly string[]): TradeBotError {
  return configError({
    code: 'SETTINGS_END_TRADING',
    message: `these settings end all trading: ${reasons.join('; ')}`,
    remedy:
      'Change them, or save again with the confirmation that this is meant (confirmNoTrading, --confirm-no-trading). Nothing was changed.',
    details: { reasons: reasons.join('; ') },
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
