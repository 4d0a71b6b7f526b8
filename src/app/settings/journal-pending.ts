import { pendingAfter, type RecordedPending, type RecordedPendings } from '../../domain/config/pending-fold.js';
import { withPending, type PendingSetting, type SettingTexts } from '../../domain/config/pending-settings.js';
import { describeTexts } from '../../domain/config/settings-page.js';
import { HIDDEN } from '../../domain/config/settings.js';
import type { Draft } from '../../events/draft.js';
import type { Actor, EventData, RecordedEvent } from '../../events/event.js';
import { STREAMS } from '../../events/streams.js';
import type { Sha256Hex } from '../../kernel/hash.js';
import { secret } from '../../kernel/secret.js';
import type { Clock, DateText } from '../../kernel/time.js';
import type { Journal } from '../../ports/journal.js';
import type { Vault } from '../../ports/vault.js';
import type { EventAppender } from '../journal/event-appender.js';
import { openSessionDate } from '../journal/open-session.js';
import { storedSettings } from './load-settings.js';

type SettingChange = EventData<'ConfigChanged'>['changes'][number];

/** The pending changes that these are, when they are all: their session is over. */
export function dueAmong(
  changes: readonly SettingChange[],
  pending: RecordedPendings,
  open: DateText | undefined,
): readonly RecordedPending[] {
  const due = changes.map(({ key }) => own(pending, key)).filter((one) => one !== undefined && one.session !== open);
  return due.length === changes.length ? due.filter((one) => one !== undefined) : [];
}

function own(pending: RecordedPendings, key: string): RecordedPending | undefined {
  return Object.hasOwn(pending, key) ? pending[key] : undefined;
}

/** The changes that wait by these events. */
export function recordedPendings(events: readonly RecordedEvent[]): RecordedPendings {
  return events.reduce<RecordedPendings>(pendingAfter, {});
}

export interface JournalPendingDeps {
  readonly vault: Vault;
  readonly journal: Journal;
  readonly appender: EventAppender;
  readonly clock: Clock;
}

/**
 * Records which changes wait for the next session, each by the person who saved it, and in `reason` why others wait no
 * longer. A second call finds no difference.
 */
export async function journalPending(deps: JournalPendingDeps, actor: Actor, reason: string): Promise<void> {
  const { vault, journal, appender, clock } = deps;
  const recorded = recordedPendings(await journal.readStream(STREAMS.config));
  const { texts, pending } = storedSettings(vault, await openSessionDate(journal, clock));
  const shown = { inForce: describeTexts(texts), waiting: describeTexts(withPending(texts, pending)) };
  const gone = Object.keys(recorded).filter((key) => !pending.some((one) => one.key === key));
  if (gone.length > 0) {
    const data = { keys: gone.sort(), reason };
    const event: Draft = { type: 'ConfigChangeWithdrawn', data, correlationId: 'config', causationId: null };
    await appender.append(STREAMS.config, [event], actor);
  }
  const fresh = pending.filter((one) => !isRecorded(own(recorded, one.key), pendingText(vault, shown.waiting, one)));
  for (const group of groupsOf(fresh)) {
    await appender.append(STREAMS.config, [deferred(vault, shown, group)], group[0].actor as Actor);
  }
}

interface PendingText {
  readonly to: string | null;
  readonly digest: Sha256Hex | null;
}

/** The normalized text that waits; of a secret only its digest. */
function pendingText(vault: Vault, waiting: SettingTexts, { key, value }: PendingSetting): PendingText {
  const text = waiting[key] ?? '';
  return text === HIDDEN ? { to: null, digest: vault.digestOf(secret(value)) } : { to: text, digest: null };
}

function isRecorded(recorded: RecordedPending | undefined, { to, digest }: PendingText): boolean {
  return recorded?.to === to && recorded.digest === digest;
}

/** One group for each save. */
function groupsOf(pending: readonly PendingSetting[]): readonly (readonly [PendingSetting, ...PendingSetting[]])[] {
  const groups = new Map<string, [PendingSetting, ...PendingSetting[]]>();
  for (const one of pending) {
    const save = `${one.session} ${one.since} ${one.actor} ${one.reason}`;
    const group = groups.get(save);
    if (group === undefined) groups.set(save, [one]);
    else group.push(one);
  }
  return [...groups.values()];
}

function deferred(
  vault: Vault,
  { inForce, waiting }: { readonly inForce: SettingTexts; readonly waiting: SettingTexts },
  group: readonly [PendingSetting, ...PendingSetting[]],
): Draft {
  const [{ session, reason }] = group;
  const changes = group.map((one): SettingChange => {
    const { to, digest } = pendingText(vault, waiting, one);
    if (digest !== null) return { key: one.key, from: null, to: null, secret: true, digest };
    const from = inForce[one.key] ?? null;
    return { key: one.key, from: from === HIDDEN ? null : from, to, secret: false };
  });
  return {
    type: 'ConfigChangeDeferred',
    data: { session, changes, reason },
    correlationId: 'config',
    causationId: null,
  };
}
