import {
  afterFailure,
  NO_FAILURES,
  RESTART_POLICY,
  type RestartPolicy,
} from '../../domain/supervision/restart-policy.js';
import { FROZEN_MS } from '../../domain/schedule/clock-jump.js';
import type { EngineCommand } from '../../app/live/commands.js';
import { toUtcText, type Clock, type UtcText } from '../../kernel/time.js';
import { isJournalOutage } from '../../ports/journal.js';
import type { ChildInit, ChildName, FromChild, PlainError, ProcessHealth, ToChild } from '../ipc/messages.js';
import { ChildProcessRun, type ChildProcessEnd, type Program } from './child-process-run.js';

export interface ChildSupervisorOptions {
  readonly name: Exclude<ChildName, 'worker'>;
  readonly program: Program;
  /** First message to the next run. */
  readonly init: (attempt: number) => ChildInit;
  readonly clock: Clock;
  /** Milliseconds of a clock that only goes forwards. */
  readonly ticks: () => number;
  readonly policy?: RestartPolicy;
  /** After giving up: tried once more each so many milliseconds; null when a person must ask. */
  readonly tryAgainMs: number | null;
  readonly events: ChildSupervisorEvents;
}

export interface ChildSupervisorEvents {
  onMessage(message: FromChild): void;
  /** The child has reported that it is ready. */
  onReady(attempt: number, figures: ProcessHealth['figures']): void;
  onDeath(death: ChildDeath): void;
}

export interface ChildDeath {
  readonly name: ChildName;
  readonly end: ChildProcessEnd;
  readonly aliveAt: UtcText;
  readonly deaths: number;
  /** Wait before the next start; null when there is none. */
  readonly restartInMs: number | null;
  /** Too many deaths in the window, or the child reported that another start is useless. */
  readonly givenUp: boolean;
  /** Its own word, when it has one. */
  readonly fatal: PlainError | undefined;
  /** It died because the journal could not be written or opened: it is started again as long as that lasts. */
  readonly outage: boolean;
}

/** A child that is silent for this long hangs: it is ended and started again. */
const SILENT_AFTER_MS = 60_000;
/** A child passes over them, but not in its first instants: a signal to the whole process group ends one that has just begun. */
const SIGNALS_OF_MAIN: readonly (NodeJS.Signals | null)[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];
/** What one look adds to a silence, at most: main looks each second, and more means that it stood still itself. */
const LOOK_COUNTS_MS = 2_000;

/** One of the long-running children: started, watched, started again when it dies, stopped (RUN-2). */
export class ChildSupervisor {
  #run: ChildProcessRun | undefined;
  #state: ProcessHealth['state'] = 'stopped';
  #history = NO_FAILURES;
  #starts = 0;
  #startedAt: string | null = null;
  #startedTicks = 0;
  #aliveAt: UtcText | null = null;
  /** Silence since its last sign of life, in the time in which main was running. */
  #silentMs = 0;
  #watchedTicks = 0;
  #rssBytes: number | null = null;
  #figures: Readonly<Record<string, string>> = {};
  #timer: NodeJS.Timeout | undefined;
  #stopped: (() => void) | undefined;
  #wanted = false;
  #closed = false;
  #cutOff = false;

  constructor(private readonly options: ChildSupervisorOptions) {}

  get state(): ProcessHealth['state'] {
    return this.#state;
  }

  get name(): ChildSupervisorOptions['name'] {
    return this.options.name;
  }

  /** It was started at least once. */
  get started(): boolean {
    return this.#starts > 0;
  }

  get pid(): number | null {
    return this.#run?.pid ?? null;
  }

  /** Launched and not asked to stop, whether it runs right now or not. */
  get wanted(): boolean {
    return this.#wanted;
  }

  /** Starts it unless it runs; a wait for a restart is cut short. */
  start(): void {
    if (!this.#closed) this.#begin();
  }

  #begin(): void {
    this.#wanted = true;
    clearTimeout(this.#timer);
    if (this.#run !== undefined) return;
    const attempt = this.#starts;
    this.#starts += 1;
    this.#state = 'starting';
    this.#startedAt = this.#now();
    this.#startedTicks = this.options.ticks();
    this.#sign({});
    this.#run = new ChildProcessRun({
      name: this.options.name,
      program: this.options.program,
      init: this.options.init(attempt),
      onMessage: (message) => this.#receive(message, attempt),
      onEnd: (end) => this.#end(end),
    });
  }

  /** Resets the count of deaths: a person requested the start. */
  resetFailures(): void {
    this.#history = NO_FAILURES;
  }

