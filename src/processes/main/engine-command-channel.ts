import { RunningTimer } from '../../adapters/clock/running-timer.js';
import { ordered } from '../../app/live/command-order.js';
import { obeyed, refused, type CommandOutcome, type EngineCommand } from '../../app/live/commands.js';
import { networkError, type TradeBotError } from '../../kernel/errors.js';
import type { FromChild, NumberedCommand } from '../ipc/messages.js';
import type { Carried, ChildSupervisor } from './child-supervisor.js';

/**
 * A kill that the engine has not taken by then is obeyed by its successor (RUN-16): longer than a strategy that loops can
 * hold an engine on a busy machine, since to start a successor takes more than a second.
 */
const TAKEN_WITHIN_MS = 700;
/** One that is just starting does not trade yet, and takes commands as soon as it could. */
const TAKEN_AT_START_WITHIN_MS = 5_000;

/** What the channel needs of the engine's supervisor. */
export type EngineProcess = Pick<ChildSupervisor, 'state' | 'send' | 'start' | 'kill' | 'resetFailures'>;

/** A command without an outcome. */
interface Open {
  readonly command: EngineCommand;
  readonly outcome: Promise<CommandOutcome>;
  readonly resolve: (outcome: CommandOutcome) => void;
  readonly reject: (error: TradeBotError) => void;
  timer: RunningTimer | undefined;
  /** An engine began with it: when that dies too, the next one waits for its back-off. */
  begun: boolean;
}

/**
 * Commands to the engine, over the deaths of engines: one that has no outcome when the engine dies goes into the first
 * message to its successor, before that trades, again and again until an engine has recorded its outcome. A kill
 * never waits: not for back-off, not for an engine that does not answer.
 */
export class EngineCommandChannel {
  /** With the engine that runs, by number. */
  readonly #sent = new Map<number, Open>();
  /** For the next engine: in the order of its queue, each kind once. */
  #carried: readonly Open[] = [];
  #numbers = 0;

  constructor(private readonly engine: () => EngineProcess) {}

  /** An engine is being started: what it obeys before anything else. */
  begin(): readonly NumberedCommand[] {
    const begun = this.#carried;
    this.#carried = [];
    for (const open of begun) open.begun = true;
    return begun.map((open) => this.#number(open));
  }

  /** Obeyed by the next engine, before anything trades; resolves and rejects as `command` does. */
  carry(command: Carried): Promise<CommandOutcome> {
    const open = newOpen(command);
    this.#carry(open);
    return open.outcome;
  }

  /**
   * Sends it before it returns. Resolves to what an engine says once that is in the journal, be it this one or a
   * successor; rejects with STOPPING when main ends before.
   */
  command(command: EngineCommand): Promise<CommandOutcome> {
    const engine = this.engine();
    const open = newOpen(command);
    if (!['running', 'starting', 'stopping'].includes(engine.state)) {
      this.#toNext(open);
      return open.outcome;
    }
    const begun = engine.state === 'starting' ? this.#sentOf(command.kind) : undefined;
    if (begun !== undefined && command.kind !== 'reload') return begun.outcome;
    engine.send({ kind: 'command', ...this.#number(open) });
    const withinMs = engine.state === 'starting' ? TAKEN_AT_START_WITHIN_MS : TAKEN_WITHIN_MS;
    if (command.kind === 'kill') open.timer = new RunningTimer(withinMs, () => engine.kill());
    return open.outcome;
  }

  receive(message: FromChild): void {
    if (message.kind === 'taken') this.#sent.get(message.id)?.timer?.cancel();
    if (message.kind !== 'outcome') return;
    const open = this.#sent.get(message.id);
    if (open === undefined) return;
    this.#sent.delete(message.id);
    open.timer?.cancel();
    open.resolve(message.outcome);
  }

  /** The engine died: what it had not answered is carried to the next one, which a kill calls at once. */
  engineDied(): void {
    const left = [...this.#sent.values()];
    this.#sent.clear();
    for (const open of left) {
      open.timer?.cancel();
      if (isCarried(open.command)) this.#carry(open);
      else open.resolve(withoutEngine(open.command.kind));
    }
    if (left.some(({ command, begun }) => command.kind === 'kill' && !begun)) this.engine().start();
  }

  /** A stop or kill has no outcome yet, with the engine that runs or for the next one. */
  get haltOpen(): boolean {
    return (
      this.haltWaits || [...this.#sent.values()].some(({ command }) => isCarried(command) && command.kind !== 'start')
    );
  }

  /** A stop or kill waits for the next engine. */
  get haltWaits(): boolean {
    return this.#carried.some(({ command }) => command.kind !== 'start');
  }

  /** Main stops: nobody answers any more. Flags that had no answer stay where they are, for the next start. */
  close(): void {
    for (const { command, resolve, reject, timer } of [...this.#sent.values(), ...this.#carried]) {
      timer?.cancel();
      if (command.kind === 'reload') resolve(refused('TradeBot is stopping'));
      else reject(unanswered(command.kind));
    }
    this.#sent.clear();
    this.#carried = [];
  }

  #number(open: Open): NumberedCommand {
    const id = ++this.#numbers;
    this.#sent.set(id, open);
    return { id, command: open.command };
  }

  #sentOf(kind: EngineCommand['kind']): Open | undefined {
    return [...this.#sent.values()].find(({ command }) => command.kind === kind);
  }

  /** One of a kind that waits already shares its outcome. */
  #carry(open: Open): void {
    const same = this.#carried.find(({ command }) => command.kind === open.command.kind);
    const { order, overtaken } = ordered(this.#carried, open);
    for (const start of overtaken) start.resolve(refused('a stop or kill was asked for after it'));
    this.#carried = order.filter((one) => one !== open || same === undefined);
    same?.outcome.then(open.resolve, open.reject);
  }

  #toNext(open: Open): void {
    const { command, resolve } = open;
    const engine = this.engine();
    if (!isCarried(command)) {
      resolve(withoutEngine(command.kind));
      return;
    }
    this.#carry(open);
    // A person asked: whatever it died of may be fixed by now.
    if (command.kind === 'start') engine.resetFailures();
    if (command.kind !== 'stop' || engine.state === 'given up') engine.start();
  }
}

function newOpen(command: EngineCommand): Open {
  let resolve: Open['resolve'] = () => undefined;
  let reject: Open['reject'] = () => undefined;
  const outcome = new Promise<CommandOutcome>((...ends) => ([resolve, reject] = ends));
  // nobody may wait for it
  outcome.catch(() => undefined);
  return { command, outcome, resolve, reject, timer: undefined, begun: false };
}

function isCarried(command: EngineCommand): command is Carried {
  return command.kind === 'kill' || command.kind === 'stop' || command.kind === 'start';
}

function withoutEngine(kind: EngineCommand['kind']): CommandOutcome {
  return obeyed(kind === 'reload' ? 'the next engine reads the new settings' : 'no engine runs');
}

function unanswered(kind: string): TradeBotError {
  return networkError('retry', {
    code: 'STOPPING',
    message: `TradeBot stopped before the engine had answered the ${kind}`,
    remedy: 'The flag is obeyed at the next start.',
  });
}
