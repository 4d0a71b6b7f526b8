import type { Handlers } from '../kit/projection.js';
import { logged, type LogEntry, type LogState, type EntryContent, type Severity } from './entry.js';

function access(severity: Severity, userId: string | null, text: string): EntryContent {
  return { category: 'access', severity, subject: userId, text, logs: ['security_users'] };
}

function users(userId: string, text: string): EntryContent {
  return { category: 'users', severity: 'info', subject: userId, text, logs: ['system_users'] };
}

const who = (userId: string | null): string => (userId === null ? 'unknown user' : `user ${userId}`);

/** Log entries of users and logins; users and addresses appear only by opaque ids (JRN-13). */
export const accessLines: Handlers<'access', LogState, LogEntry> = {
  UserRegistered: logged(({ userId, role, first }) =>
    users(userId, `${who(userId)} created: role ${role}${first ? ', first account' : ''}`),
  ),
  UserRoleChanged: logged(({ userId, from, to }) => ({
    ...users(userId, `role of ${who(userId)} changed from ${from} to ${to}`),
    severity: 'warning',
    logs: ['system_users', 'security_users'],
  })),
  UserDisabled: logged(({ userId, reason }) => users(userId, `${who(userId)} disabled: ${reason}`)),
  UserEnabled: logged(({ userId, reason }) => users(userId, `${who(userId)} enabled: ${reason}`)),
  UserLocked: logged(({ userId, until, failures }) =>
    access('warning', userId, `${who(userId)} locked until ${until} after ${failures} failed logins`),
  ),
  UserUnlocked: logged(({ userId, reason }) => access('info', userId, `${who(userId)} unlocked: ${reason}`)),
  LoginSucceeded: logged(({ userId, addressId, method, sessionRef }) => {
    const what = method === 'token' ? `used the token ${sessionRef}` : `logged in by ${method}, session ${sessionRef}`;
    return access('info', userId, `${who(userId)} ${what} from ${addressId}`);
  }),
  LoginFailed: logged(({ userId, addressId, code }) =>
    access('warning', userId, `login of ${who(userId)} from ${addressId} failed: ${code}`),
  ),
  SessionEnded: logged(({ userId, sessionRef, reason }) =>
    access('info', userId, `session ${sessionRef} of ${who(userId)} ended: ${reason}`),
  ),
  AccessDenied: logged(({ userId, addressId, endpoint, code }) => ({
    ...access('warning', userId, `access of ${who(userId)} from ${addressId} to ${endpoint} denied: ${code}`),
    logs: code === 'UNKNOWN_EMAIL' ? ['security_users', 'password_reset_tokens'] : ['security_users'],
  })),
  AccessRefusalsCounted: logged(({ userId, since, until, refusals, dayLimitReached }) =>
    access(
      'warning',
      userId,
      `${refusals} more refusals of ${who(userId)} from ${since} to ${until}, not recorded one by one${
        dayLimitReached ? ': the limit of a day was reached' : ''
      }`,
    ),
  ),
  PasswordChanged: logged(({ userId, how }) => ({
    ...users(userId, `password of ${who(userId)} changed: ${how}`),
    logs: how === 'by-reset' ? ['system_users', 'password_reset_tokens'] : ['system_users'],
  })),
  PasswordResetRequested: logged(({ userId, expiresAt, addressId }) => ({
    ...access(
      'info',
      userId,
      `password reset for ${who(userId)} requested from ${addressId}, valid until ${expiresAt}`,
    ),
    logs: ['password_reset_tokens'],
  })),
  SecondFactorChanged: logged(({ userId, enabled }) => ({
    ...users(userId, `second factor of ${who(userId)} ${enabled ? 'enabled' : 'disabled'}`),
    severity: enabled ? 'info' : 'warning',
    logs: ['system_users', 'security_users'],
  })),
  TokenIssued: logged(({ userId, tokenId, role, expiresAt }) =>
    users(userId, `token ${tokenId} issued to ${who(userId)}: role ${role}, valid until ${expiresAt}`),
  ),
  TokenRevoked: logged(({ userId, tokenId, reason }) =>
    users(userId, `token ${tokenId} of ${who(userId)} revoked${reason === undefined ? '' : ` (${reason})`}`),
  ),
};
