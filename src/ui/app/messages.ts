/** Texts of the app around the pages. */
export const app = {
  noSuchPage: 'No page has this address.',
  toOverview: 'To the overview',
  newVersion: 'TradeBot was updated.',
  newVersionWhy: 'This page belongs to the version before.',
  reload: 'Load again',
  connecting: 'Connecting to the bot',
  forbidden: 'Not allowed for your role',
  forbiddenWhy: 'Ask an admin for access.',
  presentOnly: 'This page shows the present only.',
  presentOnlyWhy: 'You look at a past position. This page cannot show it.',
} as const;
