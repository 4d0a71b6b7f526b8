import type { Observable } from 'rxjs';
import type { NewEvent, Position, RecordedEvent, StreamName } from '../../events/event.js';
import type { JournalCredentials } from '../../domain/config/journal-address.js';
import type { BotIdentity } from '../../kernel/identity.js';
import { toUtcText, type Clock } from '../../kernel/time.js';
import type {
  AppendResult,
  Direction,
  EventFilter,
  ExpectedRevision,
  Journal,
  JournalHead,
  JournalRelocation,
  StreamsHealth,
  VerifyResult,
} from '../../ports/journal.js';
import { encodeBatch } from '../journal-common/append.js';
import { journalClosed } from '../journal-common/errors.js';
import { limitOf } from '../journal-common/paging.js';
import { AppendLine } from './append-line.js';
import { parseConnectionUrl } from './connection-url.js';
import { EsdbConnection } from './esdb-connection.js';
import { logPosition } from './esdb-position.js';
import { EsdbReader } from './esdb-reader.js';
import { verifyStreams, type StreamHead } from './esdb-verifier.js';
import { recordedOf } from './event-record.js';
import { ServerRelocation } from './server-relocation.js';
import { StreamGuard } from './stream-guard.js';
import { StreamWriter } from './stream-writer.js';
import { streamsHealthOf } from './streams-health.js';
import { subscribeToLog } from './subscription.js';
import { Tally } from './tally.js';
import { TypedReader } from './typed-read.js';

export interface EsdbJournalOptions {
  /** `esdb://` for one node or several separated by commas, `esdb+discover://` for a cluster by name. */
  readonly url: string;
  /** User and password that the URL leaves out. */
  readonly credentials?: JournalCredentials;
  /** Prefix of the name of every stream of this bot, so that many bots share a cluster. */
  readonly botIdentity: BotIdentity;
  readonly clock: Clock;
  /**
   * A head that an earlier process has reached: when the log has that event, the events up to it are not counted again.
   * Undefined or wrong, all events of the bot are.
   */
  readonly counted?: JournalHead | undefined;
  /** How long a call may take without any answer; default 10 s. */
  readonly callTimeoutMs?: number;
  /**
   * The total number of attempts of a call, default 8, and the first pause between them, default 50 ms; it doubles up
   * to 2 s.
   */
  readonly attempts?: number;
  readonly pauseMs?: number;
}

const CALL_TIMEOUT_MS = 10_000;
const ATTEMPTS = 8;
const PAUSE_MS = 50;

/** The journal of fleets (JRN-6): one EventStoreDB node or cluster that many bots share. */
export class EsdbJournal implements Journal {
  readonly chainsStreams = true;
  readonly #clock: Clock;
  readonly #connection: EsdbConnection;
  readonly #prefix: string;
  readonly streamsHealth: StreamsHealth;
  readonly #reader: EsdbReader;
  readonly #typed: TypedReader;
  readonly #guard: StreamGuard;
  readonly #user: string | undefined;
  readonly #line: AppendLine;
  readonly #tally: Tally;
  readonly relocation: JournalRelocation;
  readonly #onClose = new Set<() => void>();
  #closing: Promise<void> | undefined;

  /**
   * Connects and reads once, so that a wrong configuration fails here: ConfigError `JOURNAL_URL_INVALID` or
   * `JOURNAL_TLS_FILE_MISSING`, JournalError `JOURNAL_UNREACHABLE` or `JOURNAL_ACCESS_DENIED`. No error shows a
   * password.
   */
  static async open(options: EsdbJournalOptions): Promise<EsdbJournal> {
    const journal = new EsdbJournal(options);
    try {
      const [last] = await journal.#connection.read({ of: 'all', from: 'end', backwards: true, count: 1 });
      journal.#guard.startAt(last?.position ?? undefined);
    } catch (error) {
      await journal.close();
      throw error;
    }
    return journal;
  }

