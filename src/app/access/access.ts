import { foldAddress, networkOf } from '../../domain/access/address.js';
import { DATABASE_MISSING, type UserDifference } from '../../domain/access/user-difference.js';
import { ACCESS_ACTOR, AccessLog } from './access-log.js';
import type { AccessParts } from './access-parts.js';
import { AttemptBook } from './attempts.js';
import { FreshProofs } from './fresh-proofs.js';
import { LoginService } from './login.js';
import { PasswordResetService } from './password-resets.js';
import type { Principal } from './principal.js';
import { withRecordedUsers } from './recorded-users.js';
import { SecondFactorService } from './second-factor.js';
import { SessionService } from './sessions.js';
import { TokenService } from './tokens.js';
import { UserService } from './users.js';

/** Journaled refusals per address and minute; an attack must not fill the journal. */
const DENIED_RULE = { limit: 30, windowSeconds: 60 };

/** Users, sessions, tokens: everything of SEC-10..14 behind one object. */
export class AccessService {
  readonly users: UserService;
  readonly sessions: SessionService;
  readonly tokens: TokenService;
  readonly secondFactor: SecondFactorService;
  readonly passwordResets: PasswordResetService;
  readonly proofs: FreshProofs;
  readonly #login: LoginService;
  readonly #log: AccessLog;
  readonly #attempts: AttemptBook;

  readonly #stored: AccessParts['store'];
  private readonly parts: AccessParts;

  constructor(own: AccessParts) {
    const parts = { ...own, store: withRecordedUsers(own.store, own.records) };
    const log = new AccessLog(parts);
    this.parts = parts;
    this.#stored = own.store;
    const attempts = new AttemptBook(parts, log);
    const sessions = new SessionService(parts, log);
    const tokens = new TokenService(parts, log, attempts);
    const secondFactor = new SecondFactorService(parts, log);
    const users = new UserService({ parts, log, attempts, sessions, tokens });
    this.#log = log;
    this.#attempts = attempts;
    this.sessions = sessions;
    this.tokens = tokens;
    this.secondFactor = secondFactor;
    this.users = users;
    this.passwordResets = new PasswordResetService({ parts, log, attempts, users });
    this.proofs = new FreshProofs(parts, log, attempts, secondFactor);
    this.#login = new LoginService({ parts, log, attempts, sessions, secondFactor, proofs: this.proofs });
  }

  login: LoginService['login'] = (request) => this.#login.login(request);

  /**
   * Sends events left by a crash or an outage to the journal, so that it matches the database. To be called at start;
   * each login does it too. Throws ACCESS_NOT_JOURNALED.
   */
  async reconcile(): Promise<void> {
    await this.#log.flush();
    await this.parts.records.refresh();
  }

  /** What the users' database has otherwise than the events, the journal being read to its end (SEC-10). */
  async userDifferences(): Promise<readonly UserDifference[]> {
    await this.parts.records.refresh();
    const lost = this.#stored.isPresent() ? [] : [DATABASE_MISSING];
    return [...lost, ...this.parts.records.differences(this.#stored)];
  }

  /** Records a guard's refusal as AccessDenied. `endpoint`: method and route, without parameters. */
  async denied(
    principal: Principal | null,
    refusal: { readonly address: string; readonly endpoint: string; readonly code: string },
  ): Promise<void> {
    const { store, throttle } = this.parts;
    const address = foldAddress(refusal.address);
    const { waitSeconds } = await throttle.take(`denied ${networkOf(address)}`, DENIED_RULE);
    if (waitSeconds > 0) return;
    const { endpoint, code } = refusal;
    const userId = principal?.userId ?? null;
    store.bestEffort(() => {
      const data = { userId, addressId: this.#attempts.addressId(address), endpoint, code };
      this.#log.note(userId, [{ type: 'AccessDenied', data }], { actor: principal?.actor ?? ACCESS_ACTOR });
    });
    await this.#log.flushIfItCan();
  }

  /** Waits for pending mails and closes the databases. */
  async close(): Promise<void> {
    await this.passwordResets.settled();
    await this.#log.flushIfItCan();
    this.parts.store.close();
    this.parts.resetTokens.close();
  }
}
