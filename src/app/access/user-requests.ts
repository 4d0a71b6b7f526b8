import { parseKnownName } from '../../domain/access/names.js';
import type { Role } from '../../domain/access/roles.js';
import type { UserDifference } from '../../domain/access/user-difference.js';
import type { Actor } from '../../events/event.js';
import { configError, type TradeBotError } from '../../kernel/errors.js';
import type { Secret } from '../../kernel/secret.js';
import type { AccessService } from './access.js';
import type { Principal } from './principal.js';
import type { UserView } from './users.js';

/** What a person at the machine does with accounts; `repair` and `accept` also work on a database that differs or is lost. */
export const USER_ACTIONS = [
  'list',
  'add',
  'role',
  'disable',
  'enable',
  'unlock',
  'password',
  'end-sessions',
  'remove-factor',
  'repair',
  'accept',
] as const;
export type UserAction = (typeof USER_ACTIONS)[number];

/** One action; null for what it does not need. */
export interface UsersRequest {
  readonly action: UserAction;
  /** The user; of a repair the admin that it makes. */
  readonly name: string | null;
  readonly role: Role | null;
  readonly email: string | null;
  readonly password: string | null;
  readonly reason: string | null;
}

/** How it ended; null for what the action does not have. */
export interface UsersOutcome {
  /** The users that were asked for, or the changed one. */
  readonly users: readonly UserView[] | null;
  /** Sessions and tokens that ended. */
  readonly ended: number | null;
  readonly differences: readonly UserDifference[] | null;
  /** A password that was made; shown once. */
  readonly password: string | null;
}

export const NO_OUTCOME: UsersOutcome = { users: null, ended: null, differences: null, password: null };

/** A person who may write the home; the journal has `user:local`. */
function localPrincipal(actor: Actor): Principal {
  const owes = { mustEnrolSecondFactor: false, mustChangePassword: false };
  const nobody = { userId: 'local', name: 'the owner', ref: 'local' };
  return { kind: 'owner', role: 'admin', ownRole: 'admin', actor, ...nobody, ...owes };
}

type ByName = Exclude<UserAction, 'list' | 'add' | 'repair' | 'accept'>;
type Change = (access: AccessService, who: { by: Principal; userId: string }, request: Asked) => Promise<number | null>;
interface Asked {
  readonly role: () => Role;
  readonly password: () => Secret;
  readonly reason: () => string;
}

const CHANGES: Readonly<Record<ByName, Change>> = {
  role: ({ users }, { by, userId }, { role }) => done(users.changeRole(by, userId, role())),
  disable: ({ users }, { by, userId }, { reason }) => done(users.disable(by, userId, reason())),
  enable: ({ users }, { by, userId }, { reason }) => done(users.enable(by, userId, reason())),
  unlock: ({ users }, { by, userId }, { reason }) => done(users.unlock(by, userId, reason())),
  password: ({ users }, { by, userId }, { password }) => done(users.setPassword(by, userId, password())),
  'end-sessions': async ({ sessions, tokens }, { by, userId }) =>
    (await sessions.revokeAll(by, userId)) + (await tokens.revokeAll(by, userId, 'sessions-ended')),
  'remove-factor': ({ secondFactor }, { by, userId }) => done(secondFactor.remove(by, userId)),
};

async function done(change: Promise<unknown>): Promise<null> {
  await change;
  return null;
}

/**
 * Carries out an action on accounts, as an admin does by REST. Throws NO_SUCH_USER, USER_REQUEST_INCOMPLETE, and what the
 * services of src/app/access throw.
 */
export async function changeUsers(
  access: AccessService,
  request: UsersRequest & { readonly action: ByName | 'list' | 'add' },
  { actor, secretOf }: { readonly actor: Actor; readonly secretOf: (text: string) => Secret },
): Promise<UsersOutcome> {
  const by = localPrincipal(actor);
  const { action } = request;
  const asked: Asked = {
    role: () => needed(request, 'role'),
    reason: () => needed(request, 'reason'),
    password: () => secretOf(needed(request, 'password')),
  };
  if (action === 'list') return { ...NO_OUTCOME, users: access.users.list() };
  const name = parseKnownName(needed(request, 'name'));
  if (action === 'add') {
    const user = { name, email: request.email, password: asked.password() };
    return { ...NO_OUTCOME, users: [await access.users.create(by, user, request.role ?? undefined)] };
  }
  const known = access.users.list().find((user) => user.name === name);
  if (known === undefined) throw noSuchUser(name);
  const ended = await CHANGES[action](access, { by, userId: known.userId }, asked);
  return { ...NO_OUTCOME, users: [access.users.view(known.userId)], ended };
}

function needed<K extends 'name' | 'role' | 'password' | 'reason'>(
  request: UsersRequest,
  what: K,
): NonNullable<UsersRequest[K]> {
  const given = request[what];
  if (given !== null) return given;
  throw configError({
    code: 'USER_REQUEST_INCOMPLETE',
    message: `users ${request.action} needs a ${what}`,
    remedy: 'See tradebot users --help.',
  });
}

function noSuchUser(name: string): TradeBotError {
  return configError({
    code: 'NO_SUCH_USER',
    message: `there is no user ${name}`,
    remedy: 'List the names with: tradebot users list',
  });
}
