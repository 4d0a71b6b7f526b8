import type { DiskReserve } from '../../adapters/files/disk-reserve.js';
import { isClosing } from '../../domain/lifecycle/bot-state.js';
import type { ChildDeath } from './child-supervisor.js';
import type { MainHome } from './main-home.js';

export interface ReserveKeeperDeps {
  readonly reserve: DiskReserve;
  readonly home: Pick<MainHome, 'settled' | 'state' | 'openPositions'>;
  /** A stop or kill has no outcome yet. */
  readonly haltOpen: () => boolean;
}

/** Seconds between looks whether the reserve is whole. */
const LOOK_EVERY_S = 15;

/** Releases the space that is set aside on the disk when an engine needs it, and sets it aside again. */
export class ReserveKeeper {
  #seconds = 0;

  constructor(private readonly deps: ReserveKeeperDeps) {}

  /** For the health of main. */
  get figures(): Readonly<Record<string, string>> {
    const { home, reserve } = this.deps;
    return home.settled ? { reserve: reserve.isWhole ? 'ready' : 'missing' } : {};
  }

  /** It should be whole by now, and is not. */
  get isMissing(): boolean {
    const { home, reserve } = this.deps;
    return home.settled && this.#seconds > 2 * LOOK_EVERY_S && !reserve.isWhole;
  }

  /** The successor must be able to record what it does: a halt and its closing orders, or the exits of open positions. */
  engineDied({ end, outage }: ChildDeath): void {
    if (!outage || end.lastWord?.error.code !== 'JOURNAL_STALLED') return;
    const { home, reserve, haltOpen } = this.deps;
    if (haltOpen() || isClosing(home.state)) reserve.release('halt');
    else if (home.openPositions().length > 0) reserve.release('exits');
  }

  /** Each second. What a halt was given is its own until it has closed everything. */
  tick(): void {
    const { home, reserve } = this.deps;
    this.#seconds += 1;
    if (this.#seconds % LOOK_EVERY_S === 1 && home.settled && !isClosing(home.state)) void reserve.make();
  }
}
