import { existsSync } from 'node:fs';
import { Argument, type Command } from 'commander';
import { lockHome } from '../../../adapters/home/home-lock.js';
import { BcryptPasswords } from '../../../adapters/passwords/bcrypt-passwords.js';
import { systemRandom } from '../../../adapters/users/random.js';
import { SqliteUserStore } from '../../../adapters/users/sqlite-user-store.js';
import { AccessLog } from '../../../app/access/access-log.js';
import { acceptUsers, makeAdmin, repairUsers } from '../../../app/access/repair-users.js';
import { recordUserDifferences } from '../../../app/access/compare-users.js';
import { UserRecords } from '../../../app/access/user-records.js';
import { EventAppender } from '../../../app/journal/event-appender.js';
import { parseKnownName } from '../../../domain/access/names.js';
import { DATABASE_MISSING, userDifferenceText, type UserDifference } from '../../../domain/access/user-difference.js';
import { configError } from '../../../kernel/errors.js';
import type { OpenedHome } from '../../../adapters/home/home.js';
import type { Journal } from '../../../ports/journal.js';
import {
  existingHome,
  settle,
  withProvenJournal,
  type CliContext,
  type ExitCode,
  type GlobalFlags,
} from '../context.js';
import { LOCAL_USER, reasonOf } from '../reason-option.js';
import { runs } from '../runs.js';

interface UsersFlags extends GlobalFlags {
  readonly admin?: string;
  readonly reason?: string;
}

const ACTIONS = ['check', 'repair', 'accept'] as const;
type Action = (typeof ACTIONS)[number];

/**
 * `tradebot users check|repair|accept`: compares the users' database with the events of the users (SEC-10). `repair` makes
 * the database follow the events, and with `--admin` an admin who can log in; `accept` records what the database has.
 */
export function registerUsers(program: Command, context: CliContext): void {
  const command = program
    .command('users')
    .description('compare the users with their events; repair or accept what differs; make an admin who can log in')
    .addArgument(new Argument('<what>', 'what to do').choices(ACTIONS))
    .option('--admin <name>', 'with repair: an admin of this name with a new password, which is shown once')
    .option('--reason <text>', 'reason (required for repair and accept)');
  runs(command, (flags: UsersFlags, [what]) => users(context, flags, what as Action));
}

async function users(context: CliContext, flags: UsersFlags, action: Action): Promise<ExitCode> {
  const home = existingHome(context, flags);
  if (action === 'check') return withProvenJournal(context, home, (journal) => check(context, home, journal));
  const reason = reasonOf(flags.reason);
  if (action === 'accept' && flags.admin !== undefined) throw adminOnlyWithRepair();
  const { paths } = home;
  const lock = lockHome({ paths, command: `users ${action}`, pid: context.environment.pid, clock: context.clock });
  try {
    settle(context, paths);
    return await withProvenJournal(context, home, (journal) =>
      change(context, { home, journal, action, reason, admin: flags.admin }),
    );
  } finally {
    lock.release();
  }
}

async function check({ output }: CliContext, { paths }: OpenedHome, journal: Journal): Promise<ExitCode> {
  const records = new UserRecords(journal);
  await records.refresh();
  const differences = differencesIn(paths.storage.usersDb, records);
  output.result({ ok: differences.length === 0, differences });
  for (const difference of differences) output.say(`DIFFERS: ${userDifferenceText(difference)}`);
  if (differences.length === 0) output.say("ok, the users' database agrees with the events");
  return differences.length === 0 ? 0 : 3;
}

function differencesIn(path: string, records: UserRecords): readonly UserDifference[] {
  if (!existsSync(path)) return [DATABASE_MISSING];
  const store = new SqliteUserStore(path);
  try {
    return records.differences(store);
  } finally {
    store.close();
  }
}

interface Change {
  readonly home: OpenedHome;
  readonly journal: Journal;
  readonly action: Exclude<Action, 'check'>;
  readonly reason: string;
  readonly admin: string | undefined;
}

async function change(context: CliContext, { home, journal, action, reason, admin }: Change): Promise<ExitCode> {
  const { clock, output } = context;
  const { paths, identity } = home;
  const name = admin === undefined ? undefined : parseKnownName(admin);
  const records = new UserRecords(journal);
  await records.refresh();
  const appender = new EventAppender({ journal, clock, identity, actor: LOCAL_USER });
  const store = new SqliteUserStore(paths.storage.usersDb, { create: name !== undefined });
  try {
    const parts = { store, clock, random: systemRandom, records, appender };
    const log = new AccessLog(parts);
    // the database keeps an admin at all times: the new one comes before the others are changed
    const password = name === undefined ? null : systemRandom.recoveryCode();
    if (name !== undefined && password !== null) {
      const passwordHash = await new BcryptPasswords().hash(password);
      await makeAdmin(parts, log, { name, passwordHash, reason });
      output.say(`admin ${name}, password ${password.reveal()}: shown once; change it after the log-in`);
    }
    const differences = await (action === 'repair' ? repairUsers : acceptUsers)(parts, log, reason);
    for (const difference of differences) output.say(`${action}: ${userDifferenceText(difference)}`);
    await recordUserDifferences({ journal, appender }, records.differences(store));
    output.result({ ok: true, [action]: differences, admin: name ?? null, password: password?.reveal() ?? null });
    return 0;
  } finally {
    store.close();
  }
}

function adminOnlyWithRepair(): Error {
  return configError({
    code: 'ADMIN_NEEDS_REPAIR',
    message: '--admin does not go with accept',
    remedy: 'Use `tradebot users repair --admin NAME`, or omit --admin.',
  });
}
