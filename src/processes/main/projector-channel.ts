import { RunningTimer } from '../../adapters/clock/running-timer.js';
import { networkError } from '../../kernel/errors.js';
import type { Answer, FromChild, ProjectorWork } from '../ipc/messages.js';
import { plainErrorOf } from '../ipc/plain-error.js';
import type { ChildSupervisor } from './child-supervisor.js';

type Projector = Pick<ChildSupervisor, 'send' | 'health'>;

/** A rebuild that takes longer hangs: its process is the one that main watches. */
const LONGEST_MS = 3_600_000;
/** How long work waits for a projector that is on its way: a start of the bot, or a restart, takes less. */
const STARTS_WITHIN_MS = 30_000;
const LOOK_AGAIN_MS = 250;

/** Hands work to the projector and its answers back; one that dies has answered nothing. */
export class ProjectorChannel {
  readonly #pending = new Map<number, (answer: Answer) => void>();
  #asked = 0;

  constructor(
    private readonly projector: () => Projector,
    private readonly startsWithinMs = STARTS_WITHIN_MS,
  ) {}

  /** Never rejects. PROJECTOR_ENDED when the process ended meanwhile, PROJECTOR_NOT_RUNNING when none came in time. */
  async work(work: ProjectorWork): Promise<Answer> {
    if (!(await this.#runs())) return notRunning();
    const projector = this.projector();
    const id = ++this.#asked;
    return new Promise((resolve) => {
      const timer = new RunningTimer(LONGEST_MS, () => this.#settle(id, noAnswer()));
      this.#pending.set(id, (answer) => {
        timer.cancel();
        resolve(answer);
      });
      projector.send({ kind: 'work', id, work });
    });
  }

  /** Waits for one that starts, or is started again; not for one that was stopped or given up. */
  async #runs(): Promise<boolean> {
    for (let waitedMs = 0; ; waitedMs += LOOK_AGAIN_MS) {
      const { state } = this.projector().health();
      if (state === 'running') return true;
      const comes = state === 'starting' || state === 'waiting to restart';
      if (!comes || waitedMs >= this.startsWithinMs) return false;
      await new Promise<void>((resolve) => new RunningTimer(LOOK_AGAIN_MS, resolve));
    }
  }

  /** How far it has come, by its last sign of life. */
  get progress(): string | undefined {
    return this.projector().health().figures['work'];
  }

  receive(message: FromChild): void {
    if (message.kind === 'worked') this.#settle(message.id, message.answer);
  }

  /** The process has ended, or is about to. */
  ended(): void {
    for (const id of [...this.#pending.keys()]) this.#settle(id, noAnswer());
  }

  #settle(id: number, answer: Answer): void {
    const resolve = this.#pending.get(id);
    this.#pending.delete(id);
    resolve?.(answer);
  }
}

function noAnswer(): Answer {
  const error = networkError('retry', {
    code: 'PROJECTOR_ENDED',
    message: 'the projector ended before it had answered',
    remedy: 'Every file is whole, as before or as rebuilt. Ask for it again.',
  });
  return { ok: false, error: plainErrorOf(error) };
}

function notRunning(): Answer {
  const error = networkError('retry', {
    code: 'PROJECTOR_NOT_RUNNING',
    message: 'the projector does not run now',
    remedy: 'Look at the processes of the bot; try again when the projector runs.',
  });
  return { ok: false, error: plainErrorOf(error) };
}
