import { ordered } from '../../app/live/command-order.js';
import type { CommandOutcome, EngineCommand } from '../../app/live/commands.js';
import { networkError, type TradeBotError } from '../../kernel/errors.js';
import type { FromChild } from '../ipc/messages.js';
import type { Carried, ChildSupervisor } from './child-supervisor.js';

/**
 * A kill that the engine has not taken by then is obeyed by its successor (RUN-16): longer than a strategy that loops can
 * hold an engine on a busy machine, since to start a successor takes more than a second.
 */
const TAKEN_WITHIN_MS = 700;
/** One that is just starting does not trade yet, and takes commands as soon as it could. */
const TAKEN_AT_START_WITHIN_MS = 5_000;

/** An engine that dies so soon after its start may not have written down what it began with. */
const SETTLED_AFTER_MS = 5_000;

interface Sent {
  readonly command: EngineCommand;
  readonly resolve: (outcome: CommandOutcome) => void;
  readonly reject: (error: TradeBotError) => void;
  timer: NodeJS.Timeout | undefined;
}

/**
 * Commands to the engine, over the deaths of the engine: one that had no outcome when the engine died goes into the first
 * message to its successor, before that trades. A kill never waits: not for back-off, not for an engine that does not
 * answer.
 */
export class EngineCommandChannel {
  readonly #sent = new Map<number, Sent>();
  #carried: readonly Carried[] = [];
  /** What the engine that runs began with, until it has lived for a while. */
  #begunWith: readonly Carried[] = [];
  #settling: NodeJS.Timeout | undefined;
  #next = 0;

  constructor(private readonly engine: () => ChildSupervisor) {}

  /** Commands that the next engine executes before anything else. */
  get carried(): readonly Carried[] {
    return this.#carried;
  }

  /** Obeyed by the next engine, before anything trades: in the order of its queue, each kind once. */
  carry(command: Carried): void {
    const { order } = ordered(
      this.#carried.map((carried) => ({ command: carried })),
      { command },
    );
    this.#carried = order
      .map((one) => one.command)
      .filter(({ kind }, at, all) => all.findIndex((one) => one.kind === kind) === at);
  }

  /** Sends it before it returns; resolves to what the engine says, or to why another one will obey it. */
  command(command: EngineCommand): Promise<CommandOutcome> {
    const engine = this.engine();
    if (!['running', 'starting', 'stopping'].includes(engine.state)) return Promise.resolve(this.#toNext(command));
    if (engine.state === 'starting' && this.#carried.some(({ kind }) => kind === command.kind)) {
      return Promise.resolve({ outcome: 'obeyed', reason: `the engine is starting with this ${command.kind}` });
    }
    const id = ++this.#next;
    return new Promise((resolve, reject) => {
      const sent: Sent = { command, resolve, reject, timer: undefined };
      this.#sent.set(id, sent);
      engine.send({ kind: 'command', id, command });
      const withinMs = engine.state === 'starting' ? TAKEN_AT_START_WITHIN_MS : TAKEN_WITHIN_MS;
      if (command.kind === 'kill') sent.timer = setTimeout(() => engine.kill(), withinMs);
    });
  }

  receive(message: FromChild): void {
    if (message.kind === 'ready') this.#began();
    if (message.kind === 'taken') clearTimeout(this.#sent.get(message.id)?.timer);
    if (message.kind !== 'outcome') return;
    const sent = this.#sent.get(message.id);
    if (sent === undefined) return;
    this.#sent.delete(message.id);
    clearTimeout(sent.timer);
    sent.resolve(message.outcome);
  }

  /** The engine died: what it had not answered is carried to the next one, which a kill calls at once. */
  engineDied(): void {
    clearTimeout(this.#settling);
    for (const command of this.#begunWith) this.carry(command);
    this.#begunWith = [];
    let urgent = false;
    for (const { command, resolve, timer } of this.#sent.values()) {
      clearTimeout(timer);
      resolve(this.#toNext(command));
      urgent ||= command.kind === 'kill';
    }
    this.#sent.clear();
    if (urgent) this.engine().start();
  }

  /** Main stops: nobody answers any more. Flags that had no answer stay where they are, for the next start. */
  close(): void {
    clearTimeout(this.#settling);
    for (const { command, resolve, reject, timer } of this.#sent.values()) {
      clearTimeout(timer);
      if (command.kind === 'reload') resolve({ outcome: 'refused', reason: 'TradeBot is stopping' });
      else reject(unanswered(command.kind));
    }
    this.#sent.clear();
  }

  #began(): void {
    clearTimeout(this.#settling);
    this.#begunWith = this.#carried;
    this.#carried = [];
    this.#settling = setTimeout(() => (this.#begunWith = []), SETTLED_AFTER_MS);
  }

  #toNext(command: EngineCommand): CommandOutcome {
    if (command.kind === 'reload') return { outcome: 'obeyed', reason: 'the next engine reads the new settings' };
    if (command.kind === 'shutdown') return { outcome: 'obeyed', reason: 'no engine runs' };
    if (command.kind === 'stop' && this.engine().state === 'given up') {
      return { outcome: 'refused', reason: 'the engine was given up; a kill closes what is open, a start tries again' };
    }
    this.carry(command);
    // A person asked: the cause of the failure may be fixed by now.
    if (command.kind === 'start') this.engine().forgive();
    if (command.kind !== 'stop') this.engine().start();
    return { outcome: 'obeyed', reason: `the engine was not there; its successor begins with the ${command.kind}` };
  }
}

function unanswered(kind: string): TradeBotError {
  return networkError('retry', {
    code: 'STOPPING',
    message: `TradeBot stopped before the engine had answered the ${kind}`,
    remedy: 'The flag is obeyed at the next start.',
  });
}
