import { DiskReserve } from '../../adapters/files/disk-reserve.js';
import { isOwnedElsewhere } from '../../domain/ownership/owner-errors.js';
import { hasEngine, isAtRest, isClosing, type BotState } from '../../domain/lifecycle/bot-state.js';
import type { RecordedEvent } from '../../events/event.js';
import type { Secret } from '../../kernel/secret.js';
import { toUtcText, type UtcText } from '../../kernel/time.js';
import type { Answer, ChildInit, FromChild, PlainError, ProcessHealth } from '../ipc/messages.js';
import { errorFrom, plainErrorOf } from '../ipc/plain-error.js';
import { bounded } from './bounded.js';
import { EngineFailurePolicy } from './engine-failure-policy.js';
import { KeptOrder } from './kept-order.js';
import { EngineCommandChannel } from './engine-command-channel.js';
import { ControlFlags } from './control-flags.js';
import { acceptClock, childInit } from './child-init.js';
import { DeathReports } from './death-reports.js';
import { heartbeatOf, mainProcess } from './heartbeat.js';
import { FlagCommands } from './flag-commands.js';
import { HomeVault } from './home-vault.js';
import { JournalGuard } from './journal-guard.js';
import { journalAwayOf, LiveHealth } from './live-health.js';
import { MainHome } from './main-home.js';
import { MainRequests } from './main-requests.js';
import { isSensitive } from './main-journal.js';
import { MAIN_TIMING, type MainOptions, type MainTiming } from './main-options.js';
import { ProtectionResets } from './protection-resets.js';
import { ReserveKeeper } from './reserve-keeper.js';
import { StreamDecisions } from './stream-decisions.js';
import { SealAnchoring } from './seal-anchoring.js';
import { Rotation } from './rotation.js';
import { newSetupToken } from './setup-token.js';
import { ChildSupervisor, type ChildDeath, type ChildSupervisorOptions } from './child-supervisor.js';
import { TestModeRuns } from './test-mode-runs.js';
import { WebAddress } from './web-address.js';
import { WorkerPool } from './worker-pool.js';
import { Notices } from './notices.js';

const TICK_MS = 1_000;
const HEARTBEAT_TICKS = 60;

/**
 * The one process that a person or systemd starts (RUN-1): starts, watches and stops the others, obeys the control flags,
 * and keeps the state of the bot where no other process does. It trades nothing, projects nothing and never blocks.
 */
export class Main {
  readonly home: MainHome;
  readonly webAddress: WebAddress;
  readonly #notices = new Notices((text) => this.options.notice(text));
  readonly #timing: MainTiming;
  readonly #engine: ChildSupervisor;
  readonly #projector: ChildSupervisor;
  readonly #web: ChildSupervisor;
  readonly #channel: EngineCommandChannel;
  readonly #engineFailures: EngineFailurePolicy;
  readonly #deaths: DeathReports;
  readonly #reserve: ReserveKeeper;
  readonly #workers: WorkerPool;
  readonly #tests: TestModeRuns;
  readonly #requests: MainRequests;
  /** A pool of its own: a verification takes long, and keys and settings must not wait for it. */
  readonly #verifications: WorkerPool;
  readonly #guard: JournalGuard;
  readonly #anchoring: SealAnchoring;
  readonly #rotation: Rotation;
  readonly #resets: ProtectionResets;
  readonly #health: LiveHealth;
  readonly #flags: ControlFlags;
  readonly #commands: FlagCommands;
  readonly #startedAt: UtcText;
  #timer: NodeJS.Timeout | undefined;
  #ticks = 0;
  #token: Secret | undefined;
  #stopping = false;
  #booting = true;
  readonly #vault: HomeVault;

