import type { Actor, EventData, TypesOf } from '../../events/event.js';
import { TradeBotError } from '../../kernel/errors.js';
import { parseUtcText, toUtcText } from '../../kernel/time.js';
import type { OutboxEntry } from '../../ports/users.js';
import type { Draft } from '../../events/draft.js';
import { STREAMS } from '../../events/streams.js';
import type { AccessParts } from './access-parts.js';
import { SerialQueue } from '../journal/serial-queue.js';

export type AccessEvent = {
  [T in TypesOf<'access'>]: { readonly type: T; readonly data: EventData<T> };
}[TypesOf<'access'>];

export type AccessLogParts = Pick<AccessParts, 'store' | 'appender' | 'clock' | 'random' | 'records'>;

export interface Noted {
  readonly actor: Actor;
  /** A session or token that counts only once the journal has these events. */
  readonly grants?: string;
}

export const ACCESS_ACTOR: Actor = 'system:access';
const PAGE = 100;
/** Entries that wait for the journal; users change nothing beyond. */
const MOST_WAITING = 10_000;
/** While the journal is away, refusals beyond this many waiting entries are not recorded. */
const MOST_REFUSALS = 5_000;
const REFUSALS: readonly AccessEvent['type'][] = ['LoginFailed', 'AccessDenied', 'AccessRefusalsCounted'];

/**
 * Keeps the users' database and the journal consistent: a change and its events are one database transaction; then the
 * events go to the journal, and out of the database. After a crash in between the next caller sends them: an entry
 * gives its events the same ids each time, so they are recorded once.
 */
export class AccessLog {
  readonly #queue = new SerialQueue();
  /** A sending that has not begun: it takes what everybody noted before. */
  #next: Promise<void> | undefined;

  constructor(private readonly parts: AccessLogParts) {}

  /** Within `store.atomically`, with the change that the events record. Null means no known user. */
  note(userId: string | null, events: readonly AccessEvent[], { actor, grants }: Noted): void {
    const { store, clock, random } = this.parts;
    const waiting = store.outbox.count();
    // strangers must not use up what the owner's log-in needs
    if (waiting >= MOST_REFUSALS && events.every(({ type }) => REFUSALS.includes(type))) return;
    if (waiting >= MOST_WAITING) throw notJournaled(undefined);
    store.outbox.add({
      entryId: random.id('E'),
      stream: userId === null ? STREAMS.access : STREAMS.user(userId),
      actor,
      occurredAt: toUtcText(clock.now()),
      events: JSON.stringify(events),
      grants: grants ?? null,
    });
  }

  /** Resolves when the journal has everything noted before. Throws ACCESS_NOT_JOURNALED; then nothing is lost. */
  flush(): Promise<void> {
    this.#next ??= this.#queue.run(() => {
      this.#next = undefined;
      return this.#send();
    });
    return this.#next;
  }

  /** For removals of access, which count at once, and for refusals: events that the journal refuses now are sent with the next flush. */
  async flushIfItCan(): Promise<void> {
    await this.flush().catch(() => undefined);
  }

  async #send(): Promise<void> {
    const { store, records } = this.parts;
    // Bounded by the outbox limit; entries added meanwhile are sent by their own callers.
    for (let page = 0; page <= MOST_WAITING / PAGE; page += 1) {
      const waiting = store.outbox.waiting(PAGE);
      for (const entry of waiting) {
        await this.#append(entry);
        store.bestEffort(() => store.outbox.settle(entry.entryId));
      }
      if (waiting.length < PAGE) break;
    }
    // what cannot be read now is read by the next flush
    await records.refresh().catch(() => undefined);
  }

  async #append(entry: OutboxEntry): Promise<void> {
    try {
      await this.parts.appender.append(entry.stream, draftsOf(entry), entry.actor);
    } catch (error) {
      throw notJournaled(error);
    }
  }
}

function draftsOf(entry: OutboxEntry): readonly Draft[] {
  const occurredAt = parseUtcText(entry.occurredAt);
  return (JSON.parse(entry.events) as AccessEvent[]).map((event, index) => ({
    ...event,
    occurredAt,
    naturalKey: ['access', entry.entryId, String(index)],
    correlationId: entry.stream,
    causationId: null,
  }));
}

function notJournaled(cause: unknown): TradeBotError {
  return new TradeBotError('JournalError', 'retry', {
    code: 'ACCESS_NOT_JOURNALED',
    message: 'the journal did not record this change of access',
    remedy:
      'Check the disk and run `tradebot verify`, then try again; changes already made stay and are recorded later.',
    ...(cause instanceof TradeBotError ? { details: { cause: cause.code }, cause } : { cause }),
  });
}
