import { flushCompileCache } from 'node:module';
import { RunningTimer } from '../../adapters/clock/running-timer.js';
import { ScaledClock } from '../../adapters/clock/scaled-clock.js';
import { SteadyClock } from '../../adapters/clock/steady-clock.js';
import type { CommandOutcome, EngineCommand } from '../../app/live/commands.js';
import { networkError, TradeBotError } from '../../kernel/errors.js';
import type { Clock } from '../../kernel/time.js';
import { passOverSignals } from '../../adapters/signals/signals.js';
import { isJournalOutage } from '../../ports/journal.js';
import type {
  Answer,
  Ask,
  ChildInit,
  ChildName,
  FromChild,
  NumberedCommand,
  PlainError,
  ProjectorWork,
  ToChild,
} from './messages.js';
import { errorFrom, plainErrorOf, tracebackOf } from './plain-error.js';

const ALIVE_EVERY_MS = 1_000;
const INIT_WITHIN_MS = 10_000;
const ASK_WITHIN_MS = 60_000;
/** Commands that came before somebody takes them; main sends a handful. */
const MOST_WAITING = 100;
/** A child that has no `orphaned` does not outlive main by more. */
const ORPHAN_WITHIN_MS = 2_000;
const BOOT_ALONE_WITHIN_MS = 60_000;
/** A signal this long before the end of main was meant for all processes, as of a service manager. */
const SIGNAL_COUNTS_MS = 5_000;
const LAST_WORD_WITHIN_MS = 500;

export interface ChildStop {
  readonly reason: 'main asks' | 'main is gone';
  /** After so many milliseconds the process ends, finished or not. */
  readonly withinMs: number;
}

/** What a process made of itself; `runChild` drives it. */
export interface ChildBody {
  /** Ends what was begun; the process exits when it resolves, or when its time is up. Called once. */
  stop(stop: ChildStop): Promise<void>;
  /** Main has ended: the process exits when it resolves. `released` aborts when a signal asks the process to end. */
  orphaned?(released: AbortSignal): Promise<void>;
  /** What the process says of itself, each second. Must be cheap. */
  figures?(): Readonly<Record<string, string>>;
}

export interface Child {
  readonly name: ChildName;
  readonly init: ChildInit;
  /** The time that all processes of the bot share. */
  readonly steady: SteadyClock;
  /** The same in the time of the world. */
  readonly clock: Clock;
  /**
   * Who obeys commands; those of `init` and those that came before are handed over at once, in order. A kill counts as taken as soon as the
   * handler has returned its promise, so do what matters before the first await.
   */
  onCommand(handler: (command: EngineCommand) => Promise<CommandOutcome>): void;
  /** projector only: who does its work; work that comes before is refused. */
  onWork(handler: (work: ProjectorWork) => Promise<unknown>): void;
  /** Throws what main answers with; MAIN_SILENT when nothing came within `withinMs` (default 60 s). */
  ask<T = unknown>(ask: Ask, withinMs?: number): Promise<T>;
  /** Milliseconds since main's last sign of life; undefined before the first. */
  mainSilentMs(): number | undefined;
  /** Ends the process: it must not be started again before a person did something. */
  fatal(error: unknown): void;
  /** worker only: the result of its task; the process ends with it. */
  done(answer: Answer): void;
}

/**
 * Resolves to what runs; rejecting ends the process: for good when the caller must refuse or stop, as a crash otherwise
 * and for an outage of the journal.
 */
export type StartChild = (child: Child) => Promise<ChildBody>;

/**
 * The life of a child process (RUN-1): first message `init`, `ready` when `start` has resolved, `alive` each second,
 * commands, questions to main, and an end when main asks or is gone; signals are main's. Uncaught errors are reported
 * to main once, without secrets, and ends the process with 1 (RUN-41).
 */
export function runChild(name: ChildName, start: StartChild): void {
  if (process.send === undefined) {
    process.stderr.write(`The ${name} process is started by main only. Run: tradebot run\n`);
    process.exitCode = 1;
    return;
  }
  new ChildProcessLife(name, start).begin();
}

interface Pending {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: TradeBotError) => void;
  readonly timer: RunningTimer;
}

class ChildProcessLife {
  readonly #pending = new Map<number, Pending>();
  readonly #waiting: NumberedCommand[] = [];
  #handler: ((command: EngineCommand) => Promise<CommandOutcome>) | undefined;
  #worker: ((work: ProjectorWork) => Promise<unknown>) | undefined;
  #body: ChildBody | undefined;
  #booting: Promise<void> | undefined;
  #asked = 0;
  #ending = false;
  #lastSaid = false;
  #aliveUnread = false;
  #mainAliveAt: number | undefined;
  #signalledAt: number | undefined;
  readonly #released = new AbortController();
  #alive: NodeJS.Timeout | undefined;
  #steady: SteadyClock | undefined;
  #initTimer: RunningTimer | undefined;

