import { appliedReason, type SettingTexts } from '../../domain/config/pending-settings.js';
import { describeTexts } from '../../domain/config/settings-page.js';
import { HIDDEN, settingsIfValid, settingsSha256 } from '../../domain/config/settings.js';
import type { Actor, EventData, RecordedEvent } from '../../events/event.js';
import type { Sha256Hex } from '../../kernel/hash.js';
import { secret } from '../../kernel/secret.js';
import type { Clock } from '../../kernel/time.js';
import { KEY_CATEGORIES, SECRET_FILES, type SecretFileName, type Vault } from '../../ports/vault.js';
import type { Journal } from '../../ports/journal.js';
import { STREAMS } from '../../events/streams.js';
import type { EventAppender } from '../journal/event-appender.js';
import { openSessionDate } from '../journal/open-session.js';
import { dueAmong, journalPending, recordedPendings } from './journal-pending.js';
import { settingTexts } from './load-settings.js';

export interface JournalVaultDeps {
  readonly vault: Vault;
  readonly journal: Journal;
  readonly appender: EventAppender;
  readonly clock: Clock;
}

/** The author and reason of a change, as events record it. */
export interface Change {
  readonly actor: Actor;
  readonly reason: string;
}

/**
 * Records the vault's content in the journal: settings, changes of them that are pending, digests of secrets, generation. The vault is changed first, so
 * a crash in between leaves a difference, which the next call records; a second call finds none. Writes names and keyed
 * digests of secrets, never values (JRN-13).
 */
export async function journalVault(deps: JournalVaultDeps, change: Change): Promise<void> {
  await journalSettings(deps, change);
  await journalPending(deps, change.actor, change.reason);
  const recorded = await recordedSecrets(deps);
  for (const name of Object.keys(SECRET_FILES) as SecretFileName[]) {
    await journalSecret(deps, { name, recorded: recorded.get(name) ?? new Map() }, change);
  }
  await journalGeneration(deps, change);
}

type SettingChange = EventData<'ConfigChanged'>['changes'][number];

async function journalSettings(deps: JournalVaultDeps, change: Change): Promise<void> {
  const { vault, journal, appender, clock } = deps;
  await appender.decide(
    STREAMS.config,
    async () => {
      const events = await journal.readStream(STREAMS.config);
      const open = await openSessionDate(journal, clock);
      const texts = settingTexts(vault, open);
      const changes = differences(vault, texts, recordedSettings(events));
      if (changes.length === 0) return [];
      const settings = settingsIfValid(texts);
      // Invalid settings are never in force; correcting them records them.
      if (settings === undefined) return [];
      const due = dueAmong(changes, recordedPendings(events), open);
      const reason = due.length === 0 ? change.reason : appliedReason(due);
      const data = { changes, settingsSha256: settingsSha256(settings), reason };
      return [{ type: 'ConfigChanged', data, correlationId: 'config', causationId: null }];
    },
    change.actor,
  );
}

interface RecordedSetting {
  readonly text: string | null;
  readonly digest: string | undefined;
}

function recordedSettings(events: readonly RecordedEvent[]): ReadonlyMap<string, RecordedSetting> {
  const recorded = new Map<string, RecordedSetting>();
  for (const event of events) {
    if (event.type !== 'ConfigChanged') continue;
    for (const { key, to, secret: hidden, digest } of event.data.changes) {
      recorded.set(key, { text: hidden ? HIDDEN : to, digest });
    }
  }
  return recorded;
}

function differences(
  vault: Vault,
  texts: SettingTexts,
  recorded: ReadonlyMap<string, RecordedSetting>,
): readonly SettingChange[] {
  const now = describeTexts(texts);
  const changed = Object.keys(now)
    .sort()
    .flatMap((key): SettingChange[] => {
      const before = recorded.get(key);
      const text = now[key] ?? '';
      if (text !== HIDDEN) {
        if (before?.text === text) return [];
        const from = before === undefined || before.text === HIDDEN ? null : before.text;
        return [{ key, from, to: text, secret: false }];
      }
      const digest = vault.digestOf(secret(texts[key] ?? ''));
      if (before?.text === HIDDEN && before.digest === digest) return [];
      return [{ key, from: null, to: null, secret: true, digest }];
    });
  const gone = [...recorded].filter(([key, { text }]) => !Object.hasOwn(now, key) && text !== null);
  return [...changed, ...gone.map(([key, { text }]): SettingChange => goneKey(key, text))];
}

function goneKey(key: string, text: string | null): SettingChange {
  return { key, from: text === HIDDEN ? null : text, to: null, secret: text === HIDDEN };
}

type RecordedFields = ReadonlyMap<string, Sha256Hex>;

/** Digest by field, by secret, from the journal; only workers write these, one at a time. */
async function recordedSecrets({ journal }: JournalVaultDeps): Promise<ReadonlyMap<string, RecordedFields>> {
  const recorded = new Map<string, Map<string, Sha256Hex>>();
  for (const event of await journal.readAll({ filter: { types: ['SecretChanged'] } })) {
    if (event.type !== 'SecretChanged') continue;
    const { category, fields } = event.data;
    const record = recorded.get(category) ?? new Map<string, Sha256Hex>();
    for (const { field, digest } of fields) record.set(field, digest);
    recorded.set(category, record);
  }
  return recorded;
}

async function journalSecret(
  { vault, appender }: JournalVaultDeps,
  { name, recorded }: { readonly name: SecretFileName; readonly recorded: RecordedFields },
  { actor }: Change,
): Promise<void> {
  const record = vault.secret(name);
  const empty = vault.digestOf(secret(''));
  const now = new Map(Object.entries(record).map(([field, value]) => [field, vault.digestOf(value)]));
  const fields = [...new Set([...recorded.keys(), ...now.keys()])]
    .sort()
    .map((field) => ({ field, digest: now.get(field) ?? empty }))
    .filter(({ field, digest }) => (recorded.get(field) ?? empty) !== digest);
  if (fields.length === 0) return;
  const data = { category: name, fields };
  await appender.append(
    STREAMS.secrets,
    [{ type: 'SecretChanged', data, correlationId: 'secrets', causationId: null }],
    actor,
  );
}

async function journalGeneration(deps: JournalVaultDeps, { actor, reason }: Change): Promise<void> {
  const { vault, journal, appender } = deps;
  const generation = vault.generation() ?? 0;
  await appender.decide(
    STREAMS.secrets,
    async () => {
      const [last] = await journal.readAll({
        direction: 'backwards',
        limit: 1,
        filter: { types: ['SecretsRotated', 'ProvisioningCompleted'] },
      });
      const recorded =
        last?.type === 'SecretsRotated' || last?.type === 'ProvisioningCompleted' ? last.data.generation : 0;
      if (generation <= recorded) return [];
      const earliestKept = vault.earlier().at(-1) ?? generation;
      const data = { initiator: actor, reason, categories: [...KEY_CATEGORIES], generation, earliestKept };
      return [{ type: 'SecretsRotated', data, correlationId: 'secrets', causationId: null }];
    },
    actor,
  );
}
