import { plainReason } from './plain-reason.js';
import type { CommandOutcome, EngineCommand } from './commands.js';
import type { SessionRunner } from './session-runner.js';

export interface Ordered {
  readonly command: EngineCommand;
  readonly answer: (outcome: CommandOutcome) => void;
}

function isUrgent({ command }: Ordered): boolean {
  return command.kind === 'kill' || command.kind === 'stop' || command.kind === 'shutdown';
}

/**
 * Where commands come in: a session under way takes them at once, else they wait here for the loop, a kill before all
 * others. None is lost when a session ends before it answered.
 */
export class CommandQueue {
  #waiting: Ordered[] = [];
  #withSession = new Set<Ordered>();
  #session: SessionRunner | undefined;
  #urged: (() => void) | undefined;

  /** `wake` ends the loop's wait; `killAnswer` is what a kill comes to in a session. */
  constructor(
    private readonly wake: () => void,
    private readonly killAnswer: () => CommandOutcome,
  ) {}

  take(command: EngineCommand): Promise<CommandOutcome> {
    return new Promise((answer) => this.#place({ command, answer }));
  }

  /** The next one for the loop. */
  next(): Ordered | undefined {
    const kill = this.#waiting.findIndex(({ command }) => command.kind === 'kill');
    return this.#waiting.splice(Math.max(0, kill), 1)[0];
  }

  /** Resolves as soon as something waits here that no check may hold up. */
  urgent(): Promise<void> {
    if (this.#waiting.some(isUrgent)) return Promise.resolve();
    return new Promise((resolve) => (this.#urged = resolve));
  }

  /** From now on commands go to `session`, those that wait first. */
  handOver(session: SessionRunner): void {
    this.#session = session;
    for (let next = this.next(); next !== undefined; next = this.next()) this.#place(next);
  }

  /** The session is over: what it did not answer is the loop's. */
  takeBack(): void {
    this.#session = undefined;
    this.#waiting = [...this.#withSession, ...this.#waiting];
    this.#withSession.clear();
  }

  /** The loop ended: nobody obeys any more. */
  close(): void {
    for (let next = this.next(); next !== undefined; next = this.next()) {
      next.answer({ outcome: 'refused', reason: 'the engine is going down' });
    }
  }

  #place(ordered: Ordered): void {
    const { command, answer } = ordered;
    const session = this.#session;
    if (session === undefined) {
      this.#waiting.push(ordered);
      if (isUrgent(ordered)) this.#urged?.();
      this.wake();
      return;
    }
    if (command.kind === 'kill') {
      const outcome = this.killAnswer();
      session.kill(command.reason, command.actor);
      answer(outcome);
      return;
    }
    this.#withSession.add(ordered);
    session.command(command).then(
      (outcome) => this.#answered(ordered, outcome),
      (error: unknown) => this.#answered(ordered, { outcome: 'refused', reason: plainReason(error) }),
    );
  }

  #answered(ordered: Ordered, outcome: CommandOutcome): void {
    if (this.#withSession.delete(ordered)) ordered.answer(outcome);
  }
}
