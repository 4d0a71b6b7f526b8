import { PERMISSIONS, ROLES, type Permission, type Role } from '../../../domain/access/roles.js';
import { ChoiceField, FlagField, PartField, TextField, TextsField, WholeField } from '../common/fields.js';

const ID = { max: 64 };
const UTC = { max: 24, format: 'date-time', example: '2026-11-20T14:30:00.000Z' };

/** The logged-in user and their permissions. */
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

  @FlagField({ description: 'Whether a password that an admin chose must be replaced before anything else.' })
  mustChangePassword!: boolean;
}

export class SessionAnswer {
  @PartField(() => WhoAnswer, { description: 'The logged-in user.' })
  user!: WhoAnswer;

  @TextField({
    description: 'Value of X-CSRF-Token, required with every request of the session; given at the log-in only.',
    max: 200,
  })
  csrfToken!: string;

  @TextField({ description: 'Reference of this session in the list of sessions.', ...ID })
  sessionRef!: string;
}

export class AccountAnswer extends SessionAnswer {
  @FlagField({ description: 'Whether a second factor is in use.' })
  secondFactor!: boolean;

  @WholeField({ description: 'Number of unused recovery codes.', max: 100 })
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
  @TextsField({ description: 'Each replaces a code once. Shown once.', max: 100, each: 40 })
  recoveryCodes!: readonly string[];
}

export class SessionListItem {
  @TextField({ description: 'Reference.', ...ID })
  sessionRef!: string;

  @FlagField({ description: 'Whether this is the requesting session.' })
  current!: boolean;

  @TextField({ description: 'Network address of the log-in.', max: 64 })
  address!: string;

  @ChoiceField(['password', 'password+totp'], { description: 'Log-in method.' })
  method!: string;

  @TextField({ description: 'Time of the log-in.', ...UTC })
  createdAt!: string;

  @TextField({ description: 'Time of the last use.', ...UTC })
  lastSeenAt!: string;

  @TextField({ description: 'Latest time of expiry.', ...UTC })
  expiresAt!: string;
}

export class EndedAnswer {
  @WholeField({ description: 'Number of ended sessions.', max: 1_000_000 })
  ended!: number;

  @WholeField({ description: 'Number of revoked personal access tokens.', max: 1_000_000 })
  tokensRevoked!: number;
}

export class TokenListItem {
  @TextField({ description: 'Id of the token; not the token.', ...ID })
  tokenId!: string;

  @ChoiceField(ROLES, { description: 'Role of the token.' })
  role!: Role;

  @TextField({ description: 'Purpose.', max: 80 })
  label!: string;

  @TextField({ description: 'Time of creation.', ...UTC })
  createdAt!: string;

  @TextField({ description: 'Time of expiry.', ...UTC })
  expiresAt!: string;

  @TextField({ description: 'Time of the last use; null if never used.', ...UTC, nullable: true })
  lastUsedAt!: string | null;
}

export class NewTokenAnswer extends TokenListItem {
  @TextField({ description: 'The token. Shown once.', max: 200 })
  token!: string;
}
