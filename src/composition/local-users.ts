import { SystemClock } from '../adapters/clock/system-clock.js';
import { SmtpMailer } from '../adapters/mail/smtp-mailer.js';
import { BcryptPasswords } from '../adapters/passwords/bcrypt-passwords.js';
import { TotpCodes } from '../adapters/totp/one-time-codes.js';
import { VaultSecondFactors } from '../adapters/totp/vault-second-factors.js';
import { MemoryAddressThrottle } from '../adapters/users/address-throttle.js';
import { systemRandom } from '../adapters/users/random.js';
import { SqliteResetTokens } from '../adapters/users/sqlite-reset-tokens.js';
import { SqliteUserStore } from '../adapters/users/sqlite-user-store.js';
import { AccessLog } from '../app/access/access-log.js';
import { AccessService } from '../app/access/access.js';
import { recordUserDifferences } from '../app/access/compare-users.js';
import { acceptUsers, makeAdmin, repairUsers } from '../app/access/repair-users.js';
import { UserRecords } from '../app/access/user-records.js';
import { changeUsers, NO_OUTCOME, type UsersOutcome, type UsersRequest } from '../app/access/user-requests.js';
import { EventAppender } from '../app/journal/event-appender.js';
import { loadSettings } from '../app/settings/load-settings.js';
import { saveSecret } from '../app/settings/save.js';
import { ACCESS_DEFAULTS, accessSettingsOf, type AccessSettings } from '../domain/access/access-settings.js';
import { parseKnownName } from '../domain/access/names.js';
import type { HomePaths } from '../domain/home/home-paths.js';
import type { Actor } from '../events/event.js';
import { TradeBotError } from '../kernel/errors.js';
import type { BotIdentity } from '../kernel/identity.js';
import { secret } from '../kernel/secret.js';
import type { Clock } from '../kernel/time.js';
import type { Journal } from '../ports/journal.js';
import type { Vault } from '../ports/vault.js';

/** A person knows no scaled clock. */
const PERSONAL_CLOCK = new SystemClock();

/** A home whose users a person at the machine changes; the caller opened it, alone or as the worker of its main. */
export interface UsersHome {
  readonly paths: HomePaths;
  readonly identity: BotIdentity;
  readonly journal: Journal;
  readonly vault: Vault;
  readonly clock: Clock;
  readonly versionTag: string;
}

/**
 * Carries out an action on the users of a home. The web process of a running bot reads the same database, and the events by
 * which it follows. Throws what `changeUsers`, `repairUsers` and `acceptUsers` throw, and the errors of the users' database.
 */
export async function carryOutOnUsers(home: UsersHome, request: UsersRequest, actor: Actor): Promise<UsersOutcome> {
  const { journal, clock, identity } = home;
  const records = new UserRecords(journal);
  await records.refresh();
  const appender = new EventAppender({ journal, clock, identity, actor });
  const { action } = request;
  if (action === 'repair' || action === 'accept') return settleUsers(home, { records, appender }, request);
  const access = openAccess(home, { records, appender });
  try {
    return await changeUsers(access, { ...request, action }, { actor, secretOf: secret });
  } finally {
    await access.close();
  }
}

interface Journaling {
  readonly records: UserRecords;
  readonly appender: EventAppender;
}

function openAccess(home: UsersHome, { records, appender }: Journaling): AccessService {
  const { paths, journal, vault, clock, versionTag } = home;
  const store = new SqliteUserStore(paths.storage.usersDb);
  try {
    return new AccessService({
      ...{ store, journal, records, appender, clock, settings: () => settingsOf(home) },
      resetTokens: new SqliteResetTokens(paths.storage.resetTokensDb),
      passwords: new BcryptPasswords(),
      personalClock: PERSONAL_CLOCK,
      codes: new TotpCodes({ issuer: 'TradeBot', clock: PERSONAL_CLOCK }),
      secondFactors: new VaultSecondFactors(vault, async (fields) => {
        const deps = { vault, journal, appender, clock, versionTag };
        await saveSecret(deps, 'login', fields, { actor: 'system:access', reason: 'a second factor was removed' });
      }),
      throttle: new MemoryAddressThrottle(),
      mailer: new SmtpMailer(() => vault.secret('smtp')),
      random: systemRandom,
      resetLink: (token) => token,
      onMailFault: () => undefined,
    });
  } catch (error) {
    store.close();
    throw error;
  }
}

/** Invalid settings lock nobody out: they are corrected by a user (RUN-12). */
function settingsOf({ vault, versionTag }: UsersHome): AccessSettings {
  try {
    return accessSettingsOf(loadSettings(vault, versionTag));
  } catch (error) {
    if (error instanceof TradeBotError) return ACCESS_DEFAULTS;
    throw error;
  }
}

async function settleUsers(
  { paths, journal, clock }: UsersHome,
  { records, appender }: Journaling,
  { action, name, reason }: UsersRequest,
): Promise<UsersOutcome> {
  const admin = name === null ? undefined : parseKnownName(name);
  const why = reason ?? '';
  const store = new SqliteUserStore(paths.storage.usersDb, { create: admin !== undefined });
  try {
    const parts = { store, clock, random: systemRandom, records, appender };
    const log = new AccessLog(parts);
    // the database keeps an admin at all times: the new one comes before the others are changed
    const password = admin === undefined ? null : systemRandom.recoveryCode();
    if (admin !== undefined && password !== null) {
      const passwordHash = await new BcryptPasswords().hash(password);
      await makeAdmin(parts, log, { name: admin, passwordHash, reason: why });
    }
    const differences = await (action === 'repair' ? repairUsers : acceptUsers)(parts, log, why);
    await recordUserDifferences({ journal, appender }, records.differences(store));
    return { ...NO_OUTCOME, differences, password: password?.reveal() ?? null };
  } finally {
    store.close();
  }
}