  private constructor(options: EsdbJournalOptions) {
    this.#clock = options.clock;
    this.#prefix = `${options.botIdentity}-`;
    this.#connection = new EsdbConnection({
      url: parseConnectionUrl(options.url, options.credentials),
      prefix: this.#prefix,
      callTimeoutMs: options.callTimeoutMs ?? CALL_TIMEOUT_MS,
      attempts: options.attempts ?? ATTEMPTS,
      pauseMs: options.pauseMs ?? PAUSE_MS,
    });
    this.#reader = new EsdbReader(this.#connection, this.#prefix, (record, taken) => this.#guard.met(record, taken));
    const { url } = this.#connection;
    // Without TLS the client sends no password: the server knows no user then.
    this.#user = url.tls ? url.credentials?.username : undefined;
    const parts = { connection: this.#connection, reader: this.#reader, prefix: this.#prefix, user: this.#user };
    this.#guard = new StreamGuard(parts);
    this.streamsHealth = streamsHealthOf(this.#reader, this.#guard, this.#user);
    this.#typed = new TypedReader(this.#reader);
    const writer = new StreamWriter(this.#connection, this.#reader, this.#guard);
    this.#line = new AppendLine((stream, requests) => writer.write(stream, requests));
    this.#tally = new Tally(this.#reader, options.counted);
    this.relocation = new ServerRelocation(this.#connection, this.#reader, options.botIdentity);
  }

  /**
   * Besides the errors of the port: `JOURNAL_BATCH_TOO_LARGE` (refuse) when the batch exceeds the server's limit, and
   * `JOURNAL_STALLED` when the outcome remained unknown; repeating that append is safe.
   */
  async append(
    stream: StreamName,
    events: readonly NewEvent[],
    options: { readonly expectedRevision: ExpectedRevision },
  ): Promise<AppendResult> {
    this.#assertOpen();
    const batch = encodeBatch(stream, events);
    const recordedAt = toUtcText(this.#clock.now());
    return this.#line.push({ stream, batch, expected: options.expectedRevision, recordedAt });
  }

  async readStream(
    stream: StreamName,
    options: { readonly from?: number; readonly direction?: Direction; readonly limit?: number } = {},
  ): Promise<readonly RecordedEvent[]> {
    this.#assertOpen();
    const { from, direction = 'forwards' } = options;
    const records = await this.#reader.readStream({ stream, from, direction, limit: limitOf(options.limit) });
    return records.map(recordedOf);
  }

  async readAll(
    options: {
      readonly after?: Position;
      readonly direction?: Direction;
      readonly limit?: number;
      readonly filter?: EventFilter;
    } = {},
  ): Promise<readonly RecordedEvent[]> {
    this.#assertOpen();
    const { direction = 'forwards', filter } = options;
    const after = options.after === undefined ? undefined : logPosition(options.after);
    const read = { after, direction, limit: limitOf(options.limit), filter };
    const types = filter?.types;
    const records = types === undefined ? await this.#reader.readAll(read) : await this.#typed.read(read, types);
    const whole = filter?.types === undefined && (filter?.streamPrefix ?? '') === '';
    if (whole && direction === 'forwards') this.#tally.observe(after, records);
    return records.map(recordedOf);
  }

  /** The first call walks the whole journal once, unless it was just read from its start. */
  async head(): Promise<JournalHead | undefined> {
    this.#assertOpen();
    return this.#tally.head();
  }

  subscribe(options: { readonly after?: Position; readonly filter?: EventFilter } = {}): Observable<RecordedEvent> {
    this.#assertOpen();
    return subscribeToLog({
      connection: this.#connection,
      prefix: this.#prefix,
      identity: this.#reader.identity,
      guard: this.#guard,
      after: options.after === undefined ? undefined : logPosition(options.after),
      filter: options.filter,
      onClose: (closed) => {
        this.#onClose.add(closed);
        return () => this.#onClose.delete(closed);
      },
    });
  }

  async verify(onProgress?: (checked: number, total: number) => void, since?: JournalHead): Promise<VerifyResult> {
    this.#assertOpen();
    const { result, findings } = await verifyStreams(this.#reader, { onProgress, since, user: this.#user });
    for (const finding of findings) this.#guard.report(finding);
    return result;
  }

  /** The end of each stream's chain, for a seal that covers them all (JRN-30); walks the journal. */
  async streamHeads(): Promise<ReadonlyMap<StreamName, StreamHead>> {
    this.#assertOpen();
    return (await verifyStreams(this.#reader)).heads;
  }

  /** Sends all waiting events, completes the subscriptions and disconnects; a second call is harmless. */
  async close(): Promise<void> {
    this.#closing ??= this.#line.close().then(() => {
      for (const closed of [...this.#onClose]) closed();
      this.#onClose.clear();
      this.#guard.close();
      return this.#connection.close();
    });
    return this.#closing;
  }

  #assertOpen(): void {
    if (this.#closing !== undefined) throw journalClosed();
  }
}
