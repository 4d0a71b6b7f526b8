import { BcryptPasswords } from '../../adapters/passwords/bcrypt-passwords.js';
import { SmtpMailer } from '../../adapters/mail/smtp-mailer.js';
import { TotpCodes } from '../../adapters/totp/one-time-codes.js';
import { VaultSecondFactors } from '../../adapters/totp/vault-second-factors.js';
import { SystemClock } from '../../adapters/clock/system-clock.js';
import { MemoryAddressThrottle } from '../../adapters/users/address-throttle.js';
import { systemRandom } from '../../adapters/users/random.js';
import { SqliteResetTokens } from '../../adapters/users/sqlite-reset-tokens.js';
import { SqliteUserStore } from '../../adapters/users/sqlite-user-store.js';
import { AccessService } from '../../app/access/access.js';
import type { UserRecords } from '../../app/access/user-records.js';
import type { EventAppender } from '../../app/journal/event-appender.js';
import type { AccessSettings } from '../../domain/access/access-settings.js';
import type { BasePaths } from '../../domain/home/home-paths.js';
import { secret } from '../../kernel/secret.js';
import type { Clock } from '../../kernel/time.js';
import type { Passwords } from '../../ports/access.js';
import type { Journal } from '../../ports/journal.js';
import type { SecretReader } from '../../ports/vault.js';
import type { Ask } from '../ipc/messages.js';
import type { WebLog } from './common/web-log.js';

export interface OpenAccessOptions {
  readonly base: BasePaths;
  readonly journal: Journal;
  readonly records: UserRecords;
  readonly appender: EventAppender;
  readonly vault: SecretReader;
  readonly clock: Clock;
  readonly log: WebLog;
  readonly ask: <T>(ask: Ask) => Promise<T>;
  readonly settings: () => AccessSettings;
  /** Where pages of the bot are, such as `http://127.0.0.1:8420`. */
  readonly address: () => string;
  /** Of a lower cost, in tests. */
  readonly passwords?: Passwords;
  /** Another one in tests. */
  readonly personalClock?: Clock;
}

/** Users, sessions and tokens of a home, with everything behind them. Throws what the databases are refused for. */
export function openAccess(options: OpenAccessOptions): AccessService {
  const { base, journal, appender, vault, clock, log, ask, settings, address } = options;
  // A person and the telephone of a person know no scaled clock.
  const personalClock = options.personalClock ?? new SystemClock();
  const store = new SqliteUserStore(base.storage.usersDb);
  try {
    return new AccessService({
      ...{ store, journal, records: options.records, appender, clock, settings },
      resetTokens: new SqliteResetTokens(base.storage.resetTokensDb),
      passwords: options.passwords ?? new BcryptPasswords(),
      personalClock,
      codes: new TotpCodes({ issuer: 'TradeBot', clock: personalClock }),
      secondFactors: new VaultSecondFactors(vault, async (fields) => {
        await ask({ ask: 'worker', task: { task: 'save-secret', name: 'login', fields, actor: 'system:access' } });
      }),
      throttle: new MemoryAddressThrottle(),
      mailer: new SmtpMailer(() => vault.secret('smtp')),
      random: systemRandom,
      resetLink: (token) => secret(`${address()}/app/reset#token=${token.reveal()}`),
      onMailFault: (error) => log.failure({ request: 'mail', code: 'MAIL_NOT_SENT', error }),
    });
  } catch (error) {
    store.close();
    throw error;
  }
}
