import { ROLES, type Role } from '../../../domain/access/roles.js';
import { ChoiceField, FlagField, PartsField, TextField } from '../common/fields.js';
import { LARGEST_PAGE } from '../common/paging.js';

const UTC = { max: 24, format: 'date-time', example: '2026-11-20T14:30:00.000Z' };

export class UserAnswer {
  @TextField({ description: 'Opaque id.', max: 64 })
  userId!: string;

  @TextField({ description: 'Name to log in with.', max: 64 })
  name!: string;

  @TextField({ description: 'Email address.', max: 254, nullable: true })
  email!: string | null;

  @ChoiceField(ROLES, { description: 'Role.' })
  role!: Role;

  @FlagField({ description: 'Whether the user may not log in.' })
  disabled!: boolean;

  @FlagField({ description: 'Whether a second factor is in use.' })
  secondFactor!: boolean;

  @TextField({
    description: 'Until when log-ins wait after too many failures; null when none does.',
    ...UTC,
    nullable: true,
  })
  lockedUntil!: string | null;

  @TextField({ description: 'When the account was made.', ...UTC })
  createdAt!: string;

  @TextField({ description: 'When the user logged in last; null for never.', ...UTC, nullable: true })
  lastLoginAt!: string | null;
}

export class UserPage {
  @PartsField(() => UserAnswer, { description: 'Users by name.', max: LARGEST_PAGE })
  items!: readonly UserAnswer[];

  @TextField({ description: 'Asks for the next page; null on the last.', max: 500, nullable: true })
  nextCursor!: string | null;
}
