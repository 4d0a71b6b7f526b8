import { existsSync } from 'node:fs';
import { Argument, Option, type Command } from 'commander';
import { lockHome } from '../../../adapters/home/home-lock.js';
import { SqliteUserStore } from '../../../adapters/users/sqlite-user-store.js';
import { FileVault } from '../../../adapters/vault/file-vault.js';
import {
  USER_ACTIONS,
  type UserAction,
  type UsersOutcome,
  type UsersRequest,
} from '../../../app/access/user-requests.js';
import { UserRecords } from '../../../app/access/user-records.js';
import type { UserView } from '../../../app/access/users.js';
import { carryOutOnUsers } from '../../../composition/local-users.js';
import { ROLES, type Role } from '../../../domain/access/roles.js';
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
import { masterKeySource } from '../master-key.js';
import { readPassword } from '../read-password.js';
import { LOCAL_USER, reasonOf } from '../reason-option.js';
import { operate } from '../running-bot.js';
import { runs } from '../runs.js';
import { timeOfHome } from '../time-of-home.js';

interface UsersFlags extends GlobalFlags {
  readonly admin?: string;
  readonly email?: string;
  readonly role?: Role;
  readonly reason?: string;
}

const ACTIONS = ['check', ...USER_ACTIONS] as const;
type Action = (typeof ACTIONS)[number];

const WITH_REASON: readonly Action[] = ['disable', 'enable', 'unlock', 'repair', 'accept'];
const WITH_PASSWORD: readonly Action[] = ['add', 'password'];

/**
 * `tradebot users ...`: the accounts of a bot, whether it runs or not, for the owner who lost a password or a device. `check`,
 * `repair` and `accept` compare the users' database with the events of the users (SEC-10).
 */
export function registerUsers(program: Command, context: CliContext): void {
  const command = program
    .command('users')
    .description('list and change users, compare them with their events, make an admin who can log in')
    .addArgument(new Argument('<what>', 'what to do').choices(ACTIONS))
    .argument('[name]', 'the user, for all but check, list, repair and accept')
    .addOption(new Option('--role <role>', 'with add and role: the role').choices(ROLES))
    .option('--email <address>', 'with add: where to send mails')
    .option('--admin <name>', 'with repair: an admin of this name with a new password, which is shown once')
    .option('--reason <text>', 'reason (required for disable, enable, unlock, repair and accept)')
    .addHelpText('after', '\nadd and password ask for the password, or read it as the first line of their input.');
  runs(command, (flags: UsersFlags, [what, name]) => users(context, flags, what as Action, name));
}

async function users(
  context: CliContext,
  flags: UsersFlags,
  action: Action,
  name: string | undefined,
): Promise<ExitCode> {
  if (action === 'check') {
    const home = existingHome(context, flags);
    return withProvenJournal(context, home, (journal) => check(context, home, journal));
  }
  const request = await requestOf(flags, action, name);
  const outcome = await operate(context, flags, {
    request: { ask: 'users', request },
    here: () => changeHere(context, flags, request),
  });
  show(context, request, outcome);
  return 0;
}

async function requestOf(flags: UsersFlags, action: UserAction, name: string | undefined): Promise<UsersRequest> {
  if (flags.admin !== undefined && action !== 'repair') throw adminOnlyWithRepair();
  const isOfOne = !['list', 'repair', 'accept'].includes(action);
  if (isOfOne !== (name !== undefined)) throw badName(action, isOfOne);
  if (action === 'role' && flags.role === undefined) throw roleMissing();
  return {
    action,
    name: name ?? flags.admin ?? null,
    role: flags.role ?? null,
    email: flags.email ?? null,
    reason: WITH_REASON.includes(action) ? reasonOf(flags.reason) : null,
    password: WITH_PASSWORD.includes(action) ? await readPassword(`Password of ${name ?? ''}`) : null,
  };
}

async function changeHere(context: CliContext, flags: UsersFlags, request: UsersRequest): Promise<UsersOutcome> {
  const home = existingHome(context, flags);
  const { paths, identity } = home;
  const command = `users ${request.action}`;
  const lock = lockHome({ paths, command, pid: context.environment.pid, clock: context.clock });
  try {
    settle(context, paths);
    return await withProvenJournal(context, home, async (journal) => {
      const clock = await timeOfHome(context, home, journal);
      const masterKeyFile = masterKeySource(context, paths.home).file();
      const vault = new FileVault({ paths: paths.storage, clock, masterKeyFile });
      const { version: versionTag } = context;
      return carryOutOnUsers({ paths, identity, journal, vault, clock, versionTag }, request, LOCAL_USER);
    });
  } finally {
    lock.release();
  }
}

function show({ output }: CliContext, { action, name }: UsersRequest, outcome: UsersOutcome): void {
  const { users: shown, ended, differences, password } = outcome;
  const admin = differences === null ? {} : { [action]: differences, admin: name, password };
  output.result({
    ok: true,
    ...(shown === null ? {} : { users: shown }),
    ...(ended === null ? {} : { ended }),
    ...admin,
  });
  if (password !== null) {
    output.say(`admin ${name ?? ''}, password ${password}: shown once; change it after the log-in`);
  }
  for (const difference of differences ?? []) output.say(`${action}: ${userDifferenceText(difference)}`);
  for (const user of shown ?? []) output.say(lineOf(user));
  if (ended !== null) output.say(`${ended} sessions and tokens ended`);
}

function lineOf({ name, role, disabled, secondFactor, lockedUntil, lastLoginAt }: UserView): string {
  const facts = [
    `${name}: ${role}`,
    ...(disabled ? ['disabled'] : []),
    ...(secondFactor ? ['second factor'] : []),
    ...(lockedUntil === null ? [] : [`log-ins wait until ${lockedUntil}`]),
    lastLoginAt === null ? 'has not logged in' : `last log-in ${lastLoginAt}`,
  ];
  return facts.join(', ');
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

function adminOnlyWithRepair(): Error {
  return configError({
    code: 'ADMIN_NEEDS_REPAIR',
    message: '--admin goes with repair only',
    remedy: 'Use `tradebot users repair --admin NAME`, or omit --admin.',
  });
}

function badName(action: Action, isOfOne: boolean): Error {
  return configError({
    code: 'BAD_USER_ARGUMENT',
    message: isOfOne
      ? `users ${action} needs the name of a user`
      : `users ${action} is for all users and takes no name`,
    remedy: isOfOne ? `Write: tradebot users ${action} NAME` : `Write: tradebot users ${action}`,
  });
}

function roleMissing(): Error {
  return configError({
    code: 'ROLE_MISSING',
    message: 'users role needs the new role',
    remedy: `Add --role, one of ${ROLES.join(', ')}.`,
  });
}
