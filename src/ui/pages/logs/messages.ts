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
  columns: { at: 'Time (UTC)', botTime: 'Bot time (UTC)', message: 'Message', event: 'Event', details: 'Details' },
  timeWhy:
    'When the line was written. A line of a process has the clock of the machine, one of a strategy that of the bot.',
  botTimeWhy:
    'The same moment on the clock of the bot. It differs from that of the machine while the simulator or a recorded day is traded.',
  opensEvent: (position: string): string => `Explain the event at position ${position}`,
  noEvent: 'You may not read the event of this line.',
} as const;