  constructor(
    private readonly name: ChildName,
    private readonly start: StartChild,
  ) {}

  begin(): void {
    process.on('uncaughtException', (error) => this.#crash(error));
    process.on('unhandledRejection', (error) => this.#crash(error));
    process.on('disconnect', () => void this.#orphan());
    // Ctrl-C, a closed terminal and most managers reach the whole group: main decides who ends when, the projector last.
    // Without main they end the process.
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => this.#signal());
    passOverSignals();
    for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
    this.#initTimer = new RunningTimer(INIT_WITHIN_MS, endLate);
    process.on('message', (message) => this.#receive(message as ToChild));
  }

  #receive(message: ToChild): void {
    switch (message.kind) {
      case 'init':
        if (this.#booting === undefined) this.#booting = this.#boot(message.init);
        break;
      case 'command':
        this.#command(message.id, message.command);
        break;
      case 'work':
        void this.#work(message.id, message.work);
        break;
      case 'answer':
        this.#answer(message.id, message.answer);
        break;
      case 'mainAlive':
        this.#mainAliveAt = performance.now();
        break;
      case 'accept-clock':
        this.#steady?.adopt();
        break;
      case 'stop':
        this.#end({ reason: 'main asks', withinMs: message.withinMs });
        break;
    }
  }

  async #boot(init: ChildInit): Promise<void> {
    this.#initTimer?.cancel();
    this.#waiting.unshift(...init.commands);
    const steady = new SteadyClock({ anchor: init.clockAnchor });
    this.#steady = steady;
    this.#alive = setInterval(() => this.#tellAlive(), ALIVE_EVERY_MS);
    this.#tellAlive();
    const child: Child = {
      name: this.name,
      init,
      steady,
      clock: init.timeScale === null ? steady : new ScaledClock(init.timeScale, steady),
      onWork: (handler) => (this.#worker = handler),
      onCommand: (handler) => this.#takeCommands(handler),
      ask: <T>(ask: Ask, withinMs = ASK_WITHIN_MS) => this.#ask(ask, withinMs) as Promise<T>,
      mainSilentMs: () => (this.#mainAliveAt === undefined ? undefined : performance.now() - this.#mainAliveAt),
      fatal: (error) => this.#fatal(plainErrorOf(error)),
      done: (answer) => this.#last({ kind: 'done', answer }, answer.ok ? 0 : 1),
    };
    try {
      this.#body = await this.start(child);
      if (!this.#ending) this.#send({ kind: 'ready', figures: this.#figures() });
      // A process that is killed later would leave nothing for the next start.
      flushCompileCache();
    } catch (error) {
      if (isForGood(error)) {
        this.#fatal(plainErrorOf(error));
      } else this.#crash(error);
    }
  }

  #takeCommands(handler: (command: EngineCommand) => Promise<CommandOutcome>): void {
    this.#handler = handler;
    for (const { id, command } of this.#waiting.splice(0)) this.#command(id, command);
  }

  #command(id: number, command: EngineCommand): void {
    if (this.#handler === undefined) {
      if (this.#waiting.length < MOST_WAITING) this.#waiting.push({ id, command });
      return;
    }
    const result = this.#handler(command);
    this.#send({ kind: 'taken', id });
    result.then(
      (outcome) => this.#send({ kind: 'outcome', id, outcome }),
      (error: unknown) => {
        // without an outcome it stays open, and main hands it to the next engine
        if (isJournalOutage(error) || (error instanceof TradeBotError && error.callerMust === 'retry')) return;
        if (error instanceof TradeBotError) {
          this.#send({ kind: 'outcome', id, outcome: { outcome: 'refused', reason: plainErrorOf(error).message } });
        } else this.#crash(error);
      },
    );
  }

  /** A process that is not ready for it refuses it; the end of the process is no answer, and main sees that. */
  async #work(id: number, work: ProjectorWork): Promise<void> {
    const answer = await this.#workDone(work);
    this.#send({ kind: 'worked', id, answer });
  }

  async #workDone(work: ProjectorWork): Promise<Answer> {
    try {
      if (this.#worker === undefined) throw notReady(this.name);
      return { ok: true, value: await this.#worker(work) };
    } catch (error) {
      return { ok: false, error: plainErrorOf(error) };
    }
  }

  #ask(ask: Ask, withinMs: number): Promise<unknown> {
    const id = ++this.#asked;
    return new Promise((resolve, reject) => {
      const timer = new RunningTimer(withinMs, () => {
        this.#pending.delete(id);
        reject(silent(ask, withinMs));
      });
      this.#pending.set(id, { resolve, reject, timer });
      this.#send({ kind: 'ask', id, ask });
    });
  }

  #answer(id: number, answer: Answer): void {
    const pending = this.#pending.get(id);
    if (pending === undefined) return;
    this.#pending.delete(id);
    pending.timer.cancel();
    if (answer.ok) pending.resolve(answer.value);
    else pending.reject(errorFrom(answer.error));
  }

  #tellAlive(): void {
    this.#steady?.look();
    // a main that hangs reads nothing: one sign of life waits for it, not one a second
    if (!process.connected || this.#aliveUnread) return;
    this.#aliveUnread = true;
    const alive: FromChild = { kind: 'alive', rssBytes: process.memoryUsage.rss(), figures: this.#figures() };
    process.send?.(alive, undefined, undefined, () => (this.#aliveUnread = false));
  }

  #figures(): Readonly<Record<string, string>> {
    return this.#body?.figures?.() ?? {};
  }

  #send(message: FromChild): void {
    // A broken channel is reported by 'disconnect'.
    if (process.connected) process.send?.(message, undefined, undefined, () => undefined);
  }

  #signal(): void {
    this.#signalledAt = performance.now();
    if (!process.connected) this.#released.abort();
  }

  /** Main has ended. A process that main asked to stop, or that cannot live alone, ends within a bounded time. */
  async #orphan(): Promise<void> {
    if (this.#signalledAt !== undefined && performance.now() - this.#signalledAt < SIGNAL_COUNTS_MS) {
      this.#released.abort();
    }
    if (!this.#ending && this.name === 'engine') await this.#bootAlone();
    const orphaned = this.#body?.orphaned?.bind(this.#body);
    if (this.#ending || orphaned === undefined) {
      this.#end({ reason: 'main is gone', withinMs: ORPHAN_WITHIN_MS });
      return;
    }
    try {
      await orphaned(this.#released.signal);
    } catch (error) {
      this.#crash(error);
      return;
    }
    process.exit(0);
  }

  /** What was begun with main is completed without it, within a bounded time. */
  async #bootAlone(): Promise<void> {
    const timer = new RunningTimer(BOOT_ALONE_WITHIN_MS, endLate);
    await this.#booting;
    timer.cancel();
  }

  #end(stop: ChildStop): void {
    if (this.#ending) {
      // Main died while this process was ending: no longer than an orphan may.
      if (stop.reason === 'main is gone') new RunningTimer(stop.withinMs, endLate);
      return;
    }
    this.#ending = true;
    new RunningTimer(stop.withinMs, endLate);
    void this.#finish(stop);
  }

  async #finish(stop: ChildStop): Promise<void> {
    try {
      await this.#booting;
      await this.#body?.stop(stop);
    } catch (error) {
      this.#crash(error);
      return;
    }
    process.exit(0);
  }

  #fatal(error: PlainError): void {
    this.#last({ kind: 'fatal', error }, 1);
  }

  #crash(error: unknown): void {
    this.#last({ kind: 'crashed', error: plainErrorOf(error), traceback: tracebackOf(error) }, 1);
  }

  /** One last message, then the end, also when nobody reads it. */
  #last(message: FromChild, exitCode: number): void {
    if (this.#lastSaid) return;
    this.#lastSaid = true;
    clearInterval(this.#alive);
    const end = (): never => process.exit(exitCode);
    new RunningTimer(LAST_WORD_WITHIN_MS, end);
    if (!process.connected) end();
    process.send?.(message, undefined, undefined, end);
  }
}

function endLate(): never {
  process.exit(1);
}

/** No other start of the process would fare better before a person did something; an outage of the journal may pass. */
function isForGood(error: unknown): error is TradeBotError {
  return error instanceof TradeBotError && ['refuse', 'stop'].includes(error.callerMust) && !isJournalOutage(error);
}

function silent(ask: Ask, withinMs: number): TradeBotError {
  return networkError('retry', {
    code: 'MAIN_SILENT',
    message: `main did not answer "${ask.ask}" within ${withinMs} ms`,
    remedy: 'Try again; when it lasts, see the log of main.',
  });
}

function notReady(name: ChildName): TradeBotError {
  return networkError('retry', {
    code: 'NOT_READY',
    message: `the ${name} has only just started`,
    remedy: 'Try again in a few seconds.',
  });
}
