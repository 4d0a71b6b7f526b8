import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { VirtualClock } from '../../../src/adapters/clock/virtual-clock.js';
import { MemoryJournal } from '../../../src/adapters/journal-memory/memory-journal.js';
import { BcryptPasswords } from '../../../src/adapters/passwords/bcrypt-passwords.js';
import { TotpCodes } from '../../../src/adapters/totp/one-time-codes.js';
import { MemorySecondFactors } from '../../support/memory-second-factors.js';
import { MemoryAddressThrottle } from '../../../src/adapters/users/address-throttle.js';
import { systemRandom } from '../../../src/adapters/users/random.js';
import { SqliteResetTokens } from '../../../src/adapters/users/sqlite-reset-tokens.js';
import { SqliteUserStore } from '../../../src/adapters/users/sqlite-user-store.js';
import { AccessService } from '../../../src/app/access/access.js';
import type { AccessServiceParts } from '../../../src/app/access/access-parts.js';
import type { LoginResult } from '../../../src/app/access/login.js';
import type { Principal } from '../../../src/app/access/principal.js';
import type { NewSession } from '../../../src/app/access/sessions.js';
import { UserRecords } from '../../../src/app/access/user-records.js';
import { EventAppender } from '../../../src/app/journal/event-appender.js';
import { ACCESS_DEFAULTS, type AccessSettings } from '../../../src/domain/access/access-settings.js';
import type { Role } from '../../../src/domain/access/roles.js';
import { journalError } from '../../../src/kernel/errors.js';
import { parseBotIdentity } from '../../../src/kernel/identity.js';
import { secret, type Secret } from '../../../src/kernel/secret.js';
import { epochMs, MINUTE_MS, plusMs } from '../../../src/kernel/time.js';
import type { RecordedEvent } from '../../../src/events/event.js';
import type { Mail } from '../../../src/ports/access.js';
import { PASSWORD, request } from './requests.js';

export { PASSWORD, request };

export const START = epochMs(1_381_000_000_000);
export const IDENTITY = parseBotIdentity('DEMO_US_SIM_B01');

/** A bench of its own in a folder of its own: real databases, memory journal, a clock that stands. */
export class AccessBench {
  readonly folder = mkdtempSync(join(tmpdir(), 'tradebot-access-'));
  readonly clock = new VirtualClock(START);
  readonly journal = new MemoryJournal({ clock: this.clock });
  readonly secondFactors = new MemorySecondFactors();
  readonly mails: Mail[] = [];
  readonly mailFaults: unknown[] = [];
  settings: AccessSettings = ACCESS_DEFAULTS;
  /** Set to make the journal unavailable. */
  journalDown = false;
  mailer = {
    isConfigured: true,
    send: async (mail: Mail): Promise<void> => {
      this.mails.push(mail);
    },
  };
  readonly #opened: AccessService[] = [];

  /** Shared by the services of a test: each has read what the others journaled. */
  get records(): UserRecords {
    return (this.#records ??= new UserRecords(this.journal));
  }

  get usersDb(): string {
    return join(this.folder, 'SYSTEM_USERS.db');
  }

  get resetDb(): string {
    return join(this.folder, 'PASSWORD_RESET_TOKENS.db');
  }

  #records: UserRecords | undefined;

  parts(over: Partial<AccessServiceParts> = {}): AccessServiceParts {
    const { clock, journal } = this;
    const appender = new EventAppender({ journal, clock, identity: IDENTITY, actor: 'system:web' });
    return {
      store: new SqliteUserStore(this.usersDb, { create: true }),
      resetTokens: new SqliteResetTokens(this.resetDb),
      passwords: new BcryptPasswords({ cost: 4 }),
      codes: new TotpCodes({ issuer: 'TradeBot', clock }),
      secondFactors: this.secondFactors,
      throttle: new MemoryAddressThrottle(),
      mailer: this.mailer,
      random: systemRandom,
      appender: {
        append: async (...args) => {
          if (this.journalDown) throw away();
          return appender.append(...args);
        },
      },
      journal,
      records: this.records,
      clock,
      personalClock: clock,
      settings: () => this.settings,
      resetLink: (token) => secret(`https://bot.invalid/reset#token=${token.reveal()}`),
      onMailFault: (error) => this.mailFaults.push(error),
      ...over,
    };
  }

  open(over: Partial<AccessServiceParts> = {}): AccessService {
    const service = new AccessService(this.parts(over));
    this.#opened.push(service);
    return service;
  }

  async close(): Promise<void> {
    this.journalDown = false;
    for (const service of this.#opened) await service.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Refusals that were not recorded one by one are counted in the journal then. */
  async anHourLater(access: AccessService): Promise<void> {
    this.clock.advanceTo(plusMs(this.clock.now(), 60 * MINUTE_MS));
    await access.tidy();
  }

  async events(): Promise<readonly RecordedEvent[]> {
    return this.journal.readAll({ limit: 10_000 });
  }

  async types(): Promise<readonly string[]> {
    return (await this.events()).map((event) => event.type);
  }
}

function away(): Error {
  return journalError('stop', { code: 'JOURNAL_STALLED', message: 'the disk is full', remedy: 'Make room.' });
}

export function admittedOf(result: LoginResult): Extract<LoginResult, { readonly ok: true }> {
  if (!result.ok) throw new Error(`refused: ${result.refusal}`);
  return result;
}

export function sessionOf(result: LoginResult): NewSession {
  return admittedOf(result).session;
}

export function newUser(name: string, email: string | null = null, password: Secret = secret(PASSWORD)) {
  return { name, email, password };
}

/** The first admin, logged in. */
export async function withAdmin(
  access: AccessService,
): Promise<{ readonly session: NewSession; readonly by: Principal }> {
  await access.users.registerFirst(newUser('root.admin', 'root@example.org'));
  const session = sessionOf(await access.login(request('root.admin')));
  return { session, by: session.principal };
}

export async function addUser(access: AccessService, by: Principal, name: string, role: Role): Promise<string> {
  return (await access.users.create(by, newUser(name, `${name}@example.org`), role)).userId;
}

/** Of users who replaced the password that an admin chose. */
export const OWN_PASSWORD = 'seven quiet harbours at dawn';

/** Replaces the password that an admin chose; the same session after it. */
export async function withOwnPassword(access: AccessService, name: string): Promise<Principal> {
  const first = sessionOf(await access.login(request(name))).principal;
  const next = secret(OWN_PASSWORD);
  await access.users.changePassword(first, { current: secret(PASSWORD), next, address: 'a', device: null });
  return { ...first, mustChangePassword: false };
}
