import { foldAddress, networkOf } from '../../domain/access/address.js';
import { configError } from '../../kernel/errors.js';
import { sha256Hex } from '../../kernel/hash.js';
import { Secret } from '../../kernel/secret.js';
import { MINUTE_MS, plusMs, toUtcText } from '../../kernel/time.js';
import type { StoredUser } from '../../ports/users.js';
import { ACCESS_ACTOR, type AccessEvent, type AccessLog } from './access-log.js';
import type { AccessParts } from './access-parts.js';
import type { AttemptBook } from './attempts.js';
import { hashNewPassword } from './new-password.js';
import type { UserService } from './users.js';

const RESET_MINUTES = 30;
/** Requests per address and hour. */
const RULE = { limit: 10, windowSeconds: 3600 };
const MOST_MAILS_UNDER_WAY = 20;

export interface PasswordResetParts {
  readonly parts: AccessParts;
  readonly log: AccessLog;
  readonly attempts: AttemptBook;
  readonly users: UserService;
}

/** Sets a new password with an emailed one-time token. Never reveals whether an address belongs to a user. */
export class PasswordResetService {
  readonly #underWay = new Set<Promise<void>>();

  constructor(private readonly own: PasswordResetParts) {}

  /**
   * Sends a link to the user of this address, if there is one. The mail is sent after the answer, so that timing
   * reveals nothing. Throws MAIL_NOT_CONFIGURED and RESET_THROTTLED, for every address alike.
   */
  async request(email: string, from: string): Promise<void> {
    const { parts, log, attempts } = this.own;
    if (!parts.mailer.isConfigured) throw noMail();
    const address = foldAddress(from);
    const { waitSeconds } = await parts.throttle.take(`reset ${networkOf(address)}`, RULE);
    if (waitSeconds > 0) throw throttled(waitSeconds);
    const user = parts.store.users.byEmail(email.trim().toLowerCase());
    const wanted = user === undefined || user.disabled ? undefined : user;
    const token = parts.random.token();
    const now = parts.clock.now();
    const expiresAt = toUtcText(plusMs(now, RESET_MINUTES * MINUTE_MS));
    parts.store.atomically(() => {
      const addressId = attempts.addressId(address);
      const event: AccessEvent =
        wanted === undefined
          ? {
              type: 'AccessDenied',
              data: { userId: null, addressId, endpoint: 'password reset', code: 'UNKNOWN_EMAIL' },
            }
          : { type: 'PasswordResetRequested', data: { userId: wanted.userId, expiresAt, addressId } };
      log.note(wanted?.userId ?? null, [event], { actor: ACCESS_ACTOR });
    });
    await log.flush();
    if (wanted === undefined) return;
    parts.resetTokens.put({ tokenHash: hashOf(token), userId: wanted.userId, expiresAt }, toUtcText(now));
    this.#post(wanted, token);
  }

  /**
   * Consumes the token and sets the password; every session of the user ends. Throws BAD_RESET_TOKEN, and the errors of
   * an invalid password, in which case the token stays valid.
   */
  async confirm(token: Secret, password: Secret): Promise<void> {
    const { parts, users, log } = this.own;
    await log.flush();
    const tokenHash = hashOf(token);
    const owner = parts.resetTokens.ownerOf(tokenHash, toUtcText(parts.clock.now()));
    const user = owner === undefined ? undefined : parts.store.users.byId(owner);
    if (user === undefined || user.disabled) throw badToken();
    const about = [user.name, ...(user.email === null ? [] : [user.email])];
    const passwordHash = await hashNewPassword(parts.passwords, password, about);
    // Consumed first: a crash after it costs a second mail, not a second use.
    if (!parts.resetTokens.use(tokenHash, toUtcText(parts.clock.now()))) throw badToken();
    await users.putHash(user, passwordHash, { how: 'by-reset', actor: `user:${user.userId}` });
  }

  /** Resolves when no mail is pending. */
  async settled(): Promise<void> {
    await Promise.all(this.#underWay);
  }

  #post(user: StoredUser, token: Secret): void {
    const { parts } = this.own;
    if (user.email === null) return;
    if (this.#underWay.size >= MOST_MAILS_UNDER_WAY) {
      parts.onMailFault(tooManyMails());
      return;
    }
    const mail = parts.mailer
      .send({ to: user.email, subject: 'TradeBot: password reset', text: textOf(parts.resetLink(token)) })
      .catch((error: unknown) => parts.onMailFault(error))
      .finally(() => this.#underWay.delete(mail));
    this.#underWay.add(mail);
  }
}

function textOf(link: Secret): Secret {
  return new Secret(
    [
      'A password reset was requested for your TradeBot account.',
      '',
      `Open this address within ${RESET_MINUTES} minutes; it works once:`,
      link.reveal(),
      '',
      'If you did not request it, do nothing: your password stays the same.',
      '',
    ].join('\n'),
  );
}

function hashOf(token: Secret): string {
  return sha256Hex(`reset:${token.reveal()}`);
}

function badToken(): Error {
  return configError({
    code: 'BAD_RESET_TOKEN',
    message: 'the password reset link is invalid, used or expired',
    remedy: `Request another link; each is valid for ${RESET_MINUTES} minutes and works once.`,
  });
}

function noMail(): Error {
  return configError({
    code: 'MAIL_NOT_CONFIGURED',
    message: "this bot cannot send mail'",
    remedy: 'Ask an admin to set a new password for you, or to enter the mail server under secrets.',
  });
}

function throttled(seconds: number): Error {
  return configError({
    code: 'RESET_THROTTLED',
    message: 'too many password resets were requested from this address',
    remedy: `Try again in ${seconds} seconds.`,
    details: { retryAfterSeconds: seconds },
  });
}

function tooManyMails(): Error {
  return configError({
    code: 'MAILS_WAITING',
    message: `${MOST_MAILS_UNDER_WAY} mails are waiting for the mail server`,
    remedy: 'Check the mail server; the user may request another link.',
  });
}
