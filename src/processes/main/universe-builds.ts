import type { Log } from '../../adapters/telemetry/telemetry.js';
import { universeDue } from '../../domain/universe/build-due.js';
import type { RecordedEvent } from '../../events/event.js';
import { configError } from '../../kernel/errors.js';
import { isOver, MINUTE_MS, plusMs, type Clock, type DateText, type EpochMs } from '../../kernel/time.js';
import type { Answer } from '../ipc/messages.js';
import { plainErrorOf } from '../ipc/plain-error.js';
import type { NightlyUniverse } from './home-vault.js';
import type { WorkerPool } from './worker-pool.js';

export interface UniverseBuildsDeps {
  readonly pool: Pick<WorkerPool, 'run' | 'busy' | 'cancel' | 'close'>;
  readonly clock: Clock;
  /** Undefined while the home is not set up, or its vault does not open. */
  readonly nightly: () => NightlyUniverse | undefined;
  /** Leaves a file that says that credentials are missing. Throws when the disk refuses. */
  readonly noteWaiting: () => void;
  readonly log: Pick<Log, 'info' | 'error'>;
}

/** The vault is not read each second. */
const LOOK_EACH_MS = MINUTE_MS;
/** A provider that is away in the evening may be there at night. */
const AGAIN_MS = 30 * MINUTE_MS;
const MOST_TRIES = 12;
/** Keys, contacts and limits that no repetition changes. */
const FOR_A_PERSON = /^(PROVIDER_(?!UNAVAILABLE)|UNIVERSE_EMPTY)/;

/**
 * Has a worker build the universe each night, outside of sessions, and when somebody asks (TRD-10). A build that failed for
 * the network is tried again; one that failed for settings or secrets waits until one of them changes.
 */
export class UniverseBuilds {
  #lookAt: EpochMs | undefined;
  /** The session of which nothing is left to do. */
  #settled: DateText | undefined;
  #tries = 0;
  #nextTryAt: EpochMs | undefined;
  #closed = false;

  constructor(private readonly deps: UniverseBuildsDeps) {}

  /** Each second. */
  tick(): void {
    const now = this.deps.clock.now();
    if (this.#lookAt !== undefined && !isOver(this.#lookAt, LOOK_EACH_MS, now)) return;
    this.#lookAt = plusMs(now, LOOK_EACH_MS);
    if (this.#closed || this.deps.pool.busy) return;
    const nightly = this.deps.nightly();
    const due = nightly === undefined ? undefined : universeDue(now, nightly.afterCloseMin);
    if (due === undefined || due === this.#settled) return;
    if (nightly?.enabled !== true) {
      this.#wait(due);
      return;
    }
    if (this.#nextTryAt !== undefined && !isOver(this.#nextTryAt, AGAIN_MS, now)) return;
    void this.#run(true, due);
  }

  /** A setting or a secret changed: what failed for it is tried again. */
  follow({ type }: RecordedEvent): void {
    if (type === 'ConfigChanged' || type === 'SecretChanged') this.#again();
  }

  /** Somebody asks for a build: answered when it has begun, refused while one runs and without a provider. */
  begin(): Answer {
    if (this.deps.pool.busy) return { ok: false, error: plainErrorOf(alreadyBuilding()) };
    if (this.deps.nightly()?.enabled === false) return { ok: false, error: plainErrorOf(noProvider()) };
    void this.#run(false, undefined);
    return { ok: true, value: { state: 'begun' } };
  }

  /** A build is ended at once: the next one continues where it stopped. */
  close(): Promise<void> {
    this.#closed = true;
    this.deps.pool.cancel(plainErrorOf(ended()));
    return this.deps.pool.close(0);
  }

  /** No provider is enabled: nothing is built, and nothing has failed (TRD-10). */
  #wait(due: DateText): void {
    try {
      this.deps.noteWaiting();
      this.#settle(due);
    } catch (error) {
      this.deps.log.error('that credentials are missing could not be noted', { message: String(error) });
    }
  }

  #again(): void {
    this.#settled = undefined;
    this.#nextTryAt = undefined;
    this.#tries = 0;
  }

  async #run(night: boolean, due: DateText | undefined): Promise<void> {
    const answer = await this.deps.pool.run({ task: 'universe', night });
    if (answer.ok) {
      this.deps.log.info('the universe was built', { outcome: JSON.stringify(answer.value) });
      if (due !== undefined) this.#settled = due;
      return;
    }
    const { error } = answer;
    this.deps.log.error('the universe could not be built', { ...error });
    if (due === undefined || this.#closed) return;
    this.#tries += 1;
    if (FOR_A_PERSON.test(error.code) || this.#tries >= MOST_TRIES) this.#settle(due);
    else this.#nextTryAt = plusMs(this.deps.clock.now(), AGAIN_MS);
  }

  #settle(due: DateText): void {
    this.#again();
    this.#settled = due;
  }
}

function alreadyBuilding(): Error {
  return configError({
    code: 'UNIVERSE_BUILDING',
    message: 'the universe is being built',
    remedy: 'Wait for its end; the page Universe and tradebot universe show say how far it is.',
  });
}

function noProvider(): Error {
  return configError({
    code: 'UNIVERSE_WITHOUT_PROVIDER',
    message: 'no provider of the universe is enabled',
    remedy: 'Enter the credentials of one as the secret screener_api on the page Secrets, then build again.',
  });
}

function ended(): Error {
  return configError({
    code: 'STOPPING',
    message: 'TradeBot is stopping; the build of the universe continues after the next start',
    remedy: 'Start TradeBot again.',
  });
}
