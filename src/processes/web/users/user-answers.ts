import { ROLES, type Role } from '../../../domain/access/roles.js';
import { ChoiceField, FlagField, PartsField, TextField } from '../common/fields.js';
import { LARGEST_PAGE } from '../common/paging.js';

const UTC = { max: 24, format: 'date-time', example: '2026-11-20T14:30:00.000Z' };

export class UserAnswer {
  @TextField({ says: 'Opaque id.', max: 64 })
  userId!: string;

  @TextField({ says: 'Name to log in with.', max: 64 })
  name!: string;

  @TextField({ says: 'Email address.', max: 254, nullable: true })
  email!: string | null;

  @ChoiceField(ROLES, { says: 'Role.' })
  role!: Role;

  @FlagField({ says: 'Whether the user may not log in.' })
  disabled!: boolean;

  @FlagField({ says: 'Whether a second factor is in use.' })
  secondFactor!: boolean;

  @TextField({ says: 'Until when log-ins wait after too many failures; null when none does.', ...UTC, nullable: true })
  lockedUntil!: string | null;

  @TextField({ says: 'When the account was made.', ...UTC })
  createdAt!: string;

  @TextField({ says: 'When the user logged in last; null for never.', ...UTC, nullable: true })
  lastLoginAt!: string | null;
}

export class UserPage {
  @PartsField(() => UserAnswer, { says: 'Users by name.', max: LARGEST_PAGE })
  items!: readonly UserAnswer[];

  @TextField({ says: 'Asks for the next page; null on the last.', max: 500, nullable: true })
  nextCursor!: string | null;
}
