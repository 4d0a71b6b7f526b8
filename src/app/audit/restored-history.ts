import type { EventData, Position, RecordedEvent } from '../../events/event.js';
import type { Sha256Hex } from '../../kernel/hash.js';
import type { Journal } from '../../ports/journal.js';

/** A restore as its event has it. */
export type Restored = RecordedEvent<'JournalRestored'>;

/** Every restore that the journal records, oldest first. */
export async function restoresOf(journal: Pick<Journal, 'readAll'>): Promise<readonly Restored[]> {
  const events = await journal.readAll({ filter: { types: ['JournalRestored'] } });
  return events.filter((event): event is RecordedEvent & Restored => event.type === 'JournalRestored');
}

/**
 * Finds the restore that took a history out of the journal: the event at `position` with `hash` belonged to a seal or a
 * backup that it lists. Undefined for one that no restore accounts for.
 */
export function restoreThatDropped(
  restores: readonly Restored[],
  { position, hash }: { readonly position: Position; readonly hash: Sha256Hex },
): Restored | undefined {
  return restores.find(({ data }) =>
    [...data.droppedSeals, ...data.droppedBackups].some((one) => one.position === position && one.hash === hash),
  );
}

type RestoreFacts = Omit<EventData<'JournalRestored'>, 'account' | 'reason' | 'restoredAt'>;

/** What a restore drops, one line a kind. */
export function restoreFactsText(facts: RestoreFacts): readonly string[] {
  const { backup, abandoned, unreadable, commonCount, droppedEvents } = facts;
  const lines = [`the backup ${backup.name} has ${backup.count} events up to position ${backup.position}`];
  if (unreadable !== null) lines.push(`the present journal cannot be read: ${unreadable}`);
  else if (abandoned === null) lines.push('there is no journal to replace');
  else lines.push(`${droppedEvents} of ${abandoned.count} events are dropped, the first ${commonCount} are the same`);
  const named = (what: string, names: readonly string[]): void => {
    if (names.length > 0) lines.push(`${what} that are dropped: ${names.join(', ')}`);
  };
  named('sessions', facts.droppedSessions);
  named(
    'seals',
    facts.droppedSeals.map(({ sealId }) => sealId),
  );
  named(
    'backups',
    facts.droppedBackups.map(({ name }) => name),
  );
  named('exports', facts.droppedExports);
  return lines;
}

/** What a restore did, in one line for people. */
export function restoreText({ data }: Restored): string {
  const kept = data.keptIn === null ? '' : `; kept in ${data.keptIn}`;
  const by = `by ${data.account}, ${data.reason}`;
  return `restored ${data.restoredAt} (${by}): ${restoreFactsText(data).join('; ')}${kept}`;
}

/** Sessions and seals of the events that a restore drops. */
export interface DroppedEvents {
  readonly commonCount: number;
  readonly events: number;
  readonly sessions: EventData<'JournalRestored'>['droppedSessions'];
  readonly seals: EventData<'JournalRestored'>['droppedSeals'];
}

type Read = Pick<Journal, 'head' | 'readAll'>;
const PAGE = 1_000;

/**
 * Compares a journal with the one that is to replace it: what follows the last event that both have. Throws what reading
 * a damaged journal throws.
 */
export async function droppedBy(restored: Read, replaced: Read): Promise<DroppedEvents> {
  const sessions = new Set<EventData<'JournalRestored'>['droppedSessions'][number]>();
  const seals: EventData<'JournalRestored'>['droppedSeals'][number][] = [];
  const common = await commonEnd(restored, replaced);
  let events = 0;
  for (let after = common.after; ;) {
    const page = await replaced.readAll({ limit: PAGE, ...(after === undefined ? {} : { after }) });
    for (const event of page) {
      events += 1;
      if (event.meta.sessionDate !== null) sessions.add(event.meta.sessionDate);
      if (event.type !== 'JournalSealed') continue;
      const { sealId, position, hash } = event.data;
      seals.push({ sealId, position, hash });
    }
    after = page.at(-1)?.position;
    if (page.length < PAGE) break;
  }
  return { commonCount: common.count, events, sessions: [...sessions].sort(), seals };
}

interface CommonEnd {
  readonly after: Position | undefined;
  readonly count: number;
}

/** The chain makes one comparison enough where one journal is the beginning of the other. */
async function commonEnd(restored: Read, replaced: Read): Promise<CommonEnd> {
  const heads = [await restored.head(), await replaced.head()] as const;
  for (const [head, other] of [[heads[0], replaced] as const, [heads[1], restored] as const]) {
    if (head === undefined) return { after: undefined, count: 0 };
    if ((await hashAt(other, head.position)) === head.hash) return { after: head.position, count: head.count };
  }
  let end: CommonEnd = { after: undefined, count: 0 };
  for (;;) {
    const options = { limit: PAGE, ...(end.after === undefined ? {} : { after: end.after }) };
    const [ours, theirs] = [await restored.readAll(options), await replaced.readAll(options)];
    const differs = ours.findIndex((event, at) => event.hash !== theirs[at]?.hash);
    const same = differs === -1 ? ours : ours.slice(0, differs);
    end = { after: same.at(-1)?.position ?? end.after, count: end.count + same.length };
    if (differs !== -1 || ours.length < PAGE) return end;
  }
}

/** Hash of the event at a position; undefined when there is none. */
export async function hashAt(journal: Read, position: Position): Promise<Sha256Hex | undefined> {
  const head = await journal.head();
  if (head === undefined || head.position < position) return undefined;
  if (position === head.position) return head.hash;
  const [next] = await journal.readAll({ after: position, limit: 1 });
  if (next === undefined) return undefined;
  const [event] = await journal.readAll({ after: next.position, direction: 'backwards', limit: 1 });
  return event?.position === position ? event.hash : undefined;
}
