import { ROLES, type Role } from '../../../domain/access/roles.js';
import { ChoiceField, FlagField, TextField, WholeField } from '../common/fields.js';

/** Upper bound of the input; the password policy has the exact rules. */
const LONGEST_PASSWORD = 200;
const USER_NAME = { min: 2, max: 64, example: 'anna' };

export class LoginForm {
  @TextField({ description: 'Name of the user.', ...USER_NAME, min: 1 })
  name!: string;

  @TextField({ description: 'Password.', max: LONGEST_PASSWORD, secret: true })
  password!: string;

  @TextField({
    description: 'Code of the second factor, or a recovery code.',
    max: 40,
    optional: true,
    secret: true,
  })
  code?: string;
}

export class RegistrationForm {
  @TextField({ description: 'Name to log in with.', ...USER_NAME })
  name!: string;

  @TextField({ description: 'Email address for password resets.', max: 254, optional: true, format: 'email' })
  email?: string;

  @TextField({
    description: '12 characters or more, at most 72 bytes, not a common one.',
    max: LONGEST_PASSWORD,
    secret: true,
  })
  password!: string;
}

export class CloseForm {
  @TextField({ description: 'The name of the own account: nobody closes it by a slip.', ...USER_NAME, min: 1 })
  confirm!: string;
}

export class ProofForm {
  @TextField({ description: 'Current password.', max: LONGEST_PASSWORD, secret: true })
  current!: string;

  @TextField({
    description: 'Code of the second factor, or a recovery code; needed where a second factor is in use.',
    max: 40,
    optional: true,
    secret: true,
  })
  code?: string;
}

export class PasswordForm {
  @TextField({ description: 'Current password.', max: LONGEST_PASSWORD, secret: true })
  current!: string;

  @TextField({
    description: '12 characters or more, at most 72 bytes, not a common one.',
    max: LONGEST_PASSWORD,
    secret: true,
  })
  password!: string;
}

export class ResetForm {
  @TextField({ description: 'Email address of the user.', min: 3, max: 254, format: 'email' })
  email!: string;
}

export class ResetConfirmation {
  @TextField({ description: 'One-time token from the email.', min: 20, max: 200, secret: true })
  token!: string;

  @TextField({
    description: '12 characters or more, at most 72 bytes, not a common one.',
    max: LONGEST_PASSWORD,
    secret: true,
  })
  password!: string;
}

export class CodeForm {
  @TextField({ description: 'Code from the authenticator app.', max: 40, secret: true, example: '123456' })
  code!: string;
}

export class OptionalCodeForm {
  @TextField({
    description: 'Code from the authenticator app, or a recovery code.',
    max: 40,
    optional: true,
    secret: true,
    example: '123456',
  })
  code?: string;
}

export class EndSessionsQuery {
  @FlagField({ description: 'Whether personal access tokens end as well; default false.', optional: true })
  tokens?: boolean;
}

export class TokenForm {
  @TextField({ description: 'Purpose.', max: 80, example: 'nightly export' })
  label!: string;

  @ChoiceField(ROLES, { description: 'Role of the token, at most that of the user.', example: 'viewer' })
  role!: Role;

  @WholeField({ description: 'Validity in days.', min: 1, max: 365, example: 30 })
  days!: number;
}
