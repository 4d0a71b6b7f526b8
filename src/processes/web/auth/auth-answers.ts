import { PERMISSIONS, ROLES, type Permission, type Role } from '../../../domain/access/roles.js';
import { ChoiceField, FlagField, PartField, TextField, TextsField, WholeField } from '../common/fields.js';

const ID = { max: 64 };
const UTC = { max: 24, format: 'date-time', example: '2026-11-20T14:30:00.000Z' };

/** Who is logged in, and what that user may do now. */
export class WhoAnswer {
  @TextField({ description: 'Opaque id.', ...ID })
  userId!: string;

  @TextField({ description: 'Name.', max: 64 })
  name!: string;

  @ChoiceField(ROLES, { description: 'Role.' })
  role!: Role;

  @TextsField({ description: `What the role allows: ${PERMISSIONS.join(', ')}.`, max: PERMISSIONS.length, each: 40 })
  permissions!: readonly Permission[];

  @FlagField({ description: 'Whether a second factor must be enrolled before anything else.' })
  mustEnrolSecondFactor!: boolean;
}

export class SessionAnswer {
  @PartField(() => WhoAnswer, { description: 'Who is logged in.' })
  user!: WhoAnswer;

  @TextField({ description: 'To be sent as X-CSRF-Token with every change.', max: 200 })
  csrfToken!: string;

  @TextField({ description: 'Reference of this session in the list of sessions.', ...ID })
  sessionRef!: string;
}

export class AccountAnswer extends SessionAnswer {
  @FlagField({ description: 'Whether a second factor is in use.' })
  secondFactor!: boolean;

  @WholeField({ description: 'Recovery codes that were not used yet.', max: 100 })
  recoveryCodesLeft!: number;

  @TextField({ description: 'Email address.', max: 254, nullable: true })
  email!: string | null;
}

export class EnrolmentAnswer {
  @TextField({ description: 'Secret for the authenticator app, in base32. Shown once.', max: 100 })
  secret!: string;

  @TextField({ description: 'The same as an otpauth address, for a QR code. Shown once.', max: 500 })
  uri!: string;
}

export class RecoveryCodesAnswer {
  @TextsField({ description: 'Each works once in place of a code. Shown once.', max: 100, each: 40 })
  recoveryCodes!: readonly string[];
}

export class SessionListItem {
  @TextField({ description: 'Reference.', ...ID })
  sessionRef!: string;

  @FlagField({ description: 'Whether it is the session that asks.' })
  current!: boolean;

  @TextField({ description: 'Network address of the log-in.', max: 64 })
  address!: string;

  @ChoiceField(['password', 'password+totp'], { description: 'How it began.' })
  method!: string;

  @TextField({ description: 'When it began.', ...UTC })
  createdAt!: string;

  @TextField({ description: 'When it was used last.', ...UTC })
  lastSeenAt!: string;

  @TextField({ description: 'When it ends at the latest.', ...UTC })
  expiresAt!: string;
}

export class EndedAnswer {
  @WholeField({ description: 'Sessions that were ended.', max: 1_000_000 })
  ended!: number;
}

export class TokenListItem {
  @TextField({ description: 'Id of the token; not the token.', ...ID })
  tokenId!: string;

  @ChoiceField(ROLES, { description: 'Its role.' })
  role!: Role;

  @TextField({ description: 'What it is for.', max: 80 })
  label!: string;

  @TextField({ description: 'When it was made.', ...UTC })
  createdAt!: string;

  @TextField({ description: 'When it ends.', ...UTC })
  expiresAt!: string;

  @TextField({ description: 'When it was used last; null for never.', ...UTC, nullable: true })
  lastUsedAt!: string | null;
}

export class NewTokenAnswer extends TokenListItem {
  @TextField({ description: 'The token. Shown once.', max: 200 })
  token!: string;
}
