import { existsSync } from 'node:fs';
import type { Subscription } from 'rxjs';
import { OnceATurn } from '../../adapters/clock/once-a-turn.js';
import { openHome } from '../../adapters/home/home.js';
import { WebVault } from '../../adapters/vault/web-vault.js';
import type { AccessService } from '../../app/access/access.js';
import { recordUserDifferences } from '../../app/access/compare-users.js';
import { UserRecords } from '../../app/access/user-records.js';
import { DATABASE_MISSING } from '../../domain/access/user-difference.js';
import { EventAppender } from '../../app/journal/event-appender.js';
import { followJournal } from '../../app/journal/follow-journal.js';
import { isEmbedded } from '../../domain/config/journal-address.js';
import type { BotState } from '../../domain/lifecycle/bot-state.js';
import type { EventType, RecordedEvent } from '../../events/event.js';
import { TradeBotError } from '../../kernel/errors.js';
import { basePaths, type BasePaths, type HomePaths } from '../../domain/home/home-paths.js';
import type { BotIdentity, BotIdentityParts } from '../../kernel/identity.js';
import { secret, type Secret } from '../../kernel/secret.js';
import type { Clock } from '../../kernel/time.js';
import type { Journal } from '../../ports/journal.js';
import type { SecretReader } from '../../ports/vault.js';
import { addressIn } from '../../composition/home-journal-address.js';
import { openHomeJournal } from '../../composition/open-home-journal.js';
import type { Ask, ChildInit } from '../ipc/messages.js';
import { isServed } from './common/route-availability.js';
import { conflict } from './common/problem.js';
import type { WebLog } from './common/web-log.js';
import { SettingsCache } from './settings-cache.js';
import { LIVE_TYPES, LiveFeed } from './live/live-feed.js';
import { openAccess, type OpenAccessOptions } from './open-access.js';

/** What there is once the home has a journal. */
export interface OpenWebContext {
  readonly paths: HomePaths;
  readonly identity: BotIdentity;
  readonly identityParts: BotIdentityParts;
  readonly journal: Journal;
  /** Writes as `system:web`; give it the actor `user:<id>` for what a person did. */
  readonly appender: EventAppender;
  readonly vault: SecretReader;
  readonly settings: SettingsCache;
  /** Users by their events. */
  readonly records: UserRecords;
}

export interface WebContextOptions {
  readonly init: ChildInit;
  readonly clock: Clock;
  readonly log: WebLog;
  /** A question to main; throws TradeBotError. */
  readonly ask: <T>(ask: Ask, withinMs?: number) => Promise<T>;
  /** Where the web listens, such as `http://127.0.0.1:8420`, once it does. */
  readonly address: () => string;
  /** Of a lower cost, in tests. */
  readonly passwords?: OpenAccessOptions['passwords'];
  /** Of a person; another one in tests. */
  readonly personalClock?: Clock;
}

const LOOK_AGAIN_MS = 250;
const FOLLOW_AGAIN_MS = 1_000;
const SWEEP_MS = 60_000;
/** Of users, also by commands: rights are those of database and events. */
const USER_TYPES: readonly EventType[] = ['UserRegistered', 'UserRoleChanged', 'UserDisabled', 'UserEnabled'];
const FOLLOWED: readonly EventType[] = [...LIVE_TYPES, 'SessionEnded', 'TokenRevoked', ...USER_TYPES];

/**
 * The home as the web sees it: nothing but its folder before provisioning, then journal and state, without a restart. What
 * every controller gets (token WEB_CONTEXT).
 */
export class WebContext {
  readonly base: BasePaths;
  readonly live: LiveFeed;
  #opened: OpenWebContext | undefined;
  #access: AccessService | undefined;
  /** The access whose database was made again under it. */
  readonly #replaced = new OnceATurn(() => (this.#access?.isReplaced === true ? this.#access : undefined));
  #sweeper: NodeJS.Timeout | undefined;
  #state: BotState = 'initialize';
  #timer: NodeJS.Timeout | undefined;
  #following: Subscription | undefined;
  #lastFault = '';
  #closed = false;

