import { existsSync } from 'node:fs';
import type { Subscription } from 'rxjs';
import { writeFileAtomic } from '../../adapters/files/atomic-write.js';
import { CrashNoteFiles } from '../../adapters/files/crash-note-files.js';
import { TestHomes } from '../../adapters/home/test-homes.js';
import { isJournalDamage } from '../../app/audit/verified-chain.js';
import type { FlagFile, FlagOutcome } from '../../app/flags/flag.js';
import { shownName } from '../../app/flags/flag.js';
import type { FlagJournal } from '../../app/flags/control-flag-processor.js';
import { hasEngine, mayChange, shutsDown, type BotState } from '../../domain/lifecycle/bot-state.js';
import type { ResetRequest } from '../../domain/risk/protections.js';
import type { Actor, EventData, Position, RecordedEvent } from '../../events/event.js';
import { configError } from '../../kernel/errors.js';
import type { Uuid } from '../../kernel/hash.js';
import type { HomePaths } from '../../domain/home/home-paths.js';
import type { BotIdentityParts } from '../../kernel/identity.js';
import { parseUtcText, toUtcText, type UtcText } from '../../kernel/time.js';
import { settleRestore } from '../../composition/restore-home.js';
import { refuseOtherFeed } from '../../composition/simulated-world.js';
import type { StreamDecision } from '../../app/streams/acknowledge.js';
import { HeldStreams } from '../../app/streams/held-streams.js';
import { openHomeJournal } from '../../composition/open-home-journal.js';
import type { ChildName, PlainError } from '../ipc/messages.js';
import { plainErrorOf } from '../ipc/plain-error.js';
import { waitsForPerson, type JournalFile, type StreamFinding } from '../../ports/journal.js';
import type { BookTaskJournal } from './book-task-journal.js';
import type { HomeVault } from './home-vault.js';
import { CLOCK_TOLERANCE_MS, MainJournal } from './main-journal.js';
import type { MainOptions } from './main-options.js';
import { MainOwnership } from './main-ownership.js';
import { refuseOtherWorld } from './refuse-other-world.js';
import { ProcessFacts, type ProcessFact } from './process-facts.js';
import type { TestRunJournal } from './test-mode-runs.js';
import { settledHome } from './prepare-home.js';
import { SerialQueue } from '../../app/journal/serial-queue.js';

type Opened = { readonly journal: MainJournal; readonly paths: HomePaths; readonly identityParts: BotIdentityParts };

/**
 * The home as main sees it: before the set-up a folder with a state of one word, then a journal that is followed. What is
 * to be written and cannot be is reported in the log; nothing here stops main.
 */
export class MainHome implements FlagJournal, TestRunJournal {
  #opened: Opened | undefined;
  #state: BotState = 'initialize';
  #reason: string | undefined;
  #following: Subscription | undefined;
  #recording: Subscription | undefined;
  readonly #streams = new HeldStreams();
  #seen: Position | undefined;
  /** The start of main is in the journal. */
  #begun = false;
  readonly #writes = new SerialQueue();
  readonly #facts: ProcessFacts;
  /** Whether this home owns the bot, on a journal that others reach. */
  readonly ownership: MainOwnership;

