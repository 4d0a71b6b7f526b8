import { sha256Hex } from '../../kernel/hash.js';
import type { Secret } from '../../kernel/secret.js';
import { DAY_MS, isOver, parseUtcText, plusMs, toUtcText } from '../../kernel/time.js';
import type { StoredDevice } from '../../ports/users.js';
import type { AccessParts } from './access-parts.js';

/** A device that was not used to log in for so long is unknown again. Days. */
export const DEVICE_DAYS = 180;
/** Per user; one more replaces the one that was not used the longest. */
const MOST_DEVICES = 20;

/**
 * Browsers in which a user logged in before, known by a random cookie of which only the digest is stored. Nobody else's
 * failures delay the user there. A device is no proof of the user: its own wrong attempts make it unknown.
 */
export class KnownDevices {
  constructor(private readonly parts: Pick<AccessParts, 'store' | 'clock' | 'random'>) {}

  /** The device of a cookie, when this user logged in with it before and it has fewer wrong attempts than `limit`. */
  of(userId: string, cookie: Secret | null, limit: number): StoredDevice | undefined {
    if (cookie === null) return undefined;
    const found = this.parts.store.devices.of(hashOf(cookie), userId);
    if (found === undefined || found.failures >= limit) return undefined;
    const lastsMs = DEVICE_DAYS * DAY_MS;
    return isOver(plusMs(parseUtcText(found.usedAt), lastsMs), lastsMs, this.parts.clock.now()) ? undefined : found;
  }

  /**
   * Within a transaction, after right credentials: the device under a new cookie. A value that the caller chose is never
   * taken over; what other users have under it moves along.
   */
  remember(userId: string, cookie: Secret | null): Secret {
    const { store, clock, random } = this.parts;
    const next = random.token();
    if (cookie !== null) store.devices.rename(hashOf(cookie), hashOf(next));
    const usedAt = toUtcText(clock.now());
    store.devices.put({ deviceHash: hashOf(next), userId, failures: 0, usedAt }, MOST_DEVICES);
    return next;
  }

  /** Within a transaction: counts an attempt before it is checked, or takes it back. */
  count({ deviceHash, userId }: StoredDevice, change: 1 | -1): void {
    const { devices } = this.parts.store;
    const now = devices.of(deviceHash, userId);
    if (now === undefined) return;
    devices.put({ ...now, failures: Math.max(0, now.failures + change) }, MOST_DEVICES);
  }

  /** Within a transaction: every device of the user but that of `keep`. */
  forgetAll(userId: string, keep: Secret | null): void {
    this.parts.store.devices.removeAll(userId, keep === null ? null : hashOf(keep));
  }
}

function hashOf(cookie: Secret): string {
  return sha256Hex(`device:${cookie.reveal()}`);
}
