import { setTimeout as pause } from 'node:timers/promises';
import { jsonEvent, type EventData } from '@eventstore/db-client';
import { Chains } from '../../domain/audit/chain.js';
import type { EventType, NewEvent } from '../../events/event.js';
import { invariant, journalError, type TradeBotError } from '../../kernel/errors.js';
import { naturalKeyId } from '../../kernel/hash.js';
import type { BotIdentity } from '../../kernel/identity.js';
import type { UtcText } from '../../kernel/time.js';
import type { ImportedEvent, ImportSource, JournalRelocation, RelocationNote } from '../../ports/journal.js';
import { PAGE_EVENTS } from '../journal-common/paging.js';
import { MAX_APPEND_EVENTS, USABLE_BYTES } from './append-plan.js';
import type { EsdbConnection } from './esdb-connection.js';
import { failureOf, journalErrorOf } from './esdb-errors.js';
import type { EsdbReader } from './esdb-reader.js';
import { chainEvent, serverIdOf, type ChainedEvent, type EsdbRecord } from './event-record.js';

/** An event in the form of the server, and its stream. */
interface Placed {
  readonly stream: ImportedEvent['stream'];
  readonly event: ChainedEvent;
}

/** What is brought in, and the type of the event that may be there after it. */
interface Import {
  readonly id: string;
  readonly source: ImportSource;
  readonly closing: EventType;
  readonly onProgress: ((done: number, total: number) => void) | undefined;
}

const NOTE_TYPES = { started: 'ImportStarted', finished: 'ImportFinished', moved: 'MovedAway' } as const;

/**
 * Takes the events of another journal into the streams of a bot, in their order and byte for byte, and keeps notes of it in
 * a stream outside the bot's prefix, so that the events are those of the other journal and nothing else.
 */
export class ServerRelocation implements JournalRelocation {
  readonly #notes: string;

  constructor(
    private readonly connection: EsdbConnection,
    private readonly reader: EsdbReader,
    private readonly identity: BotIdentity,
  ) {
    this.#notes = `tradebot-import-${identity}`;
  }

  async note(): Promise<RelocationNote | undefined> {
    return (await this.#lastNote())?.note;
  }

  async importEvents(
    id: string,
    source: ImportSource,
    closing: EventType,
    onProgress?: (done: number, total: number) => void,
  ): Promise<void> {
    const placed = inServerForm(source.all());
    try {
      await this.#bring(placed, { id, source, closing, onProgress });
    } finally {
      // the source is read no further
      placed.return(undefined);
    }
  }

  async finish(id: string): Promise<void> {
    await this.#writeNote({ kind: 'finished', id });
  }

  async markMoved(id: string, to: string): Promise<void> {
    await this.#writeNote({ kind: 'moved', id, to });
  }

  async #bring(placed: Iterator<Placed>, { id, source, closing, onProgress }: Import): Promise<void> {
    const { count, eventsDigest } = source;
    const note = await this.note();
    const there = await this.#compare(placed, closing);
    if (note?.kind === 'finished' && note.id === id && there.count >= count) return;
    const mayContinue = note?.kind === 'started' || note?.kind === 'moved';
    if (there.last !== undefined && !mayContinue) throw this.#notEmpty(there.count, there.last);
    await this.#writeNote({ kind: 'started', id, count, eventsDigest });
    let done = there.count;
    for (const batch of batches(placed)) {
      await this.#append(batch);
      done += batch.length;
      onProgress?.(done, count);
    }
  }

