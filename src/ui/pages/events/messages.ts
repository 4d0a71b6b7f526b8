/** Texts of the events. */
export const events = {
  columns: { at: 'Time (UTC)', type: 'Event', stream: 'Stream', actor: 'By', position: 'Position' },
  type: 'Types, separated by commas',
  stream: 'Stream begins with',
  list: 'Events, newest first',
  follow: 'Follow live',
  following: 'New events appear at the top.',
  none: 'No events match.',
} as const;
