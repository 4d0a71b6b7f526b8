import type { NewUser } from '../../../app/access/new-user.js';
import type { UserService } from '../../../app/access/users.js';
import { secret } from '../../../kernel/secret.js';
import type { RegistrationForm } from '../auth/auth-forms.js';
import type { Given } from '../common/input.js';
import { fieldOf } from '../common/problem-status.js';
import { unprocessable, type FieldFault } from '../common/problem.js';

/**
 * The account of a form. Throws every fault of the form at once, those of its texts and those of the rules for names, addresses
 * and passwords; a single one of the rules by its own code.
 */
export function newAccount({ form, faults }: Given<RegistrationForm>, users: Pick<UserService, 'faultsOf'>): NewUser {
  const { name, email, password } = form;
  const sound = (field: string): boolean => faults.every((fault) => fault.field !== field);
  const ruled = users.faultsOf({
    ...(sound('name') ? { name } : {}),
    ...(sound('email') ? { email: email ?? null } : {}),
    ...(sound('password') ? { password: secret(password) } : {}),
  });
  const [only] = ruled;
  if (only !== undefined && ruled.length === 1 && faults.length === 0) throw only;
  const all = [...faults, ...ruled.map(faultOf)];
  if (all.length > 0) throw unprocessable(all);
  return { name, email: email ?? null, password: secret(password) };
}

function faultOf(error: ReturnType<UserService['faultsOf']>[number]): FieldFault {
  return { field: fieldOf(error) ?? '', message: `${error.message}. ${error.remedy}` };
}
