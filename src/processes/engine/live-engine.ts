import type { Subscription } from 'rxjs';
import { SystemPacer, type ClockJump } from '../../adapters/clock/system-pacer.js';
import type { SteadyClock } from '../../adapters/clock/steady-clock.js';
import type { ClockScale } from '../../adapters/clock/scaled-clock.js';
import { EngineLoop } from '../../app/live/engine-loop.js';
import type { CommandOutcome, EngineCommand } from '../../app/live/commands.js';
import { EventAppender } from '../../app/journal/event-appender.js';
import { FlagOutcomes } from '../../app/live/flag-outcomes.js';
import { isClosing } from '../../domain/lifecycle/bot-state.js';
import type { Settings } from '../../domain/config/settings.js';
import type { EngineState } from '../../domain/session/engine-state.js';
import { STREAMS } from '../../events/streams.js';
import { markImported, sideFiles } from '../../adapters/files/side-file.js';
import type { AwayJournal } from '../../app/journal/journal-outage.js';
import { importSideFile } from '../../app/break-glass/import-side-files.js';
import { epochMs, parseUtcText, plusMs, type EpochMs } from '../../kernel/time.js';
import type { JournalFile } from '../../ports/journal.js';
import type { Pacer } from '../../ports/pacer.js';
import { endOwnership, ownCore, type OwnBotOptions } from '../../composition/own-bot.js';
import type { OwnedJournal } from '../../app/ownership/owned-journal.js';
import { openCore, type CoreOptions, type EngineCore } from '../../composition/engine-core.js';
import type { LiveEngineDeps } from '../../composition/live-engine-deps.js';
import { HaltFlags } from './halt-flags.js';
import type { Secret } from '../../kernel/secret.js';

export interface LiveEngineOptions extends CoreOptions {
  /** How the world's time passes; null is the time of the machine. */
  readonly scale: ClockScale | null;
  /** The time that all processes of the bot share. */
  readonly steady: SteadyClock;
  /** Called when a kill or stop comes, and at a start that continues one: what follows must be journaled. */
  readonly onHalt?: () => void;
  /** Key of this run of main for flags of the web. */
  readonly flagKey?: Secret | undefined;
  /** This process and the one that started it, as owners of the bot. */
  readonly processes: Pick<OwnBotOptions, 'pid' | 'parent'>;
  /** Awaited when the journal is open, before anything is written or made of it. */
  readonly opened?: () => Promise<void>;
  /** Builds what the loop works with, given the core and the pacer. */
  readonly deps: (core: EngineCore, pacer: Pacer) => Promise<LiveEngineDeps>;
}

/** What the engine makes of its core. */
interface OwnParts {
  readonly pacer: Pacer;
  readonly steady: SteadyClock;
  readonly speed: number;
  /** Writes by the clock of the world. */
  readonly worldAppender: EventAppender;
  readonly flags: HaltFlags;
  readonly onHalt: () => void;
}

/** Before anything is written: another home may own the bot. */
async function ownLive(core: EngineCore, pacer: Pacer, processes: LiveEngineOptions['processes']): Promise<void> {
  const { ownership, clock, state } = core;
  if (ownership === undefined) return;
  clock.advanceTo(epochMs(Math.max(clock.now(), pacer.now(), state.lastRecordedAt ?? 0)));
  await ownCore(core, processes);
}

/** What kills did without a journal, before anything else is decided (RUN-16). */
async function importKills({ appender, identity, paths, clock, state }: EngineCore): Promise<void> {
  for (const { paths: files, lines } of sideFiles(paths.storage.breakGlass, identity)) {
    const times = [state.lastRecordedAt, ...lines.map(({ at }) => parseUtcText(at))].filter((at) => at !== undefined);
    const latest = epochMs(Math.max(clock.now(), ...times));
    if (latest > clock.now()) clock.advanceTo(latest);
    await importSideFile(appender, lines);
    files.forEach(markImported);
  }
}

/** The engine of one home, live: opened from the journal, run until a shutdown, closed. */
export class LiveEngine {
  readonly #loop: EngineLoop;
  readonly #outcomes = new FlagOutcomes();
  #news: Subscription | undefined;
  #handedOver: string | undefined;
  #isLast = false;

  static async open(options: LiveEngineOptions): Promise<LiveEngine> {
    const core = await openCore(options);
    try {
      await options.opened?.();
      const { steady, scale } = options;
      const made: LiveEngine[] = [];
      const paced = scale === null ? { steady } : { steady, scale };
      const pacer = new SystemPacer({ ...paced, onJump: (jump) => made.forEach((each) => each.jumped(jump)) });
      const { journal, identity, paths } = core;
      await ownLive(core, pacer, options.processes);
      await core.bringLeft(pacer.now());
      await importKills(core);
      const worldAppender = new EventAppender({ journal, clock: pacer, identity, actor: 'system:engine' });
      const flags = await HaltFlags.open({
        ...{ control: paths.control, journal, appender: worldAppender, flagKey: options.flagKey },
      });
      const { onHalt = () => undefined } = options;
      if (isClosing(core.state.botState)) onHalt();
      const own = { steady, speed: scale?.speed ?? 1, pacer, worldAppender, flags, onHalt };
      const engine = new LiveEngine(core, own, await options.deps(core, pacer));
      made.push(engine);
      return engine;
    } catch (error) {
      await core.journal.close();
      throw error;
    }
  }

