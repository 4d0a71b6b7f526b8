import type { EngineState } from '../../domain/session/engine-state.js';
import type { ExchangeSession } from '../../domain/calendar/nyse.js';
import type { Settings } from '../../domain/config/settings.js';
import { CLOSING_STATE, isActive, isClosing, type BotState } from '../../domain/lifecycle/bot-state.js';
import { invariant } from '../../kernel/errors.js';
import { DAY_MS, plusMs, SECOND_MS, toUtcText, type DateText, type EpochMs } from '../../kernel/time.js';
import type { Pacer } from '../../ports/pacer.js';
import type { ReferenceData } from '../../ports/reference-data.js';
import type { SettableClock } from '../day/session-deps.js';
import { isFlat } from '../../domain/session/trading-permissions.js';
import type { EventAppender } from '../journal/event-appender.js';
import { ClockFaults, RIGHT_CLOCK, type MachineClock, type SeenJump } from './clock-faults.js';
import { sessionBegun } from './begin-session.js';
import { AttemptPause, CLOSING_PAUSES } from './attempt-pause.js';
import { CommandQueue, type QueuedCommand } from './command-queue.js';
import { obeyed, type CommandOutcome, type EngineCommand } from './commands.js';
import {
  haltOutsideSession,
  needlessKill,
  sayShutdown,
  restWhenFlat,
  startByHand,
  whileUpdating,
} from './idle-commands.js';
import type { EngineAppender } from '../journal/engine-appender.js';
import { GettingReady } from './getting-ready.js';
import { faultOf, recordedSettings, recordFault, type BootChecks } from './readiness.js';
import { ExchangeDays } from './exchange-days.js';
import { closingOf, nextTask, unfinishedSession } from './next-task.js';
import { MarketSchedule, scheduleTime, type SessionMarket } from './session-market.js';
import { LoopSettings } from './loop-settings.js';
import type { BeginSession, SessionInputs, SessionRunner } from './session-runner.js';
import { changeSupervision, resumeSupervision } from './supervision.js';

export interface EngineLoopOptions {
  readonly appender: EngineAppender;
  /** Writes by the clock of the world, also while a session uses the engine's appender. */
  readonly worldAppender: Pick<EventAppender, 'append' | 'decide'>;
  /** The engine's own clock, which follows the pacer and is ahead of it only after the clock was set back. */
  readonly time: { readonly clock: SettableClock; readonly pacer: Pacer; readonly machine?: MachineClock };
  readonly checks: BootChecks;
  readonly beginSession: BeginSession;
  readonly market: SessionMarket;
  /** Asked for the hours of a day before its session; without a calendar the embedded one counts. */
  readonly broker: Pick<ReferenceData, 'calendar'>;
}

/** Events of other processes may be this much ahead of a clock that is read slightly earlier. */
const CLOCK_TOLERANCE_MS = 2 * SECOND_MS;
/** More steps without a wait mean that the loop makes no progress. */
const MAX_STEPS_WITHOUT_WAIT = 100;

/**
 * Runs the engine session after session (RUN-20..27): boot from the journal, wait for the next session, run it, repeat.
 * Takes commands at any time; keeps nothing that the journal does not have.
 */
export class EngineLoop {
  readonly #queue: CommandQueue;
  readonly #clockFaults: ClockFaults;
  readonly #market: MarketSchedule;
  readonly #exchange: ExchangeDays;
  readonly #ready: GettingReady;
  readonly #closingPause: AttemptPause;
  readonly #settings: LoopSettings;
  #prepared: DateText | undefined;
  #session: { readonly runner: SessionRunner; readonly day: ExchangeSession } | undefined;
  #next: EpochMs | undefined;
  /** The bot state when a shutdown started. */
  #found: BotState | undefined;
  /** A halt was requested and may still be in progress. */
  #halted = false;
  /** A shutdown has ended a session. */
  #down = false;
  #booted = false;
  #ended = false;

