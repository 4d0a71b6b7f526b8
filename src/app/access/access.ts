import { DATABASE_MISSING, type UserDifference } from '../../domain/access/user-difference.js';
import { AccessLog } from './access-log.js';
import type { AccessServiceParts } from './access-parts.js';
import { AttemptBook } from './attempts.js';
import { KnownDevices } from './devices.js';
import { FreshProofs } from './fresh-proofs.js';
import { LoginService } from './login.js';
import { PasswordResetService } from './password-resets.js';
import type { Principal } from './principal.js';
import { Proofs } from './proofs.js';
import { withRecordedUsers } from './recorded-users.js';
import { Refusals } from './refusals.js';
import { SecondFactorService } from './second-factor.js';
import { SessionService } from './sessions.js';
import { TokenService } from './tokens.js';
import { UserService } from './users.js';

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
  readonly #refusals: Refusals;

  readonly #stored: AccessServiceParts['store'];
  private readonly parts: AccessServiceParts;

  constructor(own: AccessServiceParts) {
    const parts = { ...own, store: withRecordedUsers(own.store, own.records) };
    const log = new AccessLog(parts);
    this.parts = parts;
    this.#stored = own.store;
    const refusals = new Refusals(parts, log);
    const devices = new KnownDevices(parts);
    const attempts = new AttemptBook({ parts, devices, refusals });
    const sessions = new SessionService(parts, log, devices);
    const { tokens: tokenTable, users: userTable } = parts.store;
    const checks = { ...parts, tokens: tokenTable, users: userTable };
    const proofs = new Proofs({ parts, checks, log, attempts, refusals, sessions });
    const tokens = new TokenService(parts, log, proofs, refusals);
    const secondFactor = new SecondFactorService(parts, log, proofs);
    const passwordOf: Proofs['password'] = (...shown) => proofs.password(...shown);
    const users = new UserService({ parts, log, attempts, devices, passwordOf, sessions, tokens });
    this.#log = log;
    this.#attempts = attempts;
    this.#refusals = refusals;
    this.sessions = sessions;
    this.tokens = tokens;
    this.secondFactor = secondFactor;
    this.users = users;
    this.passwordResets = new PasswordResetService({ parts, log, proofs, refusals, users });
    this.proofs = new FreshProofs(parts, proofs);
    const fresh = this.proofs;
    this.#login = new LoginService({ parts, log, proofs, fresh, devices, refusals, sessions });
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

  /** The users' database was made again under this service, as by `tradebot users repair`: open another one. */
  get isReplaced(): boolean {
    return this.#stored.isReplaced();
  }

  /** Records a guard's refusal as AccessDenied. `endpoint`: method and route, without parameters. */
  async denied(
    principal: Principal | null,
    refusal: { readonly address: string; readonly endpoint: string; readonly code: string },
  ): Promise<void> {
    const causedBy = principal?.userId ?? null;
    this.parts.store.bestEffort(() => this.#refusals.note({ userId: causedBy, ...refusal }, causedBy));
    await this.#log.flushIfItCan();
  }

  /** Records what was counted of refusals, and deletes what is too old to matter. To be called periodically. */
  async tidy(): Promise<void> {
    this.#attempts.tidy();
    this.#refusals.tidy();
    this.#refusals.recordCounts();
    await this.#log.flushIfItCan();
  }

  /** Waits for pending mails and closes the databases. */
  async close(): Promise<void> {
    await this.passwordResets.settled();
    this.#refusals.recordCounts(true);
    await this.#log.flushIfItCan();
    this.parts.store.close();
    this.parts.resetTokens.close();
  }
}
