import { configError, type TradeBotError } from '../../kernel/errors.js';
import { sha256Hex } from '../../kernel/hash.js';
import { isOver, MINUTE_MS, plusMs, type EpochMs } from '../../kernel/time.js';
import type { Secret } from '../../kernel/secret.js';
import type { StoredUser } from '../../ports/users.js';
import type { AccessLog } from './access-log.js';
import type { AccessParts } from './access-parts.js';
import type { Principal } from './principal.js';
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

/** The proof of a second factor, before it is consumed. */
export type Proof = { readonly step: number } | { readonly recoveryHash: string };

/** TOTP for any user (SEC-11). The secret is in the vault, never in the database. */
export class SecondFactorService {
  /** In memory only: before the confirmation nothing depends on it. */
  readonly #enrolments = new Map<string, { readonly secret: Secret; readonly until: EpochMs }>();

  constructor(
    private readonly parts: AccessParts,
    private readonly log: AccessLog,
  ) {}

  /** Throws SECOND_FACTOR_ON when one is already active. */
  begin(by: Principal): Enrolment {
    const { store, codes, clock } = this.parts;
    const user = knownUser(store, by.userId);
    if (user.secondFactor)
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
   */
  async confirm(by: Principal, code: string): Promise<readonly Secret[]> {
    const { store, codes, clock, secondFactors, random } = this.parts;
    const { userId } = by;
    const enrolment = this.#enrolments.get(userId);
    if (enrolment === undefined || isOver(enrolment.until, ENROLMENT_MS, clock.now())) {
      throw refused(
        'NO_ENROLMENT',
        'no second factor is waiting for confirmation',
        'Start again and confirm within ten minutes.',
      );
    }
    const step = codes.stepOf(enrolment.secret, code);
    if (step === undefined) throw badCode();
    await secondFactors.set(userId, enrolment.secret);
    const recovery = Array.from({ length: RECOVERY_CODES }, () => random.recoveryCode());
    store.atomically(() => {
      store.users.change(userId, { secondFactor: true, codeStep: step });
      store.users.setRecoveryCodes(userId, recovery.map(recoveryHash));
      this.#note(userId, true, by);
    });
    this.#enrolments.delete(userId);
    await this.log.flush();
    return recovery;
  }

  /** By the user, after a fresh proof; a code that is given has to be right. Throws SECOND_FACTOR_OFF, BAD_SECOND_FACTOR. */
  async disable(by: Principal, code: string | null): Promise<void> {
    const user = knownUser(this.parts.store, by.userId);
    if (!user.secondFactor) throw off();
    const proof = code === null ? undefined : this.proofOf(user, code);
    await this.#off(user.userId, by, () => code === null || (proof !== undefined && this.use(user.userId, proof)));
  }

  /** By an admin, for a user who lost the phone and the recovery codes. */
  async remove(by: Principal, userId: string): Promise<void> {
    if (!knownUser(this.parts.store, userId).secondFactor) throw off();
    await this.#off(userId, by, () => true);
  }

  recoveryCodesLeft(userId: string): number {
    return this.parts.store.users.recoveryCodesLeft(userId);
  }

  /** The proof of a code; undefined for a wrong one. Consumes nothing. */
  proofOf(user: StoredUser, code: string): Proof | undefined {
    const secret = this.parts.secondFactors.get(user.userId);
    const step = secret === undefined ? undefined : this.parts.codes.stepOf(secret, code);
    if (step !== undefined) return { step };
    return code.includes('-') ? { recoveryHash: recoveryHashOf(code) } : undefined;
  }

  /** Within `store.atomically`: true for one caller only. */
  use(userId: string, proof: Proof): boolean {
    const { users } = this.parts.store;
    return 'step' in proof ? users.useCodeStep(userId, proof.step) : users.useRecoveryCode(userId, proof.recoveryHash);
  }

  /** Off in the database first: an unused secret does no harm, a missing one would lock the user out. */
  async #off(userId: string, by: Principal, proven: () => boolean): Promise<void> {
    const { store, secondFactors } = this.parts;
    store.atomically(() => {
      if (!proven()) throw badCode();
      store.users.change(userId, { secondFactor: false });
      store.users.setRecoveryCodes(userId, []);
      this.#note(userId, false, by);
    });
    await this.log.flush();
    // It is already off; the remaining secret is encrypted, unused, and replaced by the next enrolment.
    await secondFactors.set(userId, null).catch(() => undefined);
  }

  #note(userId: string, enabled: boolean, by: Principal): void {
    this.log.note(userId, [{ type: 'SecondFactorChanged', data: { userId, enabled } }], { actor: by.actor });
  }
}

function recoveryHash(code: Secret): string {
  return recoveryHashOf(code.reveal());
}

function recoveryHashOf(code: string): string {
  return sha256Hex(`recovery:${code.trim().toLowerCase()}`);
}

/** The refusal of a code of the second factor. */
export function badCode(): TradeBotError {
  return refused(
    'BAD_SECOND_FACTOR',
    'the code is wrong, or was already used',
    'Wait for the next code and try again.',
  );
}

function off(): Error {
  return refused('SECOND_FACTOR_OFF', 'no second factor is active', 'Enrol one first.');
}

function refused(code: string, message: string, remedy: string): TradeBotError {
  return configError({ code, message, remedy });
}
