/** Texts of the first account. */
export const register = {
  title: 'Create the first account',
  lead: 'This account is an admin: it has all permissions and can create other accounts.',
  name: 'User name',
  email: 'Email',
  emailHelp: 'Optional; for password resets.',
  password: 'Password',
  passwordHelp: '12 characters or more; a few random words are a good choice.',
  again: 'Confirm password',
  differ: 'The passwords do not match.',
  submit: 'Create account',
  done: 'Done',
  starting: 'The bot starts. The log-in opens by itself in a few seconds.',
} as const;
