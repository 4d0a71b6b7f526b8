import type { Role } from './roles.js';

/** The group `access` of the settings (SEC-11..13), as it is now: read at each use, so that a change is felt at once. */
export interface AccessSettings {
  /** LOGIN_ATTEMPT_LIMIT. */
  readonly attemptLimit: number;
  /** LOGIN_LOCKOUT_MINUTES. */
  readonly lockoutMinutes: number;
  /** SESSION_TIMEOUT_MINUTES: a session that nobody uses for so long ends. */
  readonly sessionTimeoutMinutes: number;
  /** DEFAULT_USER_ROLE. */
  readonly defaultRole: Role;
  /** RBAC_ENABLED: false lets every user do what an admin may. */
  readonly rolesEnabled: boolean;
  /** ADMIN_SECOND_FACTOR_REQUIRED: an admin without a second factor may do nothing but enrol one (SEC-11). */
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