  constructor(private readonly options: WebContextOptions) {
    this.base = basePaths(options.init.home);
    this.live = new LiveFeed({ log: options.log, read: (read) => this.open().journal.readAll(read) });
  }

  get init(): ChildInit {
    return this.options.init;
  }

  get clock(): Clock {
    return this.options.clock;
  }

  /** Proves to main which user set a flag. */
  get flagKey(): Secret | undefined {
    const { flagKey } = this.options.init;
    return flagKey === undefined ? undefined : secret(flagKey);
  }

  get log(): WebLog {
    return this.options.log;
  }

  /** As the journal has it; `initialize` before there is one. */
  get state(): BotState {
    return this.#state;
  }

  /** Whether orders of the bot reach no market; null before the set-up. */
  get simulated(): boolean | null {
    return this.#opened?.settings.isSimulated() ?? null;
  }

  get opened(): OpenWebContext | undefined {
    return this.#opened;
  }

  /** Throws a Problem 409 before the home has a journal. */
  open(): OpenWebContext {
    if (this.#opened !== undefined) return this.#opened;
    throw conflict('NOT_SET_UP', 'The bot is not set up yet.', 'Finish the set-up first, in a browser at /app/.');
  }

  /** Users and sessions: there from the registration on; undefined before. Throws what their databases are refused for. */
  access(): AccessService | undefined {
    if (this.#access !== undefined && this.#replaced.get() === this.#access) this.#dropAccess();
    if (this.#access !== undefined || this.#opened === undefined || this.#closed) return this.#access;
    if (isServed('setup', this.#state)) return undefined;
    const { journal, records, appender, vault, settings } = this.#opened;
    const { clock, log, ask, address, passwords, personalClock } = this.options;
    const access = openAccess({
      ...{ base: this.base, journal, records, appender, vault, clock, log, ask, address },
      settings: () => settings.access(),
      ...(passwords === undefined ? {} : { passwords }),
      ...(personalClock === undefined ? {} : { personalClock }),
    });
    this.#access = access;
    this.#sweeper = setInterval(() => void this.#sweep(access), SWEEP_MS);
    void this.#sweep(access);
    return access;
  }

  /** For the figures of the process: undefined before there can be any, and while their database does not answer. */
  openSessions(): number | undefined {
    try {
      return this.#access?.sessions.countOpen();
    } catch {
      return undefined;
    }
  }

  /** For endpoints of users: throws a Problem 409 before there can be any. */
  users(): AccessService {
    const access = this.access();
    if (access !== undefined) return access;
    throw conflict('NOT_SET_UP', 'The bot is not set up yet.', 'Finish the set-up first, in a browser at /app/.');
  }

  /** Asks main (processes, workers). Throws TradeBotError with what main or the worker says. */
  ask<T>(ask: Ask, withinMs?: number): Promise<T> {
    return this.options.ask<T>(ask, withinMs);
  }

  /**
   * Opens what is there. A home that should be open and cannot be throws; one that is not provisioned is looked at again and
   * again, and so is one in the middle of it.
   */
  async start(): Promise<void> {
    if (await this.#tryOpen()) return;
    this.#timer = setTimeout(() => void this.#lookAgain(), LOOK_AGAIN_MS);
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    clearInterval(this.#sweeper);
    this.#following?.unsubscribe();
    this.live.close();
    await this.#access?.close();
    await this.#opened?.journal.close();
  }

  async #lookAgain(): Promise<void> {
    try {
      if (this.#closed || (await this.#tryOpen())) return;
      this.#lastFault = '';
    } catch (error) {
      this.#noteOnce(`the home cannot be opened yet: ${lineOf(error)}`);
    }
    if (!this.#closed) this.#timer = setTimeout(() => void this.#lookAgain(), LOOK_AGAIN_MS);
  }

  /** The same fault again says nothing new. */
  #noteOnce(text: string): void {
    if (text === this.#lastFault) return;
    this.#lastFault = text;
    this.log.note('warn', text);
  }

  async #tryOpen(): Promise<boolean> {
    const { init, clock } = this.options;
    if (!existsSync(this.base.marker)) return false;
    const vault = new WebVault({ paths: this.base.storage, clock, masterKeyFile: init.masterKeyFile });
    if (vault.generation() === undefined) return false;
    const { paths, identity, identityParts } = openHome({ dir: init.home, create: false, version: init.versionTag });
    // Not all settings: a home whose settings are refused by this version must still be reachable (RUN-12).
    const address = addressIn(vault, paths.storage);
    // Opening would make the file that provisioning is about to make.
    if (isEmbedded(address) && !existsSync(paths.storage.journalDb)) return false;
    const journal = await openHomeJournal({ paths, identity, clock, address, looksAhead: true });
    try {
      const appender = new EventAppender({ journal, clock, identity, actor: 'system:web' });
      const settings = new SettingsCache({ vault, versionTag: init.versionTag, log: this.log });
      const records = new UserRecords(journal);
      await records.refresh();
      await this.#follow(journal);
      this.#opened = { paths, identity, identityParts, journal, appender, vault, settings, records };
    } catch (error) {
      await journal.close();
      throw error;
    }
    this.#openUsers();
    return true;
  }

  /** The state as it is, then every change of it. */
  async #follow(journal: Journal): Promise<void> {
    const head = await journal.head();
    const [last] = await journal.readAll({ direction: 'backwards', limit: 1, filter: { types: ['BotStateChanged'] } });
    if (last !== undefined) this.#take(last);
    this.#following = followJournal(journal, {
      after: head?.position,
      types: FOLLOWED,
      retryMs: FOLLOW_AGAIN_MS,
      onFault: (error) => {
        this.live.distrust();
        this.#noteOnce(`the journal cannot be followed: ${lineOf(error)}`);
      },
      onRecovered: () => (this.#lastFault = ''),
    }).subscribe((event) => {
      this.#take(event);
      if (LIVE_TYPES.includes(event.type)) this.live.publish(event);
    });
  }

  /** What a crash left between users and journal, and sessions whose time is over. */
  async #sweep(access: AccessService): Promise<void> {
    try {
      await access.reconcile();
      await access.sessions.sweep();
      await access.tidy();
      if (this.#opened !== undefined) await recordUserDifferences(this.#opened, await access.userDifferences());
    } catch (error) {
      this.#noteOnce(`sessions cannot be looked through: ${lineOf(error)}`);
    }
  }

  /** At start, before anybody logs in: a users' database that is lost or was edited is recorded at once. */
  #openUsers(): void {
    try {
      this.access();
    } catch (error) {
      this.#noteOnce(`the users' database cannot be opened: ${lineOf(error)}`);
      if (!(error instanceof TradeBotError) || error.code !== 'USERS_DB_MISSING' || this.#opened === undefined) return;
      recordUserDifferences(this.#opened, [DATABASE_MISSING]).catch((fault: unknown) => {
        this.#noteOnce(`the loss of the users' database is not journaled: ${lineOf(fault)}`);
      });
    }
  }

  /** A command has made the users' database again; the next caller opens that. */
  #dropAccess(): void {
    clearInterval(this.#sweeper);
    this.#access?.close().catch((error: unknown) => {
      this.#noteOnce(`the replaced users' database cannot be closed: ${lineOf(error)}`);
    });
    this.#access = undefined;
  }

  #take(event: RecordedEvent): void {
    if (USER_TYPES.includes(event.type)) void this.#opened?.records.refresh().catch(() => undefined);
    if (event.type === 'BotStateChanged') this.#state = event.data.to;
    if (event.type === 'ConfigChanged') this.#opened?.settings.forget();
    if (event.type === 'SessionEnded') this.live.endOf(event.data.sessionRef);
    if (event.type === 'TokenRevoked') this.live.endOf(event.data.tokenId);
  }
}

function lineOf(error: unknown): string {
  return error instanceof TradeBotError ? error.line : String(error);
}