  constructor(private readonly options: MainOptions) {
    this.#timing = { ...MAIN_TIMING, ...options.timing };
    this.#startedAt = this.#now();
    this.#vault = new HomeVault({ ...options, report: (text) => options.notice(text) });
    this.home = new MainHome(options, this.#vault, (event) => this.#follow(event));
    this.webAddress = new WebAddress(options.web, () => this.#vault.network());
    this.#engine = this.#supervise('engine', null);
    this.#projector = this.#supervise('projector', this.#timing.tryAgainMs);
    this.#web = this.#supervise('web', this.#timing.tryAgainMs);
    this.#channel = new EngineCommandChannel(() => this.#engine);
    this.#reserve = new ReserveKeeper({
      ...{ home: this.home, haltOpen: () => this.#channel.haltOpen },
      reserve: new DiskReserve(options.base.storage.reserve),
    });
    this.#engineFailures = new EngineFailurePolicy({
      engine: () => this.#engine,
      channel: this.#channel,
      fail: async (cause) => {
        options.notice(`The bot ends in error: ${cause}`);
        await this.home.change('error', cause);
      },
      openPositions: () => this.home.openPositions(),
      saveLost: () => this.#guard.save(),
      order: new KeptOrder(options.base.storage.haltNote, this.#log),
    });
    const sees = {
      ...{ children: () => this.#children, reserveMissing: () => this.#reserve.isMissing },
      localFault: () => this.#requests.localFault,
    };
    this.#health = LiveHealth.of(options, this.home, sees);
    this.#resets = new ProtectionResets(this.home, this.#log);
    this.#deaths = new DeathReports({
      ...{ home: this.home, log: this.#log, now: () => this.#now(), ticks: () => performance.now() },
      notice: (line) => options.notice(line),
    });
    this.#workers = this.#workerPool();
    this.#tests = new TestModeRuns({
      pool: this.#workerPool(),
      ...{ state: () => this.home.state, clock: options.clock, journal: this.home },
    });
    this.#requests = new MainRequests({
      isSetUp: () => hasEngine(this.home.state),
      streams: new StreamDecisions(this.home, this.#log),
      ...{ options, resets: this.#resets, health: this.#health, tests: this.#tests, home: this.home },
      ...{ workers: this.#workers, entries: this.#workerPool(), bookWorkers: this.#workerPool(() => undefined) },
      ...{ projector: () => this.#projector, guard: () => this.#guard, universePool: this.#workerPool() },
      nightly: () => (hasEngine(this.home.state) ? this.#vault.universe(options.versionTag) : undefined),
      processes: () => this.processes(),
      settle: () => this.#settle(),
    });
    this.#verifications = this.#workerPool();
    this.#guard = new JournalGuard({
      isOpen: () => this.home.settled,
      file: () => this.home.journalFile,
      harm: () => this.home.streams.fault,
      isHeld: () => journalAwayOf(this.#children) !== undefined,
      verify: () => this.#verifications.run({ task: 'verify' }),
      // without an engine nothing is traded, and nothing has to be closed
      halt: (cause) => void (hasEngine(this.home.state) ? this.#engineFailures.haltFor(cause) : undefined),
      report: (text) => options.notice(text),
    });
    this.#anchoring = new SealAnchoring(this.#workerPool(), this.options.logs.main);
    this.#rotation = new Rotation({
      run: (task) => this.#workers.run(task),
      gatherMs: this.#timing.rotateMs,
      onFailure: (message, againMs) => this.#log.error('the keys could not be rotated', { message, againMs }),
    });
    this.#commands = this.#flagCommands();
    this.#flags = this.#controlFlags();
  }

  /** The one-time token while there is no user; shown once, by the command that starts main. */
  get setupToken(): Secret | undefined {
    return hasEngine(this.home.state) ? undefined : this.#token;
  }

  /** Obeys a kill that came as a signal. */
  killBySignal(signal: string): void {
    this.#flags.killBySignal(signal);
  }

  /** No process that should run is silent, and no open position is without an engine. */
  get healthy(): boolean {
    const silent = this.#children.some((one) => one.silent);
    return !silent && this.#engineFailures.unmanaged.length === 0;
  }

  /** Throws what `MainHome.open` throws; nothing was started then. No child starts before `opened` has resolved. */
  async start(opened = (): Promise<void> => Promise.resolve()): Promise<void> {
    await this.home.open();
    await this.home.begin();
    await opened();
    if (!hasEngine(this.home.state)) this.#token = newSetupToken();
    // SEC-4: no key stays plain next to a master key; a disk that hangs keeps nobody from a kill.
    const wraps = this.home.settled && this.#vault.needsWrapping();
    if (wraps) await bounded(this.#reconcile(), this.#timing.wrapMs, undefined);
    this.#web.start();
    if (this.home.settled) this.#projector.start();
    // Whatever halts was asked for before this start: the engine obeys it before anything trades (RUN-15).
    if (hasEngine(this.home.state)) {
      for (const { command, ...asked } of this.#flags.found()) void this.#channel.carry({ kind: command, ...asked });
      this.#engineFailures.resume();
      this.#engine.start();
    }
    // what a crash of a worker cut off: a save that is not in the journal yet, a set-up that died in its last steps
    if (this.home.settled && !wraps) void this.#reconcile();
    if (this.home.settled) this.#anchoring.soon();
    if (await this.home.rotationIsDue()) this.#rotation.soon('system:main', 'due since before this start');
    // what it would close belongs to the new owner
    void this.home.ownership.lostTo.then(() => this.#engine.kill());
    this.#flags.begin();
    this.#health.start();
    this.#requests.tick();
    this.#booting = false;
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
    this.options.onState?.(this.home.state);
  }

  /** Ends everything within a bounded time (RUN-4); the engine first, with its positions. */
  async stop(reason: string): Promise<void> {
    if (this.#stopping) return;
    this.#stopping = true;
    const before = this.home.state;
    this.#log.info('stopping', { reason, state: before });
    this.options.onState?.('stopping');
    this.#rotation.close();
    const { engineStopMs, othersStopMs } = this.#timing;
    const workers = [this.#requests, this.#workers, this.#tests, this.#verifications, this.#anchoring].map((pool) =>
      pool.close(othersStopMs),
    );
    // Flags are watched until the engine has ended: a kill still takes effect.
    await this.#engine.stop(engineStopMs);
    this.#channel.close();
    this.#flags.close();
    clearInterval(this.#timer);
    await this.#health.stop();
    const gone = this.#children.filter((one) => one.started).map((one) => one.name);
    await this.home.end(reason, before, gone);
    await this.#guard.save();
    await Promise.all([...workers, this.#projector.finish(othersStopMs), this.#web.stop(othersStopMs)]);
    await this.home.close();
    this.#log.info('stopped', { reason, state: this.home.state });
  }

  processes(): readonly ProcessHealth[] {
    const main = mainProcess({
      ...{ pid: this.options.pid, startedAt: this.#startedAt, now: this.#now(), stopping: this.#stopping },
      figures: {
        ...{ state: this.home.state, version: this.options.versionTag },
        ...this.#reserve.figures,
      },
      unmanaged: this.#engineFailures.unmanaged,
    });
    const children = this.#children.map((one) => one.health());
    return [main, ...children, this.#workers.health()];
  }

  get #children(): readonly ChildSupervisor[] {
    return [this.#engine, this.#projector, this.#web];
  }

  get #log(): MainOptions['logs']['main'] {
    return this.options.logs.main;
  }

  #now(): UtcText {
    return toUtcText(this.options.clock.now());
  }

  #init(given: Partial<ChildInit>): ChildInit {
    return childInit(this.options, this.home.identityParts, given);
  }

  #supervise(name: ChildSupervisorOptions['name'], tryAgainMs: number | null): ChildSupervisor {
    const init = (attempt: number): ChildInit =>
      this.#init({
        attempt,
        web: name === 'web' ? this.webAddress.init(this.setupToken) : null,
        commands: name === 'engine' ? this.#channel.begin() : [],
        ...(name === 'projector' ? {} : { flagKey: this.#flags.key.reveal() }),
      });
    return new ChildSupervisor({
      name,
      program: this.options.programs[name],
      init,
      clock: this.options.clock,
      ticks: () => performance.now(),
      tryAgainMs,
      ...(this.options.policy === undefined ? {} : { policy: this.options.policy }),
      events: {
        onMessage: (message) => this.#receive(name, message),
        onReady: (attempt, figures) => this.#ready(name, attempt, figures),
        onDeath: (death) => this.#died(death),
      },
    });
  }

  #flagCommands(): FlagCommands {
    return new FlagCommands({
      ...{ channel: this.#channel, engineFailures: this.#engineFailures, tests: this.#tests },
      ...{ state: () => this.home.state, untrusted: () => this.#guard.refusal, outcomeMs: this.#timing.outcomeMs },
    });
  }

  #controlFlags(): ControlFlags {
    const { base, wall, notice } = this.options;
    return new ControlFlags({
      ...{ control: base.control, journal: this.home, commands: this.#commands, wall, log: this.#log, notice },
      test: (flag) => this.#tests.run(flag),
      reset: (request, actor, isOld) => this.#resets.byFlag(request, actor, isOld),
    });
  }

  #workerPool(refusal = (): PlainError | undefined => this.#guard.refusal): WorkerPool {
    return new WorkerPool({
      program: this.options.programs.worker,
      init: (task) => this.#init({ task }),
      onDeath: (task, end) => this.#deaths.workerDied(task, end),
      now: () => this.#now(),
      refusal,
      longestMs: { 'test-run': this.#timing.testCheckMs },
    });
  }

  #ready(name: ChildSupervisorOptions['name'], attempt: number, figures: ProcessHealth['figures']): void {
    this.#log.info(`${name} is ready`, { attempt });
    void this.home.record((journal, at) => journal.processStarted(name, this.options, attempt, at));
    if (name === 'web') this.webAddress.isUp(figures['address'] ?? '');
  }

  #receive(name: ChildSupervisorOptions['name'], message: FromChild): void {
    if (name === 'engine') this.#channel.receive(message);
    if (name === 'projector') this.#requests.books.receive(message);
    if (message.kind !== 'ask') return;
    const child = name === 'web' ? this.#web : name === 'engine' ? this.#engine : this.#projector;
    void this.#requests
      .answer(name, message.ask)
      .then((answer) => child.send({ kind: 'answer', id: message.id, answer }));
  }

  /** After the set-up: the journal is there now. Resolves to why it cannot be opened. */
  async #settle(): Promise<Answer | undefined> {
    try {
      if (this.home.settled || !(await this.home.open())) return undefined;
      await this.home.begin();
      this.#projector.start();
      this.#launchEngine();
      this.options.onState?.(this.home.state);
      return undefined;
    } catch (error) {
      this.#log.error('the home cannot be opened after its set-up', { ...plainErrorOf(error) });
      return { ok: false, error: plainErrorOf(error) };
    }
  }

  #reconcile(): Promise<void> {
    return this.#inBackground('reconcile', 'the vault could not be compared with the journal');
  }

  /** For tasks that nobody waits for. */
  async #inBackground(task: 'reconcile' | 'backup', failed: string): Promise<void> {
    const answer = await this.#workers.run({ task });
    if (!answer.ok) this.#log.error(failed, { ...answer.error });
  }

  #launchEngine(): void {
    if (!this.#booting && !this.#stopping && hasEngine(this.home.state)) this.#engine.start();
  }

  #follow(event: RecordedEvent): void {
    this.#health.follow(event);
    if (isSensitive(event)) this.#rotation.soon(event.meta.actor, event.type);
    acceptClock(event, this.options.steady, this.#children);
    if (event.type === 'UserRegistered' && event.data.first) void this.#registered();
    // the session is closed and sealed: its end is the place for a copy (RUN-25)
    if (event.type === 'JournalSealed') void this.#inBackground('backup', 'the journal could not be backed up');
    this.#anchoring.follow(event);
    this.#requests.universe.follow(event);
    if (event.type === 'ConfigChanged' && this.#engine.wanted) void this.#channel.command({ kind: 'reload' });
    this.#notices.follow(event);
    if (event.type === 'BotStateChanged') {
      if (hasEngine(event.data.to)) this.#token = undefined;
      if (isClosing(event.data.to)) this.#tests.interrupt(`the bot is ${event.data.to}: ${event.data.reason}`);
      void this.#changed(event.data.to);
      if (!this.#engine.wanted) this.#launchEngine();
      this.options.onState?.(event.data.to);
    }
  }

  /** A journal that is lost is saved with its last events first: the cause of the error then names the copy. */
  async #changed(to: BotState): Promise<void> {
    if (isAtRest(to)) await this.#guard.save();
    await this.#engineFailures.changed(to);
  }

  /** The set-up is over with the first user (RUN-11); only then. */
  async #registered(): Promise<void> {
    if (this.home.state === 'registration') await this.home.change('started', 'the first user was registered');
  }

  #died(death: ChildDeath): void {
    const { name, fatal } = death;
    if (fatal !== undefined && name === 'web') this.webAddress.failed(fatal);
    if (fatal !== undefined && isOwnedElsewhere(fatal)) this.home.ownership.lose(errorFrom(fatal));
    if (this.home.ownership.lost !== undefined) return;
    this.#deaths.died(death);
    if (name === 'projector') this.#requests.books.projectorEnded();
    if (name !== 'web') this.#guard.found(fatal);
    if (name !== 'engine') return;
    this.#reserve.engineDied(death);
    void this.#engineFailures.died(death);
  }

  #tick(): void {
    for (const one of this.#children) one.watch();
    for (const one of [this.#engineFailures, this.#guard, this.#reserve, this.#requests]) one.tick();
    void this.home.tick();
    this.#engine.send({ kind: 'mainAlive' });
    this.#ticks += 1;
    if (this.#ticks % HEARTBEAT_TICKS !== 1) return;
    const processes = this.processes().map(heartbeatOf);
    this.options.logs.heartbeat.info('alive', { state: this.home.state, processes });
  }
}
