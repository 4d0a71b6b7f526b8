import { foldAddress } from '../../domain/access/address.js';
import { configError } from '../../kernel/errors.js';
import { Secret } from '../../kernel/secret.js';
import { MINUTE_MS, plusMs, toUtcText } from '../../kernel/time.js';
import type { StoredUser } from '../../ports/users.js';
import { ACCESS_ACTOR, type AccessEvent, type AccessLog } from './access-log.js';
import type { AccessParts } from './access-parts.js';
import { hashNewPassword } from './new-password.js';
import type { Proofs } from './proofs.js';
import type { Refusals } from './refusals.js';
import { resetTokenHash } from './secret-hashes.js';
import type { UserService } from './users.js';

const RESET_MINUTES = 30;
/** Links per user: more requests mail none, and the last link stays valid. */
const RULE = { limit: 1, windowSeconds: 300 };
const MOST_MAILS_UNDER_WAY = 20;

export interface PasswordResetParts {
  readonly parts: AccessParts;
  readonly log: AccessLog;
  readonly proofs: Proofs;
  readonly refusals: Refusals;
  readonly users: UserService;
}

/** Sets a new password with an emailed one-time token. Never reveals whether an address belongs to a user. */
export class PasswordResetService {
  readonly #underWay = new Set<Promise<void>>();

  constructor(private readonly own: PasswordResetParts) {}

  /**
   * Sends a link to the user of this address, if there is one. The mail is sent after the answer, so that timing
   * reveals nothing. A stranger who asks for it again and again neither stops the mail nor ends a link that the user has
   * got. Throws MAIL_NOT_CONFIGURED, for every address alike.
   */
  async request(email: string, from: string): Promise<void> {
    const { parts, log, refusals } = this.own;
    if (!parts.mailer.isConfigured) throw noMail();
    const address = foldAddress(from);
    const user = parts.store.users.byEmail(email.trim().toLowerCase());
    const wanted = user === undefined || user.disabled ? undefined : user;
    if (wanted !== undefined) {
      const { waitSeconds } = await parts.throttle.take(`reset ${wanted.userId}`, RULE);
      if (waitSeconds > 0) {
        refusals.count();
        return;
      }
    }
    const token = parts.random.token();
    const now = parts.clock.now();
    const expiresAt = toUtcText(plusMs(now, RESET_MINUTES * MINUTE_MS));
    parts.store.atomically(() => {
      if (wanted === undefined) {
        refusals.note({ userId: null, address, endpoint: 'password reset', code: 'UNKNOWN_EMAIL' }, null);
        return;
      }
      if (!refusals.takeOfStrangers(`reset ${wanted.userId}`)) return;
      const { userId } = wanted;
      const event: AccessEvent = {
        type: 'PasswordResetRequested',
        data: { userId, expiresAt, addressId: refusals.addressId(address) },
      };
      log.note(userId, [event], { actor: ACCESS_ACTOR });
    });
    await log.flush();
    if (wanted === undefined) return;
    parts.resetTokens.put({ tokenHash: resetTokenHash(token), userId: wanted.userId, expiresAt }, toUtcText(now));
    this.#post(wanted, token);
  }

  /**
   * Consumes the token and sets the password; every session of the user ends. Throws BAD_RESET_TOKEN, and the errors of
   * an invalid password, in which case the token stays valid.
   */
  async confirm(token: Secret, password: Secret, from: string): Promise<void> {
    const { parts, users, log, proofs } = this.own;
    await log.flush();
    const user = await proofs.resetToken(token, from);
    const about = [user.name, ...(user.email === null ? [] : [user.email])];
    const passwordHash = await hashNewPassword(parts.passwords, password, about);
    // Consumed first: a crash after it costs a second mail, not a second use.
    proofs.useResetToken(token);
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

function noMail(): Error {
  return configError({
    code: 'MAIL_NOT_CONFIGURED',
    message: 'this bot cannot send mail',
    remedy: 'Ask an admin to set a new password for you, or to enter the mail server under secrets.',
  });
}

function tooManyMails(): Error {
  return configError({
    code: 'MAILS_WAITING',
    message: `${MOST_MAILS_UNDER_WAY} mails are waiting for the mail server`,
    remedy: 'Check the mail server; the user may request another link.',
  });
}
