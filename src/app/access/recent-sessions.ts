import type { AccessSettings } from '../../domain/access/access-settings.js';
import { sha256Hex } from '../../kernel/hash.js';
import type { EpochMs } from '../../kernel/time.js';
import type { AccessParts } from './access-parts.js';
import type { Principal } from './principal.js';
import type { SessionHalves } from './session-halves.js';

/** What a session that was let in followed from. */
export interface Standing {
  /** Of the users' database and the records of users, before they were read. */
  readonly stand: number;
  readonly settings: AccessSettings;
  /** The time at which it was judged, and the one from which it has to be judged again. */
  readonly from: EpochMs;
  readonly until: EpochMs;
}

/** A session that was let in. */
export interface Admission {
  readonly principal: Principal;
  readonly standing: Standing;
}

const MOST_KEPT = 256;

/**
 * Sessions that were let in, so that the next request of one reads no row. An admission counts only while nothing that it
 * followed from has changed: any commit to the users' database by whichever process, an event of users, the settings of
 * access, or the time is enough to judge the session again. Kept in memory by a digest of both halves.
 */
export class RecentSessions {
  readonly #kept = new Map<string, Admission>();

  constructor(private readonly parts: Pick<AccessParts, 'store' | 'settings' | 'clock'>) {}

  /** To be read before the session is. */
  standing(): Pick<Standing, 'stand' | 'settings'> {
    return { stand: this.parts.store.stand(), settings: this.parts.settings() };
  }

  recall(halves: SessionHalves): Principal | undefined {
    const key = keyOf(halves);
    const kept = this.#kept.get(key);
    if (kept === undefined) return undefined;
    if (this.#holds(kept.standing)) return kept.principal;
    this.#kept.delete(key);
    return undefined;
  }

  keep(halves: SessionHalves, admission: Admission): void {
    this.#kept.set(keyOf(halves), admission);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > MOST_KEPT && oldest !== undefined) this.#kept.delete(oldest);
  }

  #holds({ stand, settings, from, until }: Standing): boolean {
    const now = this.parts.clock.now();
    return now >= from && now < until && settings === this.parts.settings() && stand === this.parts.store.stand();
  }
}

/** A line feed is in neither half, so no two pairs have the same text. */
function keyOf({ sessionId, csrfToken }: SessionHalves): string {
  return sha256Hex(`${sessionId.reveal()}\n${csrfToken}`);
}
