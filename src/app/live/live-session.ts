import { CLOSING_STATE, isAtRest } from '../../domain/lifecycle/bot-state.js';
import { closesLeftovers, isHalted } from '../../domain/session/trading-permissions.js';
import type { Actor } from '../../events/event.js';
import { MINUTE_MS, plusMs, SECOND_MS, type EpochMs } from '../../kernel/time.js';
import { isJournalOutage } from '../../ports/journal.js';
import { closeSession } from '../day/close-session.js';
import { engineContextOf } from '../day/engine-context.js';
import { prepareLiveSession } from '../day/prepare-session.js';
import type { SessionDeps } from '../day/session-deps.js';
import { MarketStream } from '../day/market-stream.js';
import { MinuteProcessor } from '../day/minute-processor.js';
import { eventBefore, SessionMinutes, type SessionMinute, type SessionPace } from '../day/session-minutes.js';
import { refuseOtherDay, resumePoint, sealLeftOver, settleTransfers } from '../day/trading-day.js';
import { LiveCalls } from '../execution/broker-calls.js';
import { Engine } from '../execution/engine.js';
import { OptionDesk } from '../options/option-desk.js';
import { CLOSING_RULES, TRADING_RULES } from '../../trading/rules.js';
import { changeBotState, recordRefusal } from './bot-transitions.js';
import type { QueuedCommand } from './command-queue.js';
import { obeyed, refused, type CommandOutcome } from './commands.js';
import { needlessKill } from './idle-commands.js';
import type { LiveSessionDeps } from './live-deps.js';
import { fillGap } from './fill-gap.js';
import { finishSession } from './finish-session.js';
import { KillRequest } from './kill-request.js';
import { NextLook } from './next-look.js';
import { reportRecordingFault } from './recording-fault.js';
import { plainReason } from './plain-reason.js';
import { reportUntradedSymbols } from './untraded-symbols.js';
import { RetryingBroker } from './retrying-broker.js';
import { SessionCommands, type LiveContext } from './session-commands.js';

/** A minute that ended longer ago is replayed without trading: its prices are stale (a suspended machine). */
const LATE_MS = 5 * MINUTE_MS;

/** The outcome of a kill once the journal has it. */
const CLOSES = obeyed('emergency close');

/** The parts of a prepared, running session. */
interface Running {
  readonly context: LiveContext;
  readonly engine: Engine;
  readonly minutes: MinuteProcessor;
  readonly stream: MarketStream;
  readonly commands: SessionCommands;
}

/**
 * A trading session at the pace of the world (RUN-28): the minutes, rules and venue events of `tradebot day`, each when
 * it is due. Between them it waits, and wakes for commands, news of the broker and of the journal. It keeps nothing
 * that the journal does not have: run again after a crash, it continues.
 * Minutes before now are replayed without trading; the status of every order is queried before the first action (F1).
 * Commands that are not answered when `run` ends were not executed.
 */
export class LiveSession {
  readonly #calls: LiveCalls;
  readonly #day: SessionDeps;
  readonly #options: OptionDesk;
  readonly #kill = new KillRequest();
  #left = false;
  #journalNews = true;
  /** The engine missed some minutes: the status of orders is queried before anything else. */
  #blind = false;
  /** The engine's clock must not pass it: a venue event at that time comes first. */
  #horizon: EpochMs;
  #running: Running | undefined;
  readonly #look = new NextLook();

