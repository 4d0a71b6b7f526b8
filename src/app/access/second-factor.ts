import { configError } from '../../kernel/errors.js';
import { isOver, MINUTE_MS, plusMs, type EpochMs } from '../../kernel/time.js';
import type { Secret } from '../../kernel/secret.js';
import type { AccessLog } from './access-log.js';
import type { AccessParts } from './access-parts.js';
import { refuseWithoutAuthority } from './authority.js';
import type { Principal } from './principal.js';
import type { Proofs } from './proofs.js';
import { recoveryCodeHash } from './secret-hashes.js';
import { knownUser } from './known-user.js';

const RECOVERY_CODES = 10;
/** An unconfirmed enrolment expires. */
const ENROLMENT_MS = 10 * MINUTE_MS;
const MOST_ENROLMENTS = 100;

export interface Enrolment {
  /** Typed into an authenticator app. */
  readonly secret: Secret;
  /** The same as `otpauth://` address, for a QR code. */
  readonly uri: Secret;
}

/** TOTP for any user (SEC-11). The secret is in the vault, never in the database. */
export class SecondFactorService {
  /** In memory only: before the confirmation nothing depends on it. */
  readonly #enrolments = new Map<string, { readonly secret: Secret; readonly until: EpochMs }>();

  /** Users whose confirmed secret is being stored. */
  readonly #storing = new Set<string>();

  constructor(
    private readonly parts: AccessParts,
    private readonly log: AccessLog,
    private readonly proofs: Proofs,
  ) {}

  /** Throws SECOND_FACTOR_ON when one is already active. */
  begin(by: Principal): Enrolment {
    const { store, codes, clock } = this.parts;
    const user = knownUser(store, by.userId);
    if (user.secondFactor || this.#storing.has(user.userId))
      throw refused('SECOND_FACTOR_ON', 'a second factor is already active', 'Switch it off first.');
    const secret = codes.newSecret();
    this.#enrolments.delete(user.userId);
    this.#enrolments.set(user.userId, { secret, until: plusMs(clock.now(), ENROLMENT_MS) });
    for (const old of [...this.#enrolments.keys()].slice(0, -MOST_ENROLMENTS)) this.#enrolments.delete(old);
    return { secret, uri: codes.uri(secret, user.name) };
  }

  /**
   * The first code proves that the app has the secret. Returns the recovery codes, once. Throws NO_ENROLMENT,
   * BAD_SECOND_FACTOR. The secret is stored before the user needs it: a crash in between leaves one that is never used.
   * One enrolment confirms once: of parallel calls one succeeds.
   */
  async confirm(by: Principal, code: string, address: string): Promise<readonly Secret[]> {
    const { store, clock, random } = this.parts;
    const { userId } = by;
    if (knownUser(store, userId).secondFactor) throw noEnrolment();
    const enrolment = this.#enrolments.get(userId);
    if (enrolment === undefined || isOver(enrolment.until, ENROLMENT_MS, clock.now())) {
      throw noEnrolment();
    }
    const step = await this.proofs.firstCode(by, enrolment.secret, code, address);
    if (!this.#enrolments.delete(userId)) throw noEnrolment();
    await this.#store(userId, enrolment);
    const recovery = Array.from({ length: RECOVERY_CODES }, () => random.recoveryCode());
    store.atomically(() => {
      store.users.change(userId, { secondFactor: true, codeStep: step });
      store.users.setRecoveryCodes(
        userId,
        recovery.map((one) => recoveryCodeHash(one.reveal())),
      );
      this.#note(userId, true, by);
    });
    await this.log.flush();
    return recovery;
  }

  /** By the user, after a fresh proof; a code that is given has to be right. Throws SECOND_FACTOR_OFF, BAD_SECOND_FACTOR. */
  async disable(by: Principal, code: string | null, address: string): Promise<void> {
    if (!knownUser(this.parts.store, by.userId).secondFactor) throw off();
    if (code === null) this.parts.store.atomically(() => this.#switchOff(by.userId, by));
    else await this.proofs.code(by, code, address, ({ userId }) => this.#switchOff(userId, by));
    await this.#settleOff(by.userId);
  }

  /** By an admin, for a user who lost the phone and the recovery codes. Throws NO_LONGER_ALLOWED, SECOND_FACTOR_OFF. */
  async remove(by: Principal, userId: string): Promise<void> {
    const { store } = this.parts;
    store.atomically(() => {
      refuseWithoutAuthority(store, by);
      if (!knownUser(store, userId).secondFactor) throw off();
      this.#switchOff(userId, by);
    });
    await this.#settleOff(userId);
  }

  recoveryCodesLeft(userId: string): number {
    return this.parts.store.users.recoveryCodesLeft(userId);
  }

  /** An enrolment whose secret was not stored can be confirmed again. */
  async #store(userId: string, enrolment: { readonly secret: Secret; readonly until: EpochMs }): Promise<void> {
    this.#storing.add(userId);
    try {
      await this.parts.secondFactors.set(userId, enrolment.secret);
    } catch (error) {
      this.#enrolments.set(userId, enrolment);
      throw error;
    } finally {
      this.#storing.delete(userId);
    }
  }

  /** Within a transaction. Off in the database first: an unused secret does no harm, a missing one would lock the user out. */
  #switchOff(userId: string, by: Principal): void {
    const { users } = this.parts.store;
    users.change(userId, { secondFactor: false });
    users.setRecoveryCodes(userId, []);
    this.#note(userId, false, by);
  }

  async #settleOff(userId: string): Promise<void> {
    await this.log.flush();
    // It is already off; the remaining secret is encrypted, unused, and replaced by the next enrolment.
    await this.parts.secondFactors.set(userId, null).catch(() => undefined);
  }

  #note(userId: string, enabled: boolean, by: Principal): void {
    this.log.note(userId, [{ type: 'SecondFactorChanged', data: { userId, enabled } }], { actor: by.actor });
  }
}

function noEnrolment(): Error {
  return refused(
    'NO_ENROLMENT',
    'no second factor is waiting for confirmation',
    'Start again and confirm within ten minutes.',
  );
}

function off(): Error {
  return refused('SECOND_FACTOR_OFF', 'no second factor is active', 'Enrol one first.');
}

function refused(code: string, message: string, remedy: string): Error {
  return configError({ code, message, remedy });
}
