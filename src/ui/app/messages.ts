/** Texts of the app around the pages. */
export const app = {
  noSuchPage: 'No page has this address.',
  notFound: 'Not found',
  toOverview: 'To the overview',
  newVersion: 'TradeBot was updated.',
  newVersionWhy: 'This page belongs to the version before.',
  reload: 'Reload',
  ended: 'Your session has ended.',
  endedWhy: 'What you typed is kept, and the page continues when you log in.',
  otherUser: 'Another user logged in. Nothing was changed.',
  tooLong: (most: number, length: number): string =>
    `Not pasted: at most ${most.toLocaleString('en-US')} characters, and this would be ${length.toLocaleString('en-US')}. Paste a shorter text.`,
  connecting: 'Connecting to the bot',
  forbidden: 'Not allowed for your role',
  forbiddenWhy: 'Ask an admin for access.',
  noMoment: (asof: string): string => `There is no position \u201c${asof}\u201d: a position is a number, such as 412.`,
  noMomentYet: (asof: string): string => `There is no position ${asof} in the journal yet.`,
  backToNow: 'Back to now',
  presentOnly: 'This page shows the present only.',
  presentOnlyWhy: 'You are viewing a past position. This page cannot show it.',
} as const;
