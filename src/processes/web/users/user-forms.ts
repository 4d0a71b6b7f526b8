import { ROLES, type Role } from '../../../domain/access/roles.js';
import { ChoiceField, TextField } from '../common/fields.js';
import { RegistrationForm } from '../auth/auth-forms.js';

export class NewUserForm extends RegistrationForm {
  @ChoiceField(ROLES, { description: 'Role; DEFAULT_USER_ROLE when left out.', optional: true })
  role?: Role;
}

export class RoleForm {
  @ChoiceField(ROLES, { description: 'The new role.' })
  role!: Role;
}

export class ReasonForm {
  @TextField({ description: 'Why; kept in the journal.', max: 200, kept: true, example: 'left the company' })
  reason!: string;
}

export class NewPasswordForm {
  @TextField({ description: '12 characters or more, at most 72 bytes, not a common one.', max: 200, secret: true })
  password!: string;
}
