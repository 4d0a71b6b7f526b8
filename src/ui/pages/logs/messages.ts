/** Texts of the logs. */
export const logs = {
  choose: 'Log',
  search: 'Lines that contain',
  follow: 'Follow live',
  paused: 'Older lines are shown, so new ones are not added. Load the page again to follow.',
  download: 'Download',
  list: (name: string): string => `${name}, newest line first`,
  none: 'No lines yet.',
  noMatch: (text: string): string => `No line contains "${text}".`,
  noLogs: 'No logs yet.',
  noLogsHelp: 'They appear after the first start of the bot.',
  columns: { at: 'Time (UTC)', message: 'Message', event: 'Event', details: 'Details' },
  opensEvent: (position: string): string => `Explain the event at position ${position}`,
  noEvent: 'You may not read the event of this line.',
} as const;
