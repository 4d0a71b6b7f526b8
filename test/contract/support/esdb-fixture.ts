import { VirtualClock } from '../../../src/adapters/clock/virtual-clock.js';
import { EsdbJournal, type EsdbJournalOptions } from '../../../src/adapters/journal-esdb/esdb-journal.js';
import type { StreamName } from '../../../src/events/event.js';
import type { DoubleOptions, EsdbDouble } from '../../support/esdb-double/double.js';
import { Stranger } from '../../support/esdb-double/stranger.js';
import { TestServer, freshIdentity } from '../../support/esdb-double/test-server.js';
import { ALPHA, START } from './journal-events.js';

/** Short pauses; HASTY for servers that never answer. Outcomes are tested, not durations. */
export const BRISK = { pauseMs: 5, attempts: 4 };
export const HASTY = { callTimeoutMs: 2_000 };

/**
 * A server, the journals that a test opens on it for an identity that nobody else has, and another program; `end` closes
 * them all.
 */
export class EsdbFixture {
  readonly clock = new VirtualClock(START);
  readonly identity = freshIdentity();
  readonly #journals: EsdbJournal[] = [];
  readonly #servers: TestServer[] = [];
  #stranger: Stranger | undefined;

  get server(): TestServer {
    const [server] = this.#servers;
    if (server === undefined) throw new Error('the test has started no server');
    return server;
  }

  /** Throws on a real server. */
  get double(): EsdbDouble {
    return this.server.double;
  }

  /** Another program on the same server, or its administrator. */
  get stranger(): Stranger {
    this.#stranger ??= new Stranger(this.server.url);
    return this.#stranger;
  }

  async start(options: DoubleOptions = {}): Promise<TestServer> {
    const server = await TestServer.start(options);
    this.#servers.push(server);
    return server;
  }

  async open(more: Partial<EsdbJournalOptions> = {}): Promise<EsdbJournal> {
    const { clock, identity: botIdentity } = this;
    const url = more.url ?? this.server.url;
    const journal = await EsdbJournal.open({ botIdentity, clock, ...BRISK, ...more, url });
    this.#journals.push(journal);
    return journal;
  }

  /** A server and a journal on it. */
  async begin(options: DoubleOptions = {}, more: Partial<EsdbJournalOptions> = {}): Promise<EsdbJournal> {
    await this.start(options);
    return this.open(more);
  }

  /** The name of a stream of this fixture on the server. */
  nameOf(stream: StreamName): string {
    return `${this.identity}-${stream}`;
  }

  /** How many events of a stream another program sees. */
  async stored(stream: StreamName = ALPHA): Promise<number> {
    return (await this.stranger.read(this.nameOf(stream))).length;
  }

  async end(): Promise<void> {
    for (const journal of this.#journals) await journal.close();
    await this.#stranger?.end();
    for (const server of this.#servers) server.stop();
  }
}
