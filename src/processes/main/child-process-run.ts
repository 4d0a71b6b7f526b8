import { fork, type ChildProcess } from 'node:child_process';
import { setPriority } from 'node:os';
import { RunningTimer } from '../../adapters/clock/running-timer.js';
import { withoutCredentials } from '../../kernel/credentials.js';
import type { ChildInit, ChildName, FromChild, PlainError, ToChild } from '../ipc/messages.js';
import { compileCache } from '../ipc/program-file.js';

/** A built module that runs as a process of its own. */
export interface Program {
  readonly file: string;
  /** Arguments of node before it. */
  readonly execArgv: readonly string[];
}

/** How a process ended. */
export interface ChildProcessEnd {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Whether main had asked it to stop. */
  readonly requested: boolean;
  /** Its last word: what nobody caught, or why it must not be started again. */
  readonly lastWord: Extract<FromChild, { kind: 'crashed' | 'fatal' }> | undefined;
  /** The end of what it said on stderr. */
  readonly stderr: string;
}

export interface ChildProcessRunOptions {
  readonly name: ChildName;
  readonly program: Program;
  readonly init: ChildInit;
  readonly onMessage: (message: FromChild) => void;
  readonly onEnd: (end: ChildProcessEnd) => void;
}

/** Behind the trading path when both want the processor (RUN-2), still ahead of idle work: all threads of the projector, from the first on. */
const NICENESS: Partial<Record<ChildName, number>> = { projector: 5 };

const STDERR_KEPT = 4_000;
/** What a process has said may still be on its way when it is gone; a grandchild that holds its pipes must not hold us. */
const LAST_MESSAGES_WITHIN_MS = 300;
const KILL_AFTER_MS = 500;

/** One run of a child process, from fork to end. Nothing of main's environment reaches it. */
export class ChildProcessRun {
  readonly #child: ChildProcess;
  #requested = false;
  #ended = false;
  #lastWord: ChildProcessEnd['lastWord'];
  #stderr = '';
  #killTimer: RunningTimer | undefined;
  #lastTimer: RunningTimer | undefined;

  constructor(private readonly options: ChildProcessRunOptions) {
    const { program, init } = options;
    // The home as an argument is for who looks at the processes of the machine, and for a main that finds an orphan.
    this.#child = fork(program.file, [init.home], {
      cwd: init.root,
      env: { NODE_COMPILE_CACHE: compileCache(init.root) },
      // from its first instant on: the process passes over the signal only once its modules are read
      execArgv: ['--disable-sigusr1', ...program.execArgv],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    yieldToTheEngine(this.#child.pid, NICENESS[options.name]);
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = `${this.#stderr}${text}`.slice(-STDERR_KEPT);
    });
    this.#child.on('message', (message) => this.#receive(message as FromChild));
    this.#child.on('error', (error) => {
      this.#stderr = `${this.#stderr}${error.message}`.slice(-STDERR_KEPT);
      // An error without a process: it was never started, and no end will be reported.
      if (this.#child.pid === undefined) this.#end(null, null);
    });
    this.#child.on('exit', (code, signal) => {
      this.#lastTimer = new RunningTimer(LAST_MESSAGES_WITHIN_MS, () => this.#end(code, signal));
    });
    this.#child.on('close', (code, signal) => this.#end(code, signal));
    this.send({ kind: 'init', init });
  }

  get pid(): number | null {
    return this.#child.pid ?? null;
  }

  /** True while it has not ended. */
  get alive(): boolean {
    return !this.#ended;
  }

  send(message: ToChild): void {
    // A broken channel is reported by the end of the process.
    if (this.#child.connected) this.#child.send(message, () => undefined);
  }

  /** Asks it to end, and kills it after `withinMs`. */
  stop(withinMs: number): void {
    this.#requested = true;
    this.send({ kind: 'stop', withinMs });
    this.#killTimer?.cancel();
    this.#killTimer = new RunningTimer(withinMs + KILL_AFTER_MS, () => this.kill());
  }

  /** Ends it now. */
  kill(): void {
    this.#child.kill('SIGKILL');
  }

  #receive(message: FromChild): void {
    if (message.kind === 'crashed' || message.kind === 'fatal') this.#lastWord = message;
    this.options.onMessage(message);
  }

  #end(exitCode: number | null, signal: NodeJS.Signals | null): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#killTimer?.cancel();
    this.#lastTimer?.cancel();
    const stderr = withoutCredentials(this.#stderr.trim());
    this.options.onEnd({ exitCode, signal, requested: this.#requested, lastWord: this.#lastWord, stderr });
  }
}

function yieldToTheEngine(pid: number | undefined, niceness: number | undefined): void {
  if (pid === undefined || niceness === undefined) return;
  try {
    setPriority(pid, niceness);
  } catch {
    // it is gone already, or the system does not let it step back: that only costs the engine some of the processor
  }
}

/** Why it ended, in one line for people. */
export function endText(end: ChildProcessEnd): string {
  const how = end.signal === null ? `exit code ${String(end.exitCode)}` : `signal ${end.signal}`;
  const why: PlainError | undefined = end.lastWord?.error;
  return why === undefined ? how : `${how}: ${why.message}`;
}
