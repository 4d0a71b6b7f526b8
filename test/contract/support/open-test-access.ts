import { join } from 'node:path';
import { SqliteJournal } from '../../../src/adapters/journal-sqlite/sqlite-journal.js';
import { BcryptPasswords } from '../../../src/adapters/passwords/bcrypt-passwords.js';
import { TotpCodes } from '../../../src/adapters/totp/one-time-codes.js';
import { MemorySecondFactors } from '../../support/memory-second-factors.js';
import { MemoryAddressThrottle } from '../../../src/adapters/users/address-throttle.js';
import { systemRandom } from '../../../src/adapters/users/random.js';
import { SqliteResetTokens } from '../../../src/adapters/users/sqlite-reset-tokens.js';
import { SqliteUserStore } from '../../../src/adapters/users/sqlite-user-store.js';
import { AccessService } from '../../../src/app/access/access.js';
import { UserRecords } from '../../../src/app/access/user-records.js';
import { EventAppender } from '../../../src/app/journal/event-appender.js';
import { ACCESS_DEFAULTS } from '../../../src/domain/access/access-settings.js';
import type { AppendedEvent } from '../../../src/events/event.js';
import { parseBotIdentity } from '../../../src/kernel/identity.js';
import { secret } from '../../../src/kernel/secret.js';
import type { Clock } from '../../../src/kernel/time.js';

export interface TestAccessOptions {
  readonly clock: Clock;
  readonly attemptLimit?: number;
  readonly aroundAppend?: (append: () => Promise<readonly AppendedEvent[]>) => Promise<readonly AppendedEvent[]>;
}

/** Users over the real databases and the real journal of a folder, as one process has them. */
export function openTestAccess(folder: string, { clock, attemptLimit = 10, aroundAppend }: TestAccessOptions) {
  const journal = SqliteJournal.open({ path: join(folder, 'journal.db'), clock, busyTimeoutMs: 60_000 });
  const identity = parseBotIdentity('DEMO_US_SIM_B01');
  const appender = new EventAppender({ journal, clock, identity, actor: 'system:web' });
  const store = new SqliteUserStore(join(folder, 'SYSTEM_USERS.db'), { create: true });
  const access = new AccessService({
    ...{ store, journal, clock, personalClock: clock, records: new UserRecords(journal) },
    resetTokens: new SqliteResetTokens(join(folder, 'PASSWORD_RESET_TOKENS.db')),
    passwords: new BcryptPasswords({ cost: 4 }),
    codes: new TotpCodes({ issuer: 'TradeBot', clock }),
    secondFactors: new MemorySecondFactors(),
    throttle: new MemoryAddressThrottle(),
    mailer: { isConfigured: false, send: async () => undefined },
    random: systemRandom,
    appender: {
      append: (...args) => {
        const append = () => appender.append(...args);
        return aroundAppend === undefined ? append() : aroundAppend(append);
      },
    },
    settings: () => ({ ...ACCESS_DEFAULTS, attemptLimit }),
    resetLink: (token) => secret(token.reveal()),
    onMailFault: () => undefined,
  });
  const close = async (): Promise<void> => {
    await access.close();
    await journal.close();
  };
  return { access, journal, store, close };
}