  /**
   * Walks what the bot has on the server and takes it off `placed`; throws when they differ. One event of the type `closing`
   * may be there after the last one of the source.
   */
  async #compare(
    placed: Iterator<Placed>,
    closing: EventType,
  ): Promise<{ count: number; last: EsdbRecord | undefined }> {
    let [count, closed] = [0, false];
    let last: EsdbRecord | undefined;
    for (;;) {
      const cursor = last?.position ?? undefined;
      const of = { prefixes: [this.reader.serverName('')] };
      const page = await this.reader.allPage(of, cursor, 'forwards', PAGE_EVENTS);
      for (const record of page.records) {
        const next = placed.next();
        const fits = next.done === true ? !closed && record.type === closing : isSame(record, next.value);
        if (!fits) throw this.#notEmpty(count, record);
        if (next.done === true) closed = true;
        else count += 1;
        last = record;
      }
      if (!page.more) return { count, last };
    }
  }

  /** The same bytes at the same revision, repeated while the answer is lost: they are stored once. */
  async #append(batch: readonly Placed[]): Promise<void> {
    const [first] = batch;
    if (first === undefined) return;
    const { stream } = first;
    const { revision } = first.event;
    const name = this.reader.serverName(stream);
    await this.#send(
      name,
      batch.map(({ event }) => event.wire),
      revision === 0 ? 'noStream' : revision - 1,
    );
  }

  async #send(name: string, wires: readonly EventData[], expected: number | 'noStream'): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        await this.connection.append(name, wires, expected);
        return;
      } catch (error) {
        const failure = failureOf(error);
        if (failure === 'wrong-revision') throw written(name);
        if (failure !== 'transient' || attempt >= this.connection.attempts) {
          throw journalErrorOf(error, this.connection.url, `an import into ${name}`);
        }
      }
      await pause(this.connection.pauseAfter(attempt));
    }
  }

  async #lastNote(): Promise<{ readonly note: RelocationNote; readonly revision: number } | undefined> {
    const of = { of: 'stream', stream: this.#notes, from: 'end', backwards: true, count: 1 } as const;
    const [record] = await this.connection.read(of);
    if (record === undefined) return undefined;
    return { note: noteIn(record, this.#notes), revision: record.revision };
  }

  /** The last note is not written twice. */
  async #writeNote(note: RelocationNote): Promise<void> {
    const last = await this.#lastNote();
    if (last?.note.kind === note.kind && last.note.id === note.id) return;
    const { kind, ...data } = note;
    const revision = last?.revision ?? -1;
    const id = naturalKeyId('import note', this.identity, kind, note.id, String(revision));
    const wire = jsonEvent({ id, type: NOTE_TYPES[kind], data });
    await this.#send(this.#notes, [wire], revision < 0 ? 'noStream' : revision);
  }

  #notEmpty(common: number, record: EsdbRecord): TradeBotError {
    const { stream, revision, type } = record;
    return journalError('refuse', {
      code: 'JOURNAL_NOT_EMPTY',
      message:
        `${this.connection.url.shown} already has events of ${this.identity}: the first ${common} are those that are ` +
        `brought in, and ${type} is there (revision ${revision} of stream ${stream})`,
      remedy:
        'Nothing was written. Use a server without events of this bot, or one on which this move or restore was begun.',
      details: { common, stream, revision },
    });
  }
}

function* inServerForm(events: Iterable<ImportedEvent>): Generator<Placed, undefined> {
  const chains = new Chains('a chain for each stream');
  for (const imported of events) {
    const { stream, revision, body } = imported;
    const { prevHash } = chains.next(stream, body);
    const { encoded, recordedAt } = encodedOf(imported);
    const event = chainEvent(encoded, recordedAt, revision, prevHash);
    if (event.body !== body)
      invariant(false, 'TEXT_DIFFERS', `revision ${revision} of ${stream} is written differently`);
    yield { stream, event };
  }
  return undefined;
}

const RECORDED_AT = ',"recordedAt":"';

/** Takes the stored text apart where the journal's own members are. */
function encodedOf({ body }: ImportedEvent) {
  const event = JSON.parse(body) as NewEvent & { readonly recordedAt: UtcText };
  const { recordedAt } = event;
  const head = body.slice(0, body.lastIndexOf(RECORDED_AT) + RECORDED_AT.length);
  const tail = body.slice(body.lastIndexOf(',"schemaVersion":'));
  return { encoded: { event, head, tail }, recordedAt };
}

/** Runs of events of one stream, as large as one append may be: the order of the log is the order of the source. */
function* batches(placed: Iterator<Placed>): Generator<readonly Placed[]> {
  let batch: Placed[] = [];
  let bytes = 0;
  for (let next = placed.next(); next.done !== true; next = placed.next()) {
    const one: Placed = next.value;
    const isFull = batch.length >= MAX_APPEND_EVENTS || bytes + one.event.bytes > USABLE_BYTES;
    if (batch.length > 0 && (isFull || batch[0]?.stream !== one.stream)) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push(one);
    bytes += one.event.bytes;
  }
  yield batch;
}

function isSame(record: EsdbRecord, { stream, event }: Placed): boolean {
  return record.stream === stream && record.revision === event.revision && record.serverId === serverIdOf(event.hash);
}

function noteIn(record: EsdbRecord, stream: string): RelocationNote {
  const kinds = ['started', 'finished', 'moved'] as const;
  const kind = kinds.find((one) => NOTE_TYPES[one] === record.type);
  try {
    if (kind !== undefined) return { kind, ...(JSON.parse(record.data) as object) } as RelocationNote;
  } catch {
    // it says nothing that we wrote
  }
  throw journalError('stop', {
    code: 'JOURNAL_CORRUPT',
    message: `the last event of stream ${stream} (${record.type}) is not a note of a move or a restore`,
    remedy:
      'Another program wrote to it: ask the administrator of the server which one, and move the journal to another server.',
  });
}

function written(name: string): TradeBotError {
  return journalError('refuse', {
    code: 'JOURNAL_NOT_EMPTY',
    message: `another program wrote to ${name} while events were brought in`,
    remedy: 'Stop every bot of this identity, then repeat the command: it continues.',
  });
}
