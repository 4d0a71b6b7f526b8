/** Texts of the events. */
export const events = {
  columns: { at: 'Time (UTC)', type: 'Event', stream: 'Stream', actor: 'By', position: 'Position', log: 'Log' },
  type: 'Types, separated by commas',
  stream: 'Stream begins with',
  list: 'Events, newest first',
  follow: 'Follow live',
  following: 'New events appear at the top.',
  lines: 'Lines',
  linesOf: (type: string, strategy: string): string => `Lines of ${type} in the log ${strategy}`,
  none: 'No events match.',
} as const;
