import type { Settings } from '../../domain/config/settings.js';
import { isActive } from '../../domain/lifecycle/bot-state.js';
import { isKeyRefusal } from '../../domain/risk/key-refused.js';
import type { EpochMs } from '../../kernel/time.js';
import type { Pacer } from '../../ports/pacer.js';
import type { EngineAppender } from '../journal/engine-appender.js';
import { AttemptPause, AWAY_PAUSES } from './attempt-pause.js';
import { unfinishedSession } from './next-task.js';
import { ReadyCheck, recordFault, type NotReady, type ReadyCheckDeps } from './readiness.js';

export interface GettingReadyDeps extends ReadyCheckDeps {
  readonly appender: EngineAppender;
  readonly pacer: Pick<Pacer, 'elapsedMs' | 'now'>;
  /** Called with the settings that passed the checks. */
  readonly accept: (settings: Settings) => void;
}

/** `ready`; `not ready`: a command comes first, or the bot is in error; a time: the broker is away and is asked again then. */
export type Ready = 'ready' | 'not ready' | EpochMs;

/**
 * The checks before the bot may trade, and what becomes of a fault. A broker that is away costs no session: the bot keeps its
 * state, the failed check stays shown, and broker and feed are asked again, at the longest once a minute. Any other fault is `error`,
 * which only a person ends.
 */
export class GettingReady {
  readonly #check: ReadyCheck;
  readonly #pause: AttemptPause;
  /** A session could not begin or continue: the checks say what is wrong, and when it is right again. */
  #sessionFailed = false;
  #recorded: string | undefined;

  constructor(private readonly deps: GettingReadyDeps) {
    this.#check = new ReadyCheck(deps);
    this.#pause = new AttemptPause(deps.pacer, AWAY_PAUSES);
  }

  /** Runs the checks unless they passed just now. */
  async ask(): Promise<Ready> {
    if (this.#pause.lasts) return this.#pause.endsAt;
    const result = await this.#check.run();
    if (result === 'interrupted') return 'not ready';
    if (result === 'passed before') return 'ready';
    if ('settings' in result) {
      this.deps.accept(result.settings);
      if (!this.#sessionFailed) this.#answered();
      return 'ready';
    }
    return this.#faultOf(result.fault);
  }

  /** Before a session: at once, unless the attempt before it failed. Its positions wait for a broker that is away, for no other check. */
  async beforeSession(): Promise<Ready> {
    if (!this.#sessionFailed) return 'ready';
    if (this.#pause.lasts) return this.#pause.endsAt;
    if (unfinishedSession(this.deps.appender.state) === undefined) return this.ask();
    const result = await this.#check.run(true);
    if (result === 'interrupted') return 'not ready';
    if (result === 'passed before' || 'settings' in result || !result.fault.mayPass) return 'ready';
    return this.#again(result.fault);
  }

  /** What passed, and the pause after what did not, hold no longer: settings or keys may have changed. */
  forget(): void {
    this.#check.forget();
    this.#pause.end();
  }

  /** A session could not begin, or not continue. */
  async sessionFailed(fault: NotReady): Promise<void> {
    this.#sessionFailed = true;
    this.#check.forget();
    await this.#faultOf(fault);
  }

  /** A session ended as it should. */
  sessionEnded(): void {
    this.#sessionFailed = false;
    this.#answered();
  }

  /** Records why the bot cannot trade, and changes to `error`. */
  async fail(fault: NotReady): Promise<void> {
    await recordFault(this.deps.appender, fault);
    await this.deps.appender.changeBotState('error', fault.cause);
  }

  async #faultOf(fault: NotReady): Promise<'not ready' | EpochMs> {
    const { state } = this.deps.appender;
    const holds = unfinishedSession(state) !== undefined;
    const waits = isActive(state.botState) || state.botState === 'started' || state.botState === 'stopped';
    // with positions to manage, a key that is given back needs no start by hand
    if (waits && (fault.mayPass || (holds && isKeyRefusal(fault.code)))) return this.#again(fault);
    await this.fail(fault);
    return 'not ready';
  }

  async #again(fault: NotReady): Promise<EpochMs> {
    if (this.#recorded !== fault.cause) await recordFault(this.deps.appender, fault);
    this.#recorded = fault.cause;
    this.#pause.begin();
    return this.#pause.endsAt;
  }

  #answered(): void {
    this.#recorded = undefined;
    this.#pause.end();
  }
}
