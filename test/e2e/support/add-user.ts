import { SystemClock } from '../../../src/adapters/clock/system-clock.js';
import { SqliteJournal } from '../../../src/adapters/journal-sqlite/sqlite-journal.js';
import { BcryptPasswords } from '../../../src/adapters/passwords/bcrypt-passwords.js';
import { FileVault } from '../../../src/adapters/vault/file-vault.js';
import type { Principal } from '../../../src/app/access/principal.js';
import { UserRecords } from '../../../src/app/access/user-records.js';
import { EventAppender } from '../../../src/app/journal/event-appender.js';
import { ACCESS_DEFAULTS } from '../../../src/domain/access/access-settings.js';
import type { Role } from '../../../src/domain/access/roles.js';
import { secret } from '../../../src/kernel/secret.js';
import { epochMs } from '../../../src/kernel/time.js';
import { openAccess } from '../../../src/processes/web/open-access.js';
import type { ProvisionedHome } from '../../support/provision.js';
import { PASSWORD } from './live-bot.js';

/** The first user of a home that was set up in this process: anna, an admin; then the others, who have the same password. */
export async function addUser(
  { paths, base, identity }: ProvisionedHome,
  others: readonly { readonly name: string; readonly role: Role }[] = [],
): Promise<void> {
  const journal = SqliteJournal.open({ path: paths.storage.journalDb, clock: { now: () => epochMs(0) } });
  const clock = new SystemClock();
  const access = openAccess({
    ...{ base, journal, clock, records: new UserRecords(journal) },
    appender: new EventAppender({ journal, clock, identity, actor: 'system:web' }),
    vault: new FileVault({ paths: paths.storage, clock, masterKeyFile: null }),
    log: { request: () => undefined, failure: () => undefined, note: () => undefined },
    ask: () => Promise.reject(new Error('nobody is asked')),
    settings: () => ACCESS_DEFAULTS,
    address: () => 'http://127.0.0.1:1',
    passwords: new BcryptPasswords({ cost: 4 }),
  });
  try {
    const anna = await access.users.registerFirst({ name: 'anna', email: null, password: secret(PASSWORD) });
    const { userId } = anna;
    const by: Principal = {
      ...{ kind: 'session', userId, name: 'anna', role: 'admin', ref: 'first' },
      ...{ ownRole: 'admin', mustEnrolSecondFactor: false, mustChangePassword: false, actor: `user:${userId}` },
    };
    for (const { name, role } of others) {
      await access.users.create(by, { name, email: null, password: secret(PASSWORD) }, role);
    }
  } finally {
    await access.close();
    await journal.close();
  }
}
