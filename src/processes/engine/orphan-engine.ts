import type { EngineLock, OrphanNote } from '../../adapters/home/engine-lock.js';
import { homeHolder } from '../../adapters/home/home-lock.js';
import { ProcessStopwatch } from '../../adapters/clock/process-stopwatch.js';
import { RunningTimer } from '../../adapters/clock/running-timer.js';
import { openRemainder } from '../../app/live/idle-commands.js';
import { recordedSettings } from '../../app/live/readiness.js';
import type { BasePaths } from '../../domain/home/home-paths.js';
import { isFlat } from '../../domain/session/trading-permissions.js';
import type { Clock } from '../../kernel/time.js';
import { toUtcText } from '../../kernel/time.js';
import type { LiveEngine } from './live-engine.js';
import { OrphanWatch, type OrphanRules } from './orphan-watch.js';

const LOOK_MS = 250;
/** The note is written again after so many looks, and when the state of the bot changes. */
const NOTE_LOOKS = 20;
/** A step that hangs longer does not keep a successor waiting: it continues from the journal. */
const HAND_OVER_WITHIN_MS = 3_000;

export interface OrphanEngineOptions {
  readonly lock: BasePaths['lock'];
  readonly engineLock: EngineLock;
  readonly wall: Clock;
  readonly speed: number;
  readonly mainPid: number;
  readonly mainSilentMs: () => number | undefined;
}

/** The engine with its watch for main: what it does when main hangs or has ended. */
export class OrphanEngine {
  readonly #watch: OrphanWatch;
  readonly #timer: NodeJS.Timeout;
  #since: string | undefined;
  #noted = '';
  #looks = 0;
  #late: () => void = () => undefined;

  constructor(
    private readonly engine: LiveEngine,
    private readonly options: OrphanEngineOptions,
  ) {
    this.#watch = new OrphanWatch({
      stopwatch: new ProcessStopwatch(),
      speed: options.speed,
      rules: () => this.#rules(),
      mainSilentMs: options.mainSilentMs,
      successor: () => this.#hasSuccessor(),
      inSession: () => engine.figures()['session'] !== '',
      flat: () => isFlat(engine.state),
      flagWaits: () => engine.flagWaits,
      command: (command) => void engine.command(command).catch(() => undefined),
    });
    this.#timer = setInterval(() => this.#look(), LOOK_MS);
  }

  /** Main has ended: resolves when the engine has handed over and may end. */
  async outlive(released: AbortSignal, running: Promise<void>): Promise<void> {
    const release = (): void => this.#watch.release();
    if (released.aborted) release();
    released.addEventListener('abort', release);
    const late = new Promise<void>((resolve) => (this.#late = resolve));
    this.#watch.mainEnded();
    this.#look();
    await Promise.race([running, late]);
    this.#note();
    this.close();
  }

  close(): void {
    clearInterval(this.#timer);
    this.options.engineLock.release();
  }

  #look(): void {
    this.#watch.look();
    if (!this.#watch.gone) return;
    this.#looks += 1;
    if (this.#looks % NOTE_LOOKS === 1 || this.#noted !== this.engine.state.botState) this.#note();
    if (this.#watch.ended !== undefined) new RunningTimer(HAND_OVER_WITHIN_MS, () => this.#late());
  }

  #note(): void {
    const { state } = this.engine;
    this.#since ??= toUtcText(this.options.wall.now());
    this.#noted = state.botState;
    const note: OrphanNote = {
      since: this.#since,
      ...this.#rules(),
      state: state.botState,
      open: openRemainder(state),
      ended: this.#watch.ended ?? null,
    };
    this.options.engineLock.note(note);
  }

  #rules(): OrphanRules {
    const settings = this.engine.settings ?? recordedSettings(this.engine.state);
    return { policy: settings.ORPHAN_POLICY, graceSeconds: settings.ORPHAN_GRACE };
  }

  #hasSuccessor(): boolean {
    const holder = homeHolder({ lock: this.options.lock });
    return holder?.command === 'run' && holder.pid !== this.options.mainPid;
  }
}
