import type { Role } from '../../src/domain/access/roles.js';

const VIEWER = ['account', 'read'];
/** SEC-12 as in the specification, independent of the code: the permissions of each role. */
export const RIGHTS: Readonly<Record<Role, readonly string[]>> = {
  viewer: VIEWER,
  operator: [...VIEWER, 'control', 'confirm-trades'],
  accountant: [...VIEWER, 'adjusting-entries', 'exports', 'verify'],
  admin: [
    ...VIEWER,
    ...[
      'control',
      'confirm-trades',
      'reset-protections',
      'adjusting-entries',
      'users',
      'secrets',
      'settings',
      'test-mode',
    ],
    ...['exports', 'verify', 'maintenance', 'float', 'streams'],
  ],
};

/** From the fewest rights to all. */
export const ROLES: readonly Role[] = ['viewer', 'operator', 'accountant', 'admin'];