  private constructor(
    private readonly core: EngineCore,
    private readonly own: OwnParts,
    private readonly deps: LiveEngineDeps,
  ) {
    const { appender, clock } = core;
    const { pacer, worldAppender } = own;
    this.#loop = new EngineLoop({
      appender,
      worldAppender,
      time: { clock, pacer, machine: { wrongTime: () => this.#wrongTime() } },
      checks: deps.checks,
      beginSession: deps.beginSession,
      market: deps.market,
      broker: deps.broker,
    });
  }

  /** Runs until a shutdown and closes the journal; throws faults that need a restart or a person. */
  async run(): Promise<void> {
    const { journal, state } = this.core;
    const after = state.lastPosition === undefined ? {} : { after: state.lastPosition };
    this.#news = journal.subscribe(after).subscribe({
      next: (event) => {
        const { position } = event;
        this.own.flags.follow(event);
        if (event.type === 'ClockFaultCleared' && event.data.by !== 'clock') this.#acceptClock();
        if (state.lastPosition === undefined || position > state.lastPosition) this.#loop.followed();
      },
      // the loop reads the journal itself at each turn, and meets the fault there
      error: () => undefined,
    });
    const background = this.deps.background?.run();
    this.own.flags.watch((command) => this.command(command));
    try {
      await this.#loop.run();
      await this.#sayGoodbye();
      await endOwnership(this.ownership?.held, 'the engine has ended');
    } finally {
      this.own.flags.close();
      this.#news.unsubscribe();
      this.deps.background?.stop();
      await background;
      await this.deps.close();
      await this.#saveLost();
      await journal.close();
    }
  }

  /** The file of the journal; undefined for a journal on a server. */
  get journalFile(): JournalFile | undefined {
    return this.core.journal.file;
  }

  /** What this process owns; undefined for a journal in the home. */
  get ownership(): OwnedJournal | undefined {
    return this.core.ownership;
  }

  /** Main is gone: this process is the last one that can save a journal whose file was lost. */
  keepLostJournal(): void {
    this.#isLast = true;
  }

  /** The session has a kill when this returns its promise. */
  command(command: EngineCommand): Promise<CommandOutcome> {
    const outcome = this.#outcomes.share(command, (first) => this.#loop.command(first));
    if (command.kind === 'kill' || command.kind === 'stop') this.own.onHalt();
    if (command.kind === 'handOver') this.#handedOver = command.reason;
    return outcome;
  }

  get state(): EngineState {
    return this.core.state;
  }

  /** The newest valid settings; undefined before the first. */
  get settings(): Settings | undefined {
    return this.#loop.settings;
  }

  /** Whether a kill or stop flag lies in the folder. */
  get flagWaits(): boolean {
    return this.own.flags.waits;
  }

  /** No main is there to write down the end of an engine that handed over. */
  async #sayGoodbye(): Promise<void> {
    if (this.#handedOver === undefined) return;
    const data = { process: 'engine', reason: `without main: ${this.#handedOver}` } as const;
    await this.own.worldAppender.append(STREAMS.processes, [
      { type: 'ProcessStopped', data, correlationId: 'processes', causationId: null },
    ]);
  }

  async #saveLost(): Promise<void> {
    const file = this.journalFile;
    const lost = this.#isLast ? file?.look() : undefined;
    if (lost?.movedTo === null) await file?.saveAside();
  }

  /** The clock of the machine was set, or the machine slept. */
  jumped(jump: ClockJump): void {
    void this.#loop.jumped(jump);
  }

  /** The latest time of the world at which positions may still be closing, `withinMs` of machine time from now. */
  deadlineIn(withinMs: number, speed: number): EpochMs {
    return plusMs(this.own.pacer.now(), Math.floor(withinMs * speed));
  }

  /** The time of the world by the machine's clock, while that is not believed. */
  #wrongTime(): EpochMs | undefined {
    const { steady, pacer, speed } = this.own;
    return steady.awayMs === 0 ? undefined : plusMs(pacer.now(), Math.round(steady.awayMs * speed));
  }

  #acceptClock(): void {
    this.own.steady.adopt();
    this.#loop.clockAccepted();
  }

  /** Since when the journal is away, and why; undefined while it is not. */
  get journalAway(): AwayJournal | undefined {
    return this.core.appender.away;
  }

  /** Asks the journal for news; it is away afterwards when it does not answer. */
  async lookAtJournal(): Promise<AwayJournal | undefined> {
    await this.core.appender.follow().catch(() => undefined);
    return this.journalAway;
  }

  /** The journal went away, or is back. */
  journalChanged(): void {
    this.#loop.followed();
  }

  figures(): Readonly<Record<string, string>> {
    const away = this.journalAway;
    const kept = this.core.appender.waiting;
    return {
      ...this.#loop.figures(),
      ...this.deps.figures(),
      ...(away === undefined ? {} : { journal_away: away.since, journal_fault: away.cause, events_kept: String(kept) }),
      ...(away?.waitsForPerson === true ? { journal_waits_for: 'person' } : {}),
      ...(away?.isLost === true ? { journal_waits_for: 'restore' } : {}),
    };
  }
}
