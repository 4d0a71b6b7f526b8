import type { Settings } from '../config/settings.js';
import type { Role } from './roles.js';

/** The settings of the group `access` (SEC-11..13), read at each use: a change takes effect immediately. */
export interface AccessSettings {
  /** LOGIN_ATTEMPT_LIMIT. */
  readonly attemptLimit: number;
  /** LOGIN_LOCKOUT_MINUTES. */
  readonly lockoutMinutes: number;
  /** SESSION_TIMEOUT_MINUTES: a session ends after this time without use. */
  readonly sessionTimeoutMinutes: number;
  /** DEFAULT_USER_ROLE. */
  readonly defaultRole: Role;
  /** RBAC_ENABLED: false gives every user the rights of an admin, except for users, secrets, settings and the float. */
  readonly rolesEnabled: boolean;
  /** ADMIN_SECOND_FACTOR_REQUIRED: an admin without a second factor can only enrol one (SEC-11). */
  readonly adminSecondFactor: boolean;
}

export const ACCESS_DEFAULTS: AccessSettings = {
  attemptLimit: 10,
  lockoutMinutes: 15,
  sessionTimeoutMinutes: 120,
  defaultRole: 'viewer',
  rolesEnabled: true,
  adminSecondFactor: false,
};

/** The group `access` of the settings of a bot. */
export function accessSettingsOf(settings: Settings): AccessSettings {
  return {
    attemptLimit: settings.LOGIN_ATTEMPT_LIMIT,
    lockoutMinutes: settings.LOGIN_LOCKOUT_MINUTES,
    sessionTimeoutMinutes: settings.SESSION_TIMEOUT_MINUTES,
    defaultRole: settings.DEFAULT_USER_ROLE,
    rolesEnabled: settings.RBAC_ENABLED,
    adminSecondFactor: settings.ADMIN_SECOND_FACTOR_REQUIRED,
  };
}
