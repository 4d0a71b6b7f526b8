import { Controller, Get, Inject } from '@nestjs/common';
import { allows, isAlwaysByRole, ROLES, type Permission, type Role } from '../../../domain/access/roles.js';
import { Needs, ServedIn } from '../common/access.js';
import { Answers } from '../common/answers.js';
import { Tag } from '../common/described.js';
import { FlagField, PartsField, TextField, TextsField } from '../common/fields.js';
import { WEB_CONTEXT } from '../tokens.js';
import type { WebContext } from '../web-context.js';

/** What each permission allows, for people; one without a text is used by no endpoint of this version. */
const TEXTS: Partial<Readonly<Record<Permission, string>>> = {
  account: 'Own password, second factor, sessions and tokens',
  read: 'Positions, orders, strategies, status, events and logs',
  control: 'Start, stop and kill the bot',
  'confirm-trades': 'Confirm or refuse entries that wait for a person',
  'adjusting-entries': 'Adjust the books, and resolve differences to the broker',
  exports: 'Make and download exports',
  verify: 'Verify the journal, and compare files with it',
  'reset-protections': 'Reset the kill switch, defense mode and holds',
  float: 'Move capital to and from the bot',
  maintenance: 'Seal, rebuild and back up',
  streams: 'Acknowledge what other programs wrote to the journal',
  settings: 'Read and change settings',
  secrets: 'See which secrets are set, and replace them',
  users: 'Create, change and remove users, and read events of access',
  'test-mode': 'Run the checks and the test mode',
};

class PermissionAnswer {
  @TextField({ description: 'Name of the permission.', max: 40 })
  permission!: Permission;

  @TextField({ description: 'What it allows.', max: 200 })
  text!: string;

  @TextsField({ description: 'Roles that have it.', max: 10, each: 20 })
  roles!: readonly Role[];
}

class RolesAnswer {
  @FlagField({ description: 'False: roles are off (RBAC_ENABLED), and only a few permissions still need one.' })
  enforced!: boolean;

  @TextsField({ description: 'Roles, from the lowest rights to the highest.', max: 10, each: 20 })
  roles!: readonly Role[];

  @PartsField(() => PermissionAnswer, { description: 'What each permission allows, and which roles have it.', max: 50 })
  permissions!: readonly PermissionAnswer[];
}

const ORDER = Object.keys(TEXTS) as readonly Permission[];

/** The matrix of roles, as it is enforced. */
@Tag('users')
@Controller('api/roles')
@ServedIn('dashboard')
@Needs('read')
export class RolesController {
  constructor(@Inject(WEB_CONTEXT) private readonly context: WebContext) {}

  @Get()
  @Answers(200, RolesAnswer, 'Returns what each role may do.')
  roles(): RolesAnswer {
    const enforced = this.context.open().settings.access().rolesEnabled;
    const has = (role: Role, permission: Permission): boolean =>
      allows(enforced || isAlwaysByRole(permission) ? role : 'admin', permission);
    return {
      enforced,
      roles: ROLES,
      permissions: ORDER.map((permission) => ({
        permission,
        text: TEXTS[permission] ?? permission,
        roles: ROLES.filter((role) => has(role, permission)),
      })),
    };
  }
}