  constructor(private readonly options: EngineLoopOptions) {
    this.#queue = new CommandQueue({
      wake: () => options.time.pacer.wake(),
      killSession: (command) => this.#killSession(command),
    });
    const { worldAppender, time, appender, market, broker, checks } = options;
    const parts = { appender: worldAppender, clock: time.pacer, machine: time.machine ?? RIGHT_CLOCK };
    this.#clockFaults = new ClockFaults({ ...parts, state: appender.state });
    this.#market = new MarketSchedule(appender, market);
    this.#closingPause = new AttemptPause(time.pacer, CLOSING_PAUSES);
    const urgent = (): Promise<void> => this.#queue.urgent();
    const isReported = (key: string): boolean => appender.state.reportedErrors.has(key);
    this.#exchange = new ExchangeDays({ broker, appender: worldAppender, pacer: time.pacer, urgent, isReported });
    this.#settings = new LoopSettings({ checks, appender, clock: time.clock });
    const accept = (settings: Settings): void => this.#settings.accept(settings);
    this.#ready = new GettingReady({ checks, appender, clock: time.clock, pacer: time.pacer, urgent, accept });
  }

  /** Runs until a shutdown. Throws an error that only a restart or a person can resolve. */
  async run(): Promise<void> {
    try {
      await this.#boot();
      let busy = 0;
      while (!(await this.#obeyAll())) {
        const waited = await this.#step();
        busy = waited ? 0 : busy + 1;
        invariant(busy < MAX_STEPS_WITHOUT_WAIT, 'ENGINE_LOOP_SPINS', `${busy} steps in ${this.#state.botState}`);
      }
      await this.#goDown();
    } finally {
      this.#ended = true;
      this.#queue.close();
    }
  }

  /** The session has a kill when this returns its promise. */
  command(command: EngineCommand): Promise<CommandOutcome> {
    if (this.#ended) return this.#queue.put(command);
    if (command.kind === 'shutdown' && this.#booted) this.#found ??= this.#state.botState;
    if (command.kind === 'kill' || command.kind === 'stop') this.#halted = true;
    if (command.kind === 'start') this.#halted = false;
    if (command.kind === 'reload' && this.#session !== undefined) {
      const fault = this.#settings.reload();
      if (fault !== undefined) return Promise.resolve({ outcome: 'refused', reason: fault.cause });
    }
    return this.#queue.put(command);
  }

  #killSession({ reason, actor }: Extract<EngineCommand, { kind: 'kill' }>): Promise<CommandOutcome> | undefined {
    if (this.#session === undefined) return undefined;
    const needless = needlessKill(this.#state);
    const outcome = this.#session.runner.kill(reason, actor);
    return needless === undefined ? outcome : Promise.resolve(needless);
  }

  /** Another process has written to the journal. */
  followed(): void {
    if (this.#session === undefined) this.options.time.pacer.wake();
    else this.#session.runner.followed();
  }

  /** The clock was set, or the machine slept (RUN-27). */
  async jumped(jump: SeenJump): Promise<void> {
    await this.#clockFaults.jumped(jump, this.settings);
    this.clockAccepted();
  }

  /** The pacer may follow an earlier time now, which a user has accepted: a session of another time is left and resumed. */
  clockAccepted(): void {
    const { clock, pacer } = this.options.time;
    if (pacer.now() < plusMs(clock.now(), -CLOCK_TOLERANCE_MS)) this.#session?.runner.leave();
    pacer.wake();
  }

  /** The newest valid settings; undefined before the first. */
  get settings(): Settings | undefined {
    return this.#settings.current;
  }

  figures(): Readonly<Record<string, string>> {
    const { botState, lastPosition } = this.#state;
    return {
      state: botState,
      session: this.#session?.day.date ?? '',
      next: this.#next === undefined ? '' : toUtcText(this.#next),
      position: lastPosition ?? '',
      ...this.#market.figures(this.settings, this.options.time),
    };
  }

  get #appender(): EngineAppender {
    return this.options.appender;
  }

  get #state(): EngineState {
    return this.#appender.state;
  }

  async #boot(): Promise<void> {
    await this.#appender.follow();
    const { clock, pacer } = this.options.time;
    const last = this.#state.lastRecordedAt;
    const now = pacer.now();
    // the time of a journal that is far ahead was wrong: the engine works in the time of its clock
    const isAhead = last !== undefined && last > plusMs(now, CLOCK_TOLERANCE_MS);
    if (last !== undefined && !isAhead && last > clock.now()) clock.advanceTo(last);
    this.#toNow();
    if (isAhead) await this.jumped({ kind: 'backwards', from: last, to: now });
    await this.#market.record();
    await resumeSupervision(this.#appender);
    await this.#clockFaults.check(last);
    this.#booted = true;
  }

  #toNow(): void {
    const { clock, pacer } = this.options.time;
    const now = this.#booted ? this.#market.reached(this.options.time, this.settings) : pacer.now();
    if (now > clock.now()) clock.advanceTo(now);
    else if (this.#session === undefined && now < plusMs(clock.now(), -CLOCK_TOLERANCE_MS)) clock.setTo(now);
  }

  /** True when the engine is to shut down. */
  async #obeyAll(): Promise<boolean> {
    await this.#appender.follow();
    this.#appender.sessionDate = null;
    this.#toNow();
    for (let next = this.#queue.next(); next !== undefined; next = this.#queue.next()) {
      this.#toNow();
      next.answer(await this.#obey(next));
      if (next.command.kind === 'shutdown' || next.command.kind === 'handOver') return true;
    }
    return this.#down;
  }

  async #obey({ command }: QueuedCommand): Promise<CommandOutcome> {
    const outcome = await this.#outcomeOf(command);
    if (outcome.outcome === 'refused') {
      const message = `${command.kind} was refused: ${outcome.reason}`;
      await recordFault(this.#appender, { kind: 'LogicError', code: 'COMMAND_REFUSED', cause: message });
    }
    return outcome;
  }

  #outcomeOf(command: EngineCommand): Promise<CommandOutcome> {
    switch (command.kind) {
      case 'kill':
      case 'stop':
        return haltOutsideSession(this.#appender, command, this.#exchange.atNow);
      case 'start':
        // a start by hand follows a fault or a change: what passed before says nothing of it
        this.#ready.forget();
        return startByHand(this.#appender, command);
      case 'reload':
        this.#ready.forget();
        return whileUpdating(this.#appender, () => {
          this.#settings.read();
        });
      case 'supervision':
        return changeSupervision(this.#appender, command);
      case 'handOver':
        return Promise.resolve(obeyed(command.reason));
      case 'shutdown':
        this.#found ??= this.#state.botState;
        return Promise.resolve(obeyed('shutting down'));
    }
  }

  /** One step of the loop; true when it waited or a session ran. */
  async #step(): Promise<boolean> {
    if (await this.#clockFaults.acceptToClose()) return this.#wait(plusMs(this.options.time.pacer.now(), SECOND_MS));
    switch (this.#state.botState) {
      case 'shutdown_triggered':
        return this.#move('shutdown', 'it stopped without a shutdown event');
      case 'shutdown':
        return this.#move('started', 'the bot restarts automatically');
      case 'started':
        return this.#getReady();
      case 'updating':
        return this.#move('idle', 'a reload was interrupted');
      case 'initialize':
      case 'provisioning':
      case 'bootstrapping':
      case 'registration':
        return this.#wait(plusMs(this.options.time.pacer.now(), DAY_MS));
      case 'error':
        return this.#carryHalt();
      case 'idle':
      case 'analyzing':
      case 'trading':
      case 'monitoring':
      case 'graceful_closing_positions':
      case 'emergency_closing_positions':
      case 'stopped':
        return this.#followSchedule();
    }
  }

  async #move(to: BotState, reason: string): Promise<false> {
    await this.#appender.changeBotState(to, reason);
    return false;
  }

  async #wait(until: EpochMs): Promise<true> {
    this.#next = until;
    await this.options.time.pacer.until(until);
    this.#toNow();
    return true;
  }

  /** Phases 0 and 1: the bot is idle afterwards, waits for its broker, or is in error with all causes. */
  async #getReady(): Promise<boolean> {
    const ready = await this.#ready.ask();
    if (ready === 'ready') return this.#move('idle', 'all checks passed');
    return ready === 'not ready' ? false : this.#wait(ready);
  }

  async #followSchedule(): Promise<boolean> {
    // a session begins with what the journal says
    if (this.#appender.away !== undefined) return this.#wait(plusMs(this.options.time.pacer.now(), SECOND_MS));
    const settings = this.settings ?? (await this.#firstSettings());
    if (settings === undefined) return false;
    await this.#exchange.askToClose(this.#state);
    const now = scheduleTime(this.options.time);
    const inputs = { settings, prepared: this.#prepared, market: this.#market, exchange: this.#exchange.known };
    const task = nextTask(this.#state, now, inputs);
    const [{ botState }, ends] = [this.#state, unfinishedSession(this.#state) !== undefined];
    if (isClosing(botState) && isFlat(this.#state) && !ends) {
      await restWhenFlat(this.#appender);
      return false;
    }
    if (task.kind === 'wait') {
      await this.#exchange.askHolidays(task.next, settings.API_TIMEOUT);
      return this.#wait(task.until);
    }
    if (task.kind === 'leaveOut') return this.#market.leaveOut(task, settings, now);
    if (task.kind === 'close') return this.#closeLeftovers(task.day, settings);
    if (botState === 'stopped' && !ends) return this.#wait(task.day.closesAt);
    if (task.kind === 'prepare') return this.#prepare(task.day, settings);
    return this.#runSession(task.day, settings, 'trade');
  }

  /** In `error` the bot waits for a user; a stop or kill that is not over continues when the exchange is open. */
  async #carryHalt(): Promise<boolean> {
    await this.#exchange.askToClose(this.#state);
    const [{ pacer }, { openHalt }] = [this.options.time, this.#state];
    const closing = closingOf(this.#state, pacer.now(), this.#exchange.known);
    if (openHalt === undefined || closing === undefined) return this.#wait(plusMs(pacer.now(), DAY_MS));
    if (closing.kind === 'wait') return this.#wait(closing.until ?? plusMs(pacer.now(), DAY_MS));
    if (this.#closingPause.lasts) return this.#wait(this.#closingPause.endsAt);
    return this.#move(CLOSING_STATE[openHalt], `the ${openHalt} continues: the exchange is open`);
  }

  async #closeLeftovers(day: ExchangeSession, settings: Settings): Promise<boolean> {
    if (this.#closingPause.lasts) return this.#wait(this.#closingPause.endsAt);
    try {
      return await this.#runSession(day, settings, 'close');
    } finally {
      this.#closingPause.begin();
    }
  }

  /** After a restart in an active state. Positions are closed with the settings in the journal if necessary. */
  async #firstSettings(): Promise<Settings | undefined> {
    const fault = this.#settings.reload();
    if (fault === undefined) return this.settings;
    if (isClosing(this.#state.botState)) return recordedSettings(this.#state);
    await this.#ready.fail(fault);
    return undefined;
  }

  /** A session in progress was already checked: its positions cannot wait. Nor does a bot that only closes. */
  async #prepare(day: ExchangeSession, settings: Settings): Promise<boolean> {
    const isUnfinished = unfinishedSession(this.#state) !== undefined;
    const goesOn = isUnfinished || !isActive(this.#state.botState);
    const ready = goesOn ? 'ready' : await this.#ready.ask();
    if (ready !== 'ready') return ready === 'not ready' ? false : this.#wait(ready);
    // a session that has begun keeps the hours of its opening
    if (isUnfinished || (await this.#exchange.ask(day.date, settings.API_TIMEOUT))) this.#prepared = day.date;
    return false;
  }

  async #runSession(day: ExchangeSession, settings: Settings, purpose: SessionInputs['purpose']): Promise<boolean> {
    const ready = purpose === 'close' ? 'ready' : await this.#ready.beforeSession();
    if (ready !== 'ready') return ready === 'not ready' ? false : this.#wait(ready);
    try {
      this.#next = day.closesAt;
      // a session that resumes began with its settings, and a closing waits for nothing
      if (purpose === 'trade' && unfinishedSession(this.#state) === undefined) {
        await this.#settings.recordApplied();
        await this.#market.record();
      }
      const inputs = { purpose, commands: this.#queue, settings: () => this.settings ?? settings };
      this.#session = { runner: sessionBegun(this.options.beginSession, day, inputs), day };
      this.#queue.sessionBegins();
      this.#down = (await this.#session.runner.run()) === 'shutdown';
      this.#ready.sessionEnded();
    } catch (error) {
      await this.#ready.sessionFailed(faultOf(error));
    } finally {
      this.#session = undefined;
      this.#queue.sessionEnds();
      this.#appender.sessionDate = null;
      // what waited for the end of the session may move the next one; a fault is found when that is prepared
      this.#settings.reload();
    }
    return true;
  }

  /**
   * A bot that was active restarts automatically; the next start clears shutdown_triggered. A halted bot keeps its
   * state, also while it is still closing.
   */
  async #goDown(): Promise<void> {
    await this.#appender.follow();
    this.#toNow();
    const found = this.#found;
    if (this.#halted || found === undefined || !(isActive(found) || found === 'started')) return;
    await sayShutdown(this.#appender);
  }
}
