/** The roles of users (SEC-12). */
export const ROLES = ['viewer', 'operator', 'accountant', 'admin'] as const;
export type Role = (typeof ROLES)[number];

/** Permissions that endpoints require. The web process does not start when an endpoint names none. */
export const PERMISSIONS = [
  /** Own password, sessions, tokens, second factor. */
  'account',
  'read',
  /** Start, stop and kill. */
  'control',
  /** Kill switch and defense mode. */
  'reset-protections',
  'confirm-trades',
  'sync',
  'mapping',
  'adjusting-entries',
  /** Capital to and from the bot. */
  'float',
  'exports',
  /** Verify the journal, and compare files with it. */
  'verify',
  /** Seal, rebuild and back up. */
  'maintenance',
  /** Acknowledge what other programs wrote to the streams of the journal. */
  'streams',
  'users',
  'secrets',
  'settings',
  'test-mode',
] as const;
export type Permission = (typeof PERMISSIONS)[number];

const VIEWER = ['account', 'read'] as const satisfies readonly Permission[];

/** The permissions of each role (SEC-12). A permission that is not listed is denied. */
const MATRIX: Readonly<Record<Role, readonly Permission[]>> = {
  viewer: VIEWER,
  operator: [...VIEWER, 'control', 'confirm-trades'],
  accountant: [...VIEWER, 'sync', 'mapping', 'adjusting-entries', 'exports', 'verify'],
  admin: PERMISSIONS,
};

/**
 * Permissions that RBAC_ENABLED=false does not give to everybody: who has them changes users, secrets, that setting, the
 * capital that the bot trades with, or what the journal leaves out for ever.
 */
const ALWAYS_BY_ROLE: ReadonlySet<Permission> = new Set<Permission>([
  'users',
  'secrets',
  'settings',
  'float',
  'streams',
]);

const ALLOWED: Readonly<Record<Role, ReadonlySet<Permission>>> = {
  viewer: new Set(MATRIX.viewer),
  operator: new Set(MATRIX.operator),
  accountant: new Set(MATRIX.accountant),
  admin: new Set(MATRIX.admin),
};

export function isRole(text: string): text is Role {
  return (ROLES as readonly string[]).includes(text);
}

export function allows(role: Role, permission: Permission): boolean {
  return ALLOWED[role].has(permission);
}

/** Whether a role needs RBAC for a permission; false: while it is off, everybody who is logged in has it. */
export function isAlwaysByRole(permission: Permission): boolean {
  return ALWAYS_BY_ROLE.has(permission);
}

/** Whether `role` has all permissions of `other`: a token never has more rights than its user (SEC-14). */
export function covers(role: Role, other: Role): boolean {
  return MATRIX[other].every((permission) => ALLOWED[role].has(permission));
}