  send(message: ToChild): void {
    this.#run?.send(message);
  }

  kill(): void {
    this.#run?.kill();
  }

  /** Resolves when it has ended; SIGKILL after `withinMs`. It is never started again. */
  async stop(withinMs: number): Promise<void> {
    this.#closed = true;
    await this.#stopRun(withinMs);
  }

  /** As `stop`; a run that a signal meant for main ended before it had begun is made up for first, so that its work is complete. */
  async finish(withinMs: number): Promise<void> {
    await this.stop(withinMs);
    if (!this.#cutOff) return;
    this.#begin();
    await this.stop(withinMs);
  }

  async #stopRun(withinMs: number): Promise<void> {
    this.#wanted = false;
    clearTimeout(this.#timer);
    const run = this.#run;
    this.#state = run === undefined ? 'stopped' : 'stopping';
    if (run === undefined) return;
    const ended = new Promise<void>((resolve) => (this.#stopped = resolve));
    run.stop(withinMs);
    await ended;
  }

  /** It lives and has given no sign of it for long. */
  get silent(): boolean {
    return this.silentMs > SILENT_AFTER_MS / 2;
  }

  /**
   * Each second: ends a process that hangs. While main itself stood still, once or again and again, nobody was silent; after a
   * pause that counts as a jump of the clock every child has a fresh period.
   */
  watch(): void {
    const now = this.options.ticks();
    const passed = now - this.#watchedTicks;
    this.#silentMs = passed > FROZEN_MS ? 0 : this.#silentMs + Math.min(passed, LOOK_COUNTS_MS);
    this.#watchedTicks = now;
    if (this.silentMs > SILENT_AFTER_MS) this.kill();
  }

  /** Milliseconds of silence since its last sign of life, as `watch` counts them; 0 when it does not run. */
  get silentMs(): number {
    return this.#run === undefined || this.#state === 'stopping' ? 0 : this.#silentMs;
  }

  /** What it last said of itself. */
  get figures(): ProcessHealth['figures'] {
    return this.#figures;
  }

  health(): ProcessHealth {
    return {
      process: this.options.name,
      state: this.#state,
      pid: this.pid,
      startedAt: this.#startedAt,
      restarts: Math.max(0, this.#starts - 1),
      aliveAt: this.#aliveAt,
      rssBytes: this.#run === undefined ? null : this.#rssBytes,
      figures: this.#figures,
    };
  }

  #now(): UtcText {
    return toUtcText(this.options.clock.now());
  }

  #sign({ rssBytes = null, figures = {} }: { rssBytes?: number | null; figures?: ProcessHealth['figures'] }): void {
    this.#aliveAt = this.#now();
    this.#silentMs = 0;
    this.#rssBytes = rssBytes;
    this.#figures = figures;
  }

  #receive(message: FromChild, attempt: number): void {
    if (message.kind === 'alive') this.#sign(message);
    if (message.kind === 'ready') {
      if (this.#state === 'starting') this.#state = 'running';
      this.#figures = message.figures;
      this.options.events.onReady(attempt, message.figures);
    }
    this.options.events.onMessage(message);
  }

  #end(end: ChildProcessEnd): void {
    this.#run = undefined;
    this.#cutOff = SIGNALS_OF_MAIN.includes(end.signal);
    const aliveAt = this.#aliveAt ?? this.#now();
    if (!this.#wanted) {
      this.#state = 'stopped';
      this.#stopped?.();
      return;
    }
    const outage = isJournalOutage(end.lastWord?.error);
    const cause = outage ? 'outage' : 'failure';
    const run = { startedAt: this.#startedTicks, failedAt: this.options.ticks(), cause } as const;
    const { history, next } = afterFailure(this.#history, run, this.options.policy ?? RESTART_POLICY);
    this.#history = history;
    const fatal = end.lastWord?.kind === 'fatal' && !outage ? end.lastWord.error : undefined;
    const givenUp = fatal !== undefined || next.kind === 'give up';
    const restartInMs = givenUp ? this.options.tryAgainMs : next.inMs;
    this.#state = givenUp ? 'given up' : 'waiting to restart';
    // The callback may start it immediately, so the timer comes first.
    if (restartInMs !== null) this.#timer = setTimeout(() => this.start(), restartInMs);
    this.options.events.onDeath({
      name: this.options.name,
      end,
      aliveAt,
      deaths: next.failures,
      restartInMs,
      givenUp,
      fatal,
      outage,
    });
  }
}

/** Commands that an engine which is not there must obey when it comes. */
export type Carried = Extract<EngineCommand, { kind: 'kill' | 'stop' | 'start' }>;