  constructor(private readonly deps: LiveSessionDeps) {
    this.#horizon = deps.calendarDay.opensAt;
    const settings = deps.settings();
    const broker = new RetryingBroker(deps.broker, {
      pacer: deps.pacer,
      timeoutSeconds: settings.API_TIMEOUT,
      retries: settings.API_RETRY_LIMIT,
      seed: `${deps.identity}/${deps.calendarDay.date}`,
    }).broker;
    this.#day = { ...deps, broker, settings, onProgress: () => undefined };
    this.#options = new OptionDesk({ ...deps, clock: deps.pacer, state: () => deps.state });
    this.#calls = new LiveCalls({
      pacer: deps.pacer,
      timeoutMs: () => this.#answerTimeoutMs(),
    });
  }

  /** See SessionRunner. */
  async run(): Promise<'closed' | 'shutdown' | 'left'> {
    const { appender, state, calendarDay } = this.deps;
    const { date } = calendarDay;
    appender.sessionDate = date;
    await appender.follow();
    if (!this.#onlyCloses) refuseOtherDay(this.#day, 'any settings');
    await sealLeftOver(this.#day);
    if (!this.#onlyCloses && state.closedSessions.has(date)) return 'closed';
    // what the feed sends while the session is prepared belongs to it too
    const stream = this.#listen();
    try {
      return await this.#trade(stream);
    } finally {
      stream.stopListening();
    }
  }

  #listen(): MarketStream {
    const { marketRecorder, market, calendarDay, pacer: clock } = this.deps;
    const recording = this.#onlyCloses ? undefined : marketRecorder.begin(market, calendarDay);
    const stream = new MarketStream({ ...this.deps, clock, recording, options: this.#options });
    stream.listen();
    return stream;
  }

  async #trade(stream: MarketStream): Promise<'closed' | 'shutdown' | 'left'> {
    const { deps } = this;
    const { state, calendarDay, world } = deps;
    const { date, opensAt } = calendarDay;
    const resumed = this.#onlyCloses || resumePoint(state, date) !== undefined;
    const now = deps.pacer.now();
    const before = now < opensAt ? now : opensAt;
    // after the open too, a world that waits for the bot stands still while the session is begun
    this.#moveEngineTo(!this.#ownTime ? now : deps.clock.now() <= opensAt ? before : deps.clock.now());
    world?.moveTo(before);
    if (!resumed) settleTransfers(this.#day);
    await this.#alert(this.#onlyCloses ? this.#day.broker.connect() : prepareLiveSession(this.#day));
    this.#options.follow();
    await this.#alert(fillGap(deps.feed, stream, this.#calls));
    // orders of the last session are asked after too: a bust may have come overnight
    this.#blind = resumed || state.orders.size > 0;
    world?.beginDay();
    const running = await this.#begin(stream);
    try {
      if (!(await this.#play(running))) {
        if (this.#left) return 'left';
        if (running.commands.leaveAt !== undefined) return 'shutdown';
      }
      await this.#finish(running);
    } finally {
      running.minutes.stopListening();
      this.#running = undefined;
    }
    if (!this.#onlyCloses) await this.#alert(closeSession(this.#day, stream));
    return 'closed';
  }

  /** A simulated world with a speed of its own has no other time than the session's: no minute of it is late. */
  get #ownTime(): boolean {
    return this.deps.world !== undefined && this.deps.pacer.speed !== 1;
  }

  get #onlyCloses(): boolean {
    return this.deps.purpose === 'close';
  }

  /**
   * Takes effect immediately, even while the session is waiting: no new orders, and cancels and closing orders are sent
   * without waiting for answers (RUN-16). May be called at any time, also before `run`. Resolves when the journal has it;
   * never when the session ends before.
   */
  kill(reason: string, actor: Actor): Promise<CommandOutcome> {
    const outcome = this.#kill.ask(reason, actor);
    this.#calls.abandonPending();
    this.deps.pacer.wake();
    return outcome;
  }

  leave(): void {
    this.#left = true;
    this.deps.pacer.wake();
  }

  /** Another process has written to the journal. */
  followed(): void {
    this.#journalNews = true;
    this.deps.pacer.wake();
  }

  async #begin(stream: MarketStream): Promise<Running> {
    const { broker, world, clock, appender, journal, effects, budget, pacer, settings, hooks } = this.deps;
    const context: LiveContext = {
      ...(await this.#alert(engineContextOf(this.#day, budget))),
      budget,
      asksPerson: true,
      ...(this.#ownTime ? {} : { worldNow: () => pacer.now(), elapsedMs: () => pacer.elapsedMs() }),
      isLeaving: () => this.#running?.commands.leaveAt !== undefined,
    };
    if (world === undefined && !this.#onlyCloses) await reportUntradedSymbols(appender, context, broker.code);
    const live = { calls: this.#calls, beforeStep: (isUrgent: () => boolean) => this.#beforeStep(isUrgent) };
    const rules = this.#onlyCloses ? CLOSING_RULES : TRADING_RULES;
    const engine = new Engine({ broker, clock, appender, journal, effects, context, rules, live });
    const beforeNews = (): Promise<void> => this.#killFirst(minutes);
    const minutes = new MinuteProcessor({ broker, world, context, engine, onNews: () => pacer.wake(), beforeNews });
    const commands = new SessionCommands({ appender, calls: this.#calls, context, settings, hooks });
    minutes.listen();
    this.#running = { context, engine, minutes, stream, commands };
    return this.#running;
  }

  /** A broker call other than an order: if it hangs, a kill still shows at once in the state of the bot. */
  async #alert<T>(work: Promise<T>): Promise<T> {
    const end = work.then((value) => ({ value }));
    for (;;) {
      const first = await Promise.race([end, this.#kill.came]);
      if (first !== undefined) return first.value;
      await this.#feelKill();
    }
  }

  /** False when it ended early: by a shutdown, or with everything closed that it had to close. */
  #play(running: Running): Promise<boolean> {
    const { calendarDay, world, feed } = this.deps;
    const { stream, minutes } = running;
    const pace: SessionPace = {
      waits: true,
      begin: (minute) => this.#beginMinute(running, minute),
      reach: (at) => this.#waitUntil(running, at),
      arrive: (at, minute) => this.#arrive(at, minute),
      // News from before this process is dropped: the query for all orders returns it again.
      takeNews: () => minutes.takeNews(!this.#blind),
      judge: (minute) => this.#judge(running, minute),
    };
    const { settlesAfterMs } = feed;
    return new SessionMinutes({ calendarDay, settlesAfterMs, world, stream, minutes, pace }).play();
  }

  #isGone({ dueAt }: SessionMinute): boolean {
    return !this.#ownTime && plusMs(dueAt, LATE_MS) <= this.deps.pacer.now();
  }

  /** Minutes that need no wait still let commands in; those that are gone are only seen. */
  async #beginMinute(running: Running, minute: SessionMinute): Promise<boolean> {
    const { pacer } = this.deps;
    if (minute.dueAt <= pacer.now()) await pacer.until(minute.dueAt);
    if (this.#isGone(minute)) {
      this.#blind = true;
      return true;
    }
    return this.#waitUntil(running, minute.start);
  }

  #arrive(at: EpochMs, minute: SessionMinute): void {
    this.#blind ||= this.#isGone(minute);
    this.#horizon = at;
    if (at < minute.dueAt && !this.#blind) this.#moveTo(at);
  }

  async #judge(running: Running, minute: SessionMinute): Promise<boolean> {
    const { dueAt } = minute;
    if (dueAt < this.deps.clock.now() || this.#isGone(minute)) {
      this.#blind = true;
      return true;
    }
    this.#moveTo(dueAt);
    this.#journalNews = true;
    await this.#safePoint(running);
    await running.minutes.settle(true);
    this.#options.look(running.context);
    await reportRecordingFault(this.deps.appender, this.deps.calendarDay.date, running.stream.recordingFault);
    return !this.#mayLeave(running);
  }

  /** False when the session is to end. Returns at once when `at` is past: the next minute has its own safe point. */
  async #waitUntil(running: Running, at: EpochMs): Promise<boolean> {
    const { pacer } = this.deps;
    while (pacer.now() < at) {
      this.#horizon = eventBefore(this.deps.world, at);
      this.#moveTo(pacer.now());
      await this.#safePoint(running);
      if (this.#mayLeave(running)) return false;
      // An action just taken may have an effect at the venue before `at`.
      if (eventBefore(this.deps.world, at) < at) return true;
      const { leaveAt } = running.commands;
      const look = this.#look.before(at, pacer.now(), this.deps.state.botState, leaveAt);
      if (!this.#isWanted(running)) await pacer.until(look);
    }
    return !this.#mayLeave(running);
  }

  #isWanted({ minutes }: Running): boolean {
    return this.#kill.waits || !this.deps.commands.isEmpty || this.#calls.hasLate || minutes.hasNews;
  }

  /** No work is half done here: takes late answers, news, the journal and commands, then acts on them. */
  async #safePoint(running: Running): Promise<void> {
    const { minutes, engine, commands } = running;
    if (this.#journalNews) {
      this.#journalNews = false;
      await this.deps.appender.follow();
    }
    await this.#killFirst(minutes);
    await this.#calls.takeLate(() => this.#killFirst(minutes));
    await minutes.takeNews(true);
    if (this.#blind) {
      this.#blind = false;
      await engine.askAfterOrders();
    }
    const queue = this.deps.commands;
    for (let next = queue.next(); next !== undefined; next = queue.next()) await this.#obey(commands, next);
    await this.#beforeStep();
    await minutes.settle(false);
  }

  async #obey(commands: SessionCommands, { command, answer }: QueuedCommand): Promise<void> {
    if (command.kind === 'kill') {
      void this.kill(command.reason, command.actor).then(answer);
      return;
    }
    try {
      const outcome = await commands.obey(command);
      // The loop shuts down after the session, and answers then.
      if (command.kind !== 'shutdown') answer(outcome);
    } catch (error) {
      // what the journal could not take is open, and the next engine executes it
      if (!isJournalOutage(error)) answer(refused(plainReason(error)));
      throw error;
    }
  }

  /**
   * A loss kill, and a kill left by another process, do not wait for answers either. While one closes, answers that have come are
   * taken when nothing is left to send, and before anything else is recorded. False when the venue has an event before that.
   */
  async #beforeStep(isUrgent = (): boolean => true): Promise<boolean> {
    await this.#feelKill();
    const { botState } = this.deps.state;
    if (!isHalted(this.deps.state) && botState !== CLOSING_STATE.kill) return true;
    if (!this.#calls.abandonsPending) this.#calls.abandonPending();
    if (this.#blind || isUrgent()) return true;
    await this.#calls.takeLate();
    await this.#running?.minutes.takeReports();
    return this.#horizon > this.deps.pacer.now();
  }

  /** A kill waits for no answer and no news: it closes what the journal has, and they are taken after that. */
  async #killFirst(minutes: MinuteProcessor): Promise<void> {
    if (!this.#kill.waits) return;
    await this.#feelKill();
    if (!this.#blind) await minutes.settle(false);
  }

  async #feelKill(): Promise<void> {
    const killed = this.#kill.take();
    if (killed === undefined) return;
    const now = this.deps.pacer.now();
    if (this.#running === undefined) this.#moveEngineTo(now);
    else this.#moveTo(now, 'at once');
    const { appender, state } = this.deps;
    const needless = needlessKill(state);
    if (needless !== undefined) {
      await recordRefusal(appender, needless.reason, killed.actor);
      killed.answer(needless);
      return;
    }
    const closes = state.botState === CLOSING_STATE.kill;
    const changed = closes ? CLOSES : await changeBotState(appender, CLOSING_STATE.kill, killed);
    killed.answer(changed.outcome === 'obeyed' ? CLOSES : changed);
  }

  #mayLeave({ commands }: Running): boolean {
    const { leaveAt } = commands;
    if (this.#left) return true;
    if (this.#onlyCloses && !this.#kill.waits && !closesLeftovers(this.deps.state)) return true;
    if (leaveAt === undefined) return false;
    return isAtRest(this.deps.state.botState) || this.deps.pacer.now() >= leaveAt;
  }

  #finish(running: Running): Promise<void> {
    const { pacer, broker, world } = this.deps;
    const safePoint = (): Promise<void> => {
      if (world === undefined) this.#moveEngineTo(pacer.now());
      return this.#safePoint(running);
    };
    const leaves = (): boolean => this.#left || running.commands.leaveAt !== undefined;
    return finishSession({ pacer, broker, calls: this.#calls, minutes: running.minutes, safePoint, leaves });
  }

  #answerTimeoutMs(): number {
    const { pacer } = this.deps;
    const timeoutMs = (this.#running?.context.settings ?? this.#day.settings).API_TIMEOUT * SECOND_MS;
    const leaveAt = this.#running?.commands.leaveAt;
    return leaveAt === undefined ? timeoutMs : Math.max(0, Math.min(timeoutMs, leaveAt - pacer.now()));
  }

  /** Advances engine and world to `at`, but not past the next event of the world; a kill does not wait for that either. */
  #moveTo(at: EpochMs, how: 'in order' | 'at once' = 'in order'): void {
    const to = how === 'in order' && at > this.#horizon ? this.#horizon : at;
    this.#moveEngineTo(to);
    this.deps.world?.moveTo(to);
  }

  #moveEngineTo(at: EpochMs): void {
    if (at > this.deps.clock.now()) this.deps.clock.advanceTo(at);
  }
}
