import { networkError, type TradeBotError } from '../../kernel/errors.js';
import { ordered } from './command-order.js';
import { refused, type CommandOutcome, type EngineCommand } from './commands.js';

/** A requested command, and how to report its outcome. */
export interface QueuedCommand {
  readonly command: EngineCommand;
  readonly answer: (outcome: CommandOutcome) => void;
}

/** A command in the queue. */
interface Waiting extends QueuedCommand {
  /** The engine ends before it has executed the command. */
  readonly abandon: () => void;
}

/** What the queue needs from the engine. */
export interface CommandQueueDeps {
  /** Ends the wait of the loop or of the session. */
  readonly wake: () => void;
  /** Hands a kill to the running session at once; undefined when there is none, and the kill waits for the loop. */
  readonly killSession: (command: Extract<EngineCommand, { kind: 'kill' }>) => Promise<CommandOutcome> | undefined;
}

/** More commands than persons and programs send while one is executed. */
const MOST_WAITING = 100;

/**
 * The one queue of the engine's commands: the loop takes from it between sessions, the running session at its safe
 * points. A kill waits for neither. No command is lost when a session ends before it answered.
 */
export class CommandQueue {
  #waiting: readonly Waiting[] = [];
  readonly #taken = new Set<Waiting>();
  #closed = false;
  #urged: (() => void) | undefined;

  constructor(private readonly deps: CommandQueueDeps) {}

  /** True when no command waits. */
  get isEmpty(): boolean {
    return this.#waiting.length === 0;
  }

  /**
   * Adds a command in its place; resolves to its outcome, once that is in the journal. A kill is with the session when
   * this returns. Rejects with ENGINE_ENDED for a stop or kill that another engine must obey.
   */
  put(command: EngineCommand): Promise<CommandOutcome> {
    return new Promise((resolve, reject) => {
      const queued: Waiting = {
        command,
        answer: (outcome) => {
          this.#taken.delete(queued);
          resolve(outcome);
        },
        abandon: () => {
          if (isHalt(command)) reject(engineEnded(command.kind));
          else resolve(refused('the engine is shutting down'));
        },
      };
      if (this.#closed) queued.abandon();
      else this.#add(queued);
    });
  }

  /** The next command to execute; undefined when none waits. */
  next(): QueuedCommand | undefined {
    const [first, ...rest] = this.#waiting;
    if (first === undefined) return undefined;
    this.#waiting = rest;
    this.#taken.add(first);
    return first;
  }

  /** Resolves as soon as a waiting command is one that no check may delay. */
  urgent(): Promise<void> {
    if (this.#waiting.some(isUrgent)) return Promise.resolve();
    return new Promise((resolve) => (this.#urged = resolve));
  }

  /** A session starts: waiting kills go to it at once. */
  sessionBegins(): void {
    const kills = this.#waiting.filter(({ command }) => command.kind === 'kill');
    this.#waiting = this.#waiting.filter(({ command }) => command.kind !== 'kill');
    for (const kill of kills) this.#add(kill);
  }

  /** A session has ended: the commands it took and did not answer go back to the front of the queue, kills first. */
  sessionEnds(): void {
    const taken = [...this.#taken];
    this.#taken.clear();
    const isKill = ({ command }: Waiting): boolean => command.kind === 'kill';
    this.#waiting = [...taken.filter(isKill), ...taken.filter((one) => !isKill(one)), ...this.#waiting];
  }

  /** The loop has ended: commands that wait are refused, except a stop or kill, which stays open for the next engine. */
  close(): void {
    this.#closed = true;
    for (const one of [...this.#taken, ...this.#waiting]) one.abandon();
    this.#taken.clear();
    this.#waiting = [];
  }

  #add(queued: Waiting): void {
    const { command, answer } = queued;
    const { order, overtaken } = ordered(this.#waiting, queued);
    for (const start of overtaken) start.answer(refused('a later stop or kill overrides it'));
    const outcome = command.kind === 'kill' ? this.deps.killSession(command) : undefined;
    if (outcome !== undefined) {
      this.#waiting = order.filter((one) => one !== queued);
      // open until the journal has it: a session that ends before gives it back
      this.#taken.add(queued);
      void outcome.then(answer);
    } else if (order.length > MOST_WAITING && !isUrgent(queued)) {
      answer(refused('too many commands are waiting already'));
    } else {
      this.#waiting = order;
      if (isUrgent(queued)) this.#urged?.();
      this.deps.wake();
    }
  }
}

function isHalt({ kind }: EngineCommand): boolean {
  return kind === 'kill' || kind === 'stop';
}

function isUrgent({ command }: QueuedCommand): boolean {
  return isHalt(command) || command.kind === 'shutdown' || command.kind === 'handOver';
}

function engineEnded(kind: EngineCommand['kind']): TradeBotError {
  return networkError('retry', {
    code: 'ENGINE_ENDED',
    message: `the engine ended before it executed the ${kind}`,
    remedy: 'The next engine executes it.',
  });
}