  constructor(
    private readonly options: MainOptions,
    private readonly vault: Pick<HomeVault, 'refuseOther' | 'journalAddress' | 'account'>,
    private readonly onEvent: (event: RecordedEvent) => void,
  ) {
    this.ownership = new MainOwnership((line) => options.notice(line));
    this.#facts = new ProcessFacts({
      now: () => options.clock.now(),
      onTrouble: (error) => this.#refused(error),
    });
  }

  get state(): BotState {
    return this.#state;
  }

  /** Why the bot is in its state, as the journal has it. */
  get reason(): string | undefined {
    return this.#reason;
  }

  get identityParts(): BotIdentityParts | null {
    return this.#opened?.identityParts ?? null;
  }

  /** True once there is a journal. */
  get settled(): boolean {
    return this.#opened !== undefined;
  }

  /** What stops the writing of streams of a journal on a server, that others reached. */
  get streams(): Pick<HeldStreams, 'held' | 'fault'> {
    return this.#streams;
  }

  /** The file of the open journal; undefined before there is one. */
  get journalFile(): JournalFile | undefined {
    return this.#opened?.journal.file;
  }

  /**
   * Opens the journal of a home that has one; false when it has none. Throws HOME_INCOMPLETE, IDENTITY_DIFFERS, VAULT_MISSING,
   * HOME_NOT_PROVISIONED, CLOCK_NEEDS_SIM, FEED_NEEDS_SIM, CLOCK_BEFORE_JOURNAL, SESSION_DIFFERS, and what `openHomeJournal` throws. A journal that is gone,
   * damaged or not that of the home leaves `error` in the state file.
   */
  async open(): Promise<boolean> {
    if (this.#opened !== undefined) return true;
    try {
      return await this.#open();
    } catch (error) {
      const { code } = plainErrorOf(error);
      const { botState } = this.options.base.control;
      if (code === 'HOME_INCOMPLETE' || isJournalDamage({ code }) || waitsForPerson({ code }))
        writeFileAtomic(botState, 'error\n', 0o644);
      throw error;
    }
  }

  async #open(): Promise<boolean> {
    const { base, clock, versionTag } = this.options;
    const home = settledHome(base, versionTag, (paths) => this.vault.journalAddress(paths));
    if (home === undefined) {
      writeFileAtomic(base.control.botState, `${this.#state}\n`, 0o644);
      return false;
    }
    const { paths, identity, identityParts, address } = home;
    // before anything is named after it
    this.vault.refuseOther(identity);
    const settled = settleRestore({ paths });
    if (settled !== undefined) this.options.notice(settled);
    const opened = await openHomeJournal({ paths, identity, clock, address, anchored: true });
    const journal = new MainJournal({ journal: this.ownership.guard(opened), clock, identity });
    try {
      await journal.load();
      this.#state = await journal.botState();
      this.#reason = await journal.lastReason();
      this.#refuse(identityParts, await journal.wasSetUp());
      this.#refuseEarlierClock(await journal.lastEventAt());
      if (hasEngine(this.#state)) await refuseOtherFeed(opened, identity, this.options.feed);
      await this.ownership.take({ address, paths, identity, journal: opened, clock, pid: this.options.pid });
      this.#seen = await journal.head();
    } catch (error) {
      await journal.close();
      throw error;
    }
    this.#opened = { journal, paths, identityParts };
    this.#follow(journal);
    return true;
  }

  /** Records the start of main and the end of the previous one; resumes after a shutdown. */
  async begin(): Promise<void> {
    const opened = this.#opened;
    if (opened === undefined) return;
    const { journal, paths } = opened;
    const ahead = await journal.clockWentBack();
    if (ahead !== undefined) {
      this.options.notice(`The clock is behind the journal, whose last event is of ${ahead}: set it right.`);
    }
    const died = await journal.diedBefore();
    if (died !== undefined) {
      await journal.processCrashed({ process: 'main', lastEventAt: died.lastEventAt, action: 'started again' });
    }
    await journal.crashNotes(new CrashNoteFiles(paths.storage, 'main'));
    await journal.endTestRuns('TradeBot ended during the run');
    this.#sweepTestHomes();
    await journal.processStarted('main', this.options, 0);
    // The first user came when main was not there to see it.
    if (this.#state === 'registration' && (await journal.hasUser())) {
      await this.change('started', 'the first user was registered');
    }
    if (await journal.wasLeaving()) await this.change('shutdown_triggered', 'the end of the program was cut short');
    if (this.#state === 'shutdown_triggered') await this.change('shutdown', 'the last shutdown was interrupted');
    if (this.#state === 'shutdown') await this.change('started', 'TradeBot was started again');
    this.#begun = true;
    await this.tick();
  }

  /**
   * Writes down that main goes, with the state of RUN-11 for it, while the projector still reads: `gone` are the others
   * that are about to be reported, or have ended already.
   */
  async end(reason: string, before: BotState, gone: readonly Exclude<ChildName, 'worker'>[]): Promise<void> {
    const journal = this.#opened?.journal;
    if (journal === undefined) return;
    await this.#writes.settled();
    if (shutsDown(before)) {
      if (this.#state !== 'shutdown_triggered') await this.change('shutdown_triggered', reason);
      await this.change('shutdown', reason);
    }
    for (const name of [...gone, 'main'] as const) await this.write((to) => to.processStopped(name, reason));
    await this.ownership.end(reason);
  }

  async close(): Promise<void> {
    this.#following?.unsubscribe();
    this.#recording?.unsubscribe();
    this.ownership.close();
    await this.#writes.settled();
    await this.#opened?.journal.close();
    this.#opened = undefined;
    // the journal has the state of the new owner
    if (this.ownership.lost !== undefined) writeFileAtomic(this.options.base.control.botState, 'error\n', 0o644);
  }

  /** Another state of the bot, by main; one that RUN-11 does not allow from here is only logged. */
  async change(to: BotState, reason: string): Promise<void> {
    await this.write(async (journal) => {
      try {
        this.#state = await journal.botState();
        if (!mayChange(this.#state, to)) return;
        await journal.changeBotState(to, reason);
        this.#state = to;
      } catch (error) {
        if (to === 'error' && isJournalDamage(error)) this.#showError(reason);
        throw error;
      }
    });
  }

  /** A journal that is damaged takes no change of the state any more: people must see it all the same. */
  #showError(reason: string): void {
    [this.#state, this.#reason] = ['error', reason];
    try {
      writeFileAtomic(this.options.base.control.botState, 'error\n', 0o644);
    } catch {
      // the status and the log say it too
    }
  }

  /**
   * Why a process died: a note first, then the journal. What the journal does not take any more is journaled from the note
   * at the next start (RUN-41).
   */
  crashed(process: string, error: Pick<PlainError, 'kind' | 'code' | 'message'>, traceback: string): Promise<void> {
    const notes = this.#notes();
    if (notes === undefined) return Promise.resolve();
    const { kind: errorType, code: errorCode, message } = error;
    notes.leave({ at: toUtcText(this.options.clock.now()), process, errorType, errorCode, message, traceback });
    return this.write((journal) => journal.crashNotes(notes));
  }

  #notes(): CrashNoteFiles | undefined {
    return this.#opened === undefined ? undefined : new CrashNoteFiles(this.#opened.paths.storage, 'main');
  }

  /** Writes in order; resolves when it was tried. */
  write(work: (journal: MainJournal) => Promise<unknown>): Promise<void> {
    return this.#writes.run(async () => {
      const journal = this.#opened?.journal;
      if (journal === undefined || this.ownership.lost !== undefined) return;
      try {
        await work(journal);
      } catch (error) {
        this.#refused(error);
      }
    });
  }

  /** A start or an end of a process: kept until there is a journal that takes it. Resolves when it was tried. */
  record(fact: ProcessFact): Promise<void> {
    this.#facts.keep(fact);
    return this.tick();
  }

  /** Each second: facts that the journal has not taken are offered again. */
  tick(): Promise<void> {
    if (!this.#facts.waiting || this.ownership.lost !== undefined) return Promise.resolve();
    return this.#writes.run(async () => {
      const journal = this.#opened?.journal;
      if (journal !== undefined && this.#begun) await this.#facts.writeTo(journal);
    });
  }

  testRunStarted(data: EventData<'TestRunStarted'>): Promise<void> {
    const draft = { type: 'TestRunStarted', data, correlationId: data.runId, causationId: null } as const;
    return this.write((journal) => journal.testRun(draft));
  }

  testRunEnded(data: EventData<'TestRunEnded'>): Promise<void> {
    const draft = { type: 'TestRunEnded', data, correlationId: data.runId, causationId: null } as const;
    return this.write((journal) => journal.testRun(draft));
  }

  async cleanUpTestRun(runId: string, detail: string): Promise<void> {
    await this.write((journal) => journal.endTestRuns(detail, runId));
    this.#sweepTestHomes();
  }

  #sweepTestHomes(): void {
    const { base, versionTag } = this.options;
    new TestHomes(base.storage.testRuns, versionTag).sweep();
  }

  #refused(error: unknown): void {
    this.options.logs.main.error('the journal did not take what main had to write', { ...plainErrorOf(error) });
  }

  /** Resets kill switch or defense mode; resolves to what that does. Throws NOT_SET_UP, and what refuses a reset. */
  async reset(request: ResetRequest, actor: Actor): Promise<string> {
    const journal = this.#opened?.journal;
    if (journal !== undefined) return journal.reset(request, actor);
    throw configError({ code: 'NOT_SET_UP', message: 'the bot is not set up yet', remedy: 'Finish the set-up first.' });
  }

  /** Throws NOT_SET_UP, and what `acknowledgeForeign` throws. */
  async acknowledgeStream(decision: StreamDecision, actor: Actor): Promise<StreamFinding> {
    const journal = this.#opened?.journal;
    if (journal !== undefined) return journal.acknowledgeStream(decision, actor);
    throw configError({ code: 'NOT_SET_UP', message: 'the bot is not set up yet', remedy: 'Finish the set-up first.' });
  }

  /** Undefined before there is a journal. */
  get bookTasks(): BookTaskJournal | undefined {
    return this.#opened?.journal.bookTasks;
  }

  async rotationIsDue(): Promise<boolean> {
    return (await this.#opened?.journal.rotationIsDue()) ?? false;
  }

  /** The file of the status projection; undefined before there is a journal. */
  get statusPath(): string | undefined {
    return this.#opened?.paths.output.statusMirror;
  }

  /** Symbols and sides of the open positions, as the journal has them. */
  openPositions(): readonly string[] {
    return this.#opened?.journal.openPositions() ?? [];
  }

  isConsumed(id: Uuid): boolean {
    return this.#opened?.journal.isConsumed(id) ?? false;
  }

  async consumed(flag: FlagFile, data: FlagOutcome): Promise<void> {
    await this.#opened?.journal.consumed(flag, data);
    this.options.logs.main.info('a control flag was consumed', { ...data });
  }

  async reported(flag: FlagFile, reason: string): Promise<void> {
    this.options.logs.main.warn('a file among the control flags is no flag', { flag: shownName(flag.name), reason });
    await this.#opened?.journal.reported(flag, reason);
  }

  #refuse(parts: BotIdentityParts, wasSetUp: boolean): void {
    const { base, versionTag } = this.options;
    if (wasSetUp && !existsSync(base.storage.vaultCurrent)) {
      throw configError({
        code: 'VAULT_MISSING',
        message: `${base.storage.vaultCurrent} is missing: keys, secrets and configuration of this home are gone`,
        remedy: 'Restore storage/vault from a backup of the home; nothing was changed.',
      });
    }
    if (hasEngine(this.#state) && !existsSync(base.storage.vaultCurrent)) {
      throw configError({
        code: 'HOME_NOT_PROVISIONED',
        message: `${base.home} was made by tradebot day: it has no keys and no configuration for a bot`,
        remedy: 'Give another --home to the bot that runs itself; this one stays as it is.',
      });
    }
    refuseOtherWorld(this.options, parts, () => this.vault.account(versionTag));
  }

  /** Events of a journal follow each other in time: a world that starts before the last event is another bot's. */
  #refuseEarlierClock(last: UtcText | undefined): void {
    const { base, clock, timeScale } = this.options;
    if (timeScale === null || timeScale.virtualStart === timeScale.wallStart || last === undefined) return;
    const now = clock.now();
    // a fast world moves on while a process starts: the same second of ours is more of its time
    if (parseUtcText(last) - now < CLOCK_TOLERANCE_MS * Math.max(1, timeScale.speed)) return;
    throw configError({
      code: 'CLOCK_BEFORE_JOURNAL',
      message: `--clock-start ${toUtcText(now)} is earlier than the last event of ${base.home}, which is of ${last}`,
      remedy: 'Give another --home to a world that starts earlier, or a later --clock-start.',
    });
  }

  #follow(journal: MainJournal): void {
    this.#recording = journal.recordStreams((finding) => {
      const { kind, message, remedy } = finding;
      this.options.logs.main.warn('others reached the streams of the journal', { kind, message, remedy });
      this.#streams.take(finding);
    });
    this.#following = journal
      .follow(this.#seen, (error) => {
        this.options.logs.main.error('the journal cannot be followed; trying again', { ...plainErrorOf(error) });
      })
      .subscribe((event) => {
        this.#seen = event.position;
        journal.seen(event);
        this.#streams.follow(event);
        if (event.type === 'BotStateChanged') [this.#state, this.#reason] = [event.data.to, event.data.reason];
        this.onEvent(event);
      });
  }
}
