import type { Handlers } from '../kit/projection.js';
import { tell, type LogEntry, type LogState, type Said, type Severity } from './entry.js';

function access(severity: Severity, userId: string | null, text: string): Said {
  return { category: 'access', severity, subject: userId, text, logs: ['security_users'] };
}

function users(userId: string, text: string): Said {
  return { category: 'users', severity: 'info', subject: userId, text, logs: ['system_users'] };
}

const who = (userId: string | null): string => (userId === null ? 'nobody known' : `user ${userId}`);

/** Users by their opaque ids, addresses by theirs: names are in SYSTEM_USERS.db alone (JRN-13). */
export const accessLines: Handlers<'access', LogState, LogEntry> = {
  UserRegistered: tell(({ userId, role, first }) =>
    users(userId, `${who(userId)} was made, role ${role}${first ? ', the first account' : ''}`),
  ),
  UserRoleChanged: tell(({ userId, from, to }) => ({
    ...users(userId, `${who(userId)} has the role ${to}, before ${from}`),
    severity: 'warning',
    logs: ['system_users', 'security_users'],
  })),
  UserDisabled: tell(({ userId, reason }) => users(userId, `${who(userId)} may not log in any more: ${reason}`)),
  UserEnabled: tell(({ userId, reason }) => users(userId, `${who(userId)} may log in again: ${reason}`)),
  UserLocked: tell(({ userId, until, failures }) =>
    access('warning', userId, `${who(userId)} waits until ${until} after ${failures} failed logins`),
  ),
  UserUnlocked: tell(({ userId, reason }) =>
    access('info', userId, `the lock of ${who(userId)} ended early: ${reason}`),
  ),
  LoginSucceeded: tell(({ userId, addressId, method, sessionRef }) => {
    const what = method === 'token' ? `used the token ${sessionRef}` : `logged in by ${method}, session ${sessionRef}`;
    return access('info', userId, `${who(userId)} ${what} from ${addressId}`);
  }),
  LoginFailed: tell(({ userId, addressId, code }) =>
    access('warning', userId, `a login of ${who(userId)} from ${addressId} failed: ${code}`),
  ),
  SessionEnded: tell(({ userId, sessionRef, reason }) =>
    access('info', userId, `session ${sessionRef} of ${who(userId)} ended: ${reason}`),
  ),
  AccessDenied: tell(({ userId, addressId, endpoint, code }) => ({
    ...access('warning', userId, `${endpoint} was refused to ${who(userId)} from ${addressId}: ${code}`),
    logs: code === 'UNKNOWN_EMAIL' ? ['security_users', 'password_reset_tokens'] : ['security_users'],
  })),
  PasswordChanged: tell(({ userId, how }) => ({
    ...users(userId, `${who(userId)} has a new password: ${how}`),
    logs: how === 'by-reset' ? ['system_users', 'password_reset_tokens'] : ['system_users'],
  })),
  PasswordResetRequested: tell(({ userId, expiresAt, addressId }) => ({
    ...access('info', userId, `a new password for ${who(userId)} was asked for from ${addressId}, until ${expiresAt}`),
    logs: ['password_reset_tokens'],
  })),
  SecondFactorChanged: tell(({ userId, enabled }) => ({
    ...users(userId, `the second factor of ${who(userId)} is ${enabled ? 'on' : 'off'}`),
    severity: enabled ? 'info' : 'warning',
    logs: ['system_users', 'security_users'],
  })),
  TokenIssued: tell(({ userId, tokenId, role, expiresAt }) =>
    users(userId, `${who(userId)} has the token ${tokenId}, role ${role}, until ${expiresAt}`),
  ),
  TokenRevoked: tell(({ userId, tokenId }) => users(userId, `the token ${tokenId} of ${who(userId)} was revoked`)),
};
