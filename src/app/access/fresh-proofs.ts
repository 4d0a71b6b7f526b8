import { FRESH_PROOF_MINUTES, isFresh, type GivenProof } from '../../domain/access/fresh-proof.js';
import { configError, type TradeBotError } from '../../kernel/errors.js';
import type { AccessParts } from './access-parts.js';
import type { Principal } from './principal.js';
import type { Proofs, ShownInSession } from './proofs.js';

/** Of all users together; a session beyond proves again. */
const MOST_PROOFS = 2_000;

/** What a person shows of the secrets of the account. */
export interface ShownProof extends ShownInSession {
  /** Network address of the caller. */
  readonly address: string;
}

/**
 * Which sessions proved password and second factor in the last minutes: what decides over access needs that (SEC-13).
 * In memory and by the time of people: after a restart, and when in doubt, the person proves again.
 */
export class FreshProofs {
  readonly #given = new Map<string, GivenProof>();

  constructor(
    private readonly parts: AccessParts,
    private readonly proofs: Pick<Proofs, 'again'>,
  ) {}

  /** A log-in is a proof of its session. */
  loggedIn(sessionRef: string, withCode: boolean): void {
    this.#keep(sessionRef, withCode);
  }

  /** The session has just confirmed a new second factor: it needs no other code for the time of its proof. */
  codeConfirmed({ ref }: Principal): void {
    const given = this.#given.get(ref);
    if (given !== undefined) this.#given.set(ref, { ...given, withCode: true });
  }

  /** A personal access token never has a proof. */
  isFresh({ kind, userId, ref }: Principal): boolean {
    if (kind !== 'session') return false;
    const secondFactor = this.parts.store.users.byId(userId)?.secondFactor ?? true;
    return isFresh(this.#given.get(ref), secondFactor, this.parts.personalClock.now());
  }

  /** Throws FRESH_PROOF_NEEDED. */
  require(by: Principal): void {
    if (!this.isFresh(by)) throw proofNeeded();
  }

  /** Throws WRONG_PASSWORD, SECOND_FACTOR_NEEDED, BAD_SECOND_FACTOR, and SESSION_ENDED after too many. */
  async prove(by: Principal, shown: ShownProof): Promise<void> {
    const user = await this.proofs.again(by, shown, shown.address);
    this.#keep(by.ref, user.secondFactor);
  }

  /** Oldest out first: a map keeps the order of insertion. */
  #keep(sessionRef: string, withCode: boolean): void {
    this.#given.delete(sessionRef);
    this.#given.set(sessionRef, { at: this.parts.personalClock.now(), withCode });
    for (const old of [...this.#given.keys()].slice(0, -MOST_PROOFS)) this.#given.delete(old);
  }
}

function proofNeeded(): TradeBotError {
  return configError({
    code: 'FRESH_PROOF_NEEDED',
    message: `this change needs your password again: it was last entered more than ${FRESH_PROOF_MINUTES} minutes ago`,
    remedy: 'Enter your password, and the code of your second factor if you use one; then repeat the change.',
  });
}
