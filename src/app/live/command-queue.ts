import { ordered } from './command-order.js';
import { refused, type CommandOutcome, type EngineCommand } from './commands.js';

/** A requested command, and how to report its outcome. */
export interface QueuedCommand {
  readonly command: EngineCommand;
  readonly answer: (outcome: CommandOutcome) => void;
}

/** What the queue needs from the engine. */
export interface CommandQueueDeps {
  /** Ends the wait of the loop or of the session. */
  readonly wake: () => void;
  /** Hands a kill to the running session at once; undefined when there is none, and the kill waits for the loop. */
  readonly killSession: (command: Extract<EngineCommand, { kind: 'kill' }>) => CommandOutcome | undefined;
}

/** More commands than persons and programs send while one is executed. */
const MOST_WAITING = 100;

/**
 * The one queue of the engine's commands: the loop takes from it between sessions, the running session at its safe
 * points. A kill waits for neither. No command is lost when a session ends before it answered.
 */
export class CommandQueue {
  #waiting: readonly QueuedCommand[] = [];
  readonly #taken = new Set<QueuedCommand>();
  #urged: (() => void) | undefined;

  constructor(private readonly deps: CommandQueueDeps) {}

  /** True when no command waits. */
  get isEmpty(): boolean {
    return this.#waiting.length === 0;
  }

  /** Queues a command by its order; resolves to its outcome. The session has a kill when this returns. */
  put(command: EngineCommand): Promise<CommandOutcome> {
    return new Promise((resolve) => {
      const queued: QueuedCommand = {
        command,
        answer: (outcome) => {
          this.#taken.delete(queued);
          resolve(outcome);
        },
      };
      this.#add(queued);
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

  /** A session has ended: the commands it took and did not answer go back to the front of the queue. */
  sessionEnds(): void {
    this.#waiting = [...this.#taken, ...this.#waiting];
    this.#taken.clear();
  }

  /** The loop has ended: commands that wait are refused. */
  close(): void {
    for (const { answer } of [...this.#taken, ...this.#waiting]) answer(refused('the engine is shutting down'));
    this.#waiting = [];
  }

  #add(queued: QueuedCommand): void {
    const { command, answer } = queued;
    const { order, overtaken } = ordered(this.#waiting, queued);
    for (const start of overtaken) start.answer(refused('a later stop or kill overrides it'));
    const outcome = command.kind === 'kill' ? this.deps.killSession(command) : undefined;
    if (outcome !== undefined) {
      this.#waiting = order.filter((one) => one !== queued);
      answer(outcome);
    } else if (order.length > MOST_WAITING && !isUrgent(queued)) {
      answer(refused('too many commands are waiting already'));
    } else {
      this.#waiting = order;
      if (isUrgent(queued)) this.#urged?.();
      this.deps.wake();
    }
  }
}

function isUrgent({ command }: QueuedCommand): boolean {
  return command.kind === 'kill' || command.kind === 'stop' || command.kind === 'shutdown';
}
