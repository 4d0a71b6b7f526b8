/** Texts of the log-in. */
export const login = {
  title: 'Log in',
  name: 'User name',
  password: 'Password',
  code: 'Code of the second factor',
  codeHelp:
    'From your app, or one of your recovery codes. If the code is refused, enter it and the next one, one behind the other.',
  submit: 'Log in',
  simulated: 'SIM',
  simulatedWhy: 'No order reaches a market.',
  forgot: 'Forgot your password or lost your phone?',
  waiting: (seconds: number): string => `There were failed attempts for this name. Trying again in ${seconds} seconds.`,
  needed: 'Required.',
} as const;
