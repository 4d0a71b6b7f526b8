/** Texts of the way back in: a mailed link, and the new password that it leads to. */
export const reset = {
  forgot: {
    title: 'Get back in',
    byEmail: 'By email',
    email: 'Email address of your account',
    send: 'Send link',
    sent: 'If an account has this address, a link was sent to it. The link is valid for 30 minutes.',
    withoutEmail: 'Without email',
    phone: 'Lost your phone: a recovery code replaces the code of the app, once each.',
    admin: 'Any admin gives you a one-time password and removes your second factor, under Users.',
    nobody:
      'Nobody can log in: the person who runs the bot opens a terminal on its machine, in the folder of TradeBot, and types the line below. It asks for a new password and makes NAME an admin without a second factor.',
    command: 'npx tradebot users repair --admin NAME --reason "locked out"',
    back: 'Back',
  },
  title: 'New password',
  noToken: 'This address has no token.',
  noTokenHelp: 'Open the link in the email again, or ask for another one.',
  another: 'Ask for a link',
  password: 'New password',
  passwordHelp: '12 characters or more; a few random words are a good choice.',
  save: 'Save',
  done: 'Your password is changed.',
  doneHelp: 'All sessions were ended. Log in with your new password.',
  logIn: 'Log in',
} as const;
