/** Texts of the health page. */
export const health = {
  processes: 'Processes',
  columns: {
    ...{ name: 'Process', state: 'State', since: 'Since (UTC)', alive: 'Last heartbeat', memory: 'Memory' },
    ...{ restarts: 'Restarts', pid: 'PID' },
  },
  watchdog: 'Watchdog',
  watchdogWhy: 'Measured by the engine while it runs. A fault holds entries.',
  watched: { name: 'Part', state: 'State', since: 'Since (UTC)', reason: 'Reason' },
  notWatched: 'No report yet. The first one comes with the first session.',
  journal: 'Journal',
  facts: {
    ...{ head: 'Position', count: 'Events', verified: 'Verified to', verifiedAt: 'Verified (UTC)', seal: 'Last seal' },
    ...{ sealed: 'Sealed (UTC)', behind: 'Not sealed yet' },
  },
  never: 'not yet',
  noSeal: 'none yet',
  events: (count: number): string => (count === 1 ? '1 event' : `${count} events`),
  held: {
    cut: 'A stream of the journal hides events',
    restricted: 'The bot has no right to a stream of the journal',
    blocked: 'Another program wrote to a stream of the journal',
  } as Readonly<Record<string, string>>,
  heldWhy: 'Entries are held; positions keep their exits and stops.',
  acknowledge: 'Acknowledge',
  acknowledgeTitle: (stream: string): string => `Acknowledge the events in ${stream}?`,
  acknowledgeText:
    'They are in no books and stay left out. The bot writes to the stream again, and every verification of the journal shows them with your name.',
  reason: 'Reason (required)',
  reasonHelp: '3 to 300 characters; it is kept in the journal with your name.',
  cancel: 'Cancel',
  clock: 'Clock and feed',
  clockFacts: {
    ...{ bot: 'Bot time (UTC)', machine: 'Machine time (UTC)', speed: 'Speed', next: 'Next session' },
    ...{ feed: 'Market data', age: 'Last data', source: 'Source' },
  },
  speed: (text: string): string => (text === '1' ? 'real time' : `${text}\u00d7 real time`),
  noFeed: 'no session',
  backups: 'Backups',
  backup: {
    ...{ at: 'Time (UTC)', result: 'Result', position: 'Up to position', count: 'Events', size: 'Size', name: 'File' },
  },
  done: 'made',
  failed: 'failed',
  noBackups: 'No backup yet.',
} as const;
