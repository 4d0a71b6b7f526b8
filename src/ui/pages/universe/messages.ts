/** Texts of the universe. */
export const universe = {
  now: 'Universe in force',
  none: 'No universe yet.',
  noneWhy:
    'Until one is built, the bot trades the symbols in the setting SYMBOLS. A build needs the credentials of a data provider.',
  credentials: 'Provider credentials',
  rules: 'Universe rules',
  facts: {
    ...{ symbols: 'Symbols', listed: 'Listed', out: 'Excluded', date: 'Session before', asOf: 'Newest answer (UTC)' },
    ...{ published: 'Published (UTC)', digest: 'SHA-256' },
  },
  excluded: 'Excluded, by the first rule that a symbol fails',
  excludedColumns: { rule: 'Rule', count: 'Symbols' },
  notes: 'Notes',
  running: 'Running',
  stage: (stage: string, done: number, total: number): string => `${stage}: ${done} of ${total} requests answered`,
  eta: (text: string): string => `about ${text} left at the quotas of the providers`,
  progress: 'Progress of the build',
  failed: 'The last build failed',
  history: 'Builds',
  columns: { at: 'Time (UTC)', event: 'Event', date: 'Session before', what: 'What' },
  published: (symbols: number, listed: number): string => `${symbols} of ${listed} symbols`,
  noHistory: 'No build yet.',
  symbol: 'Why a symbol is in it or not:',
  build: 'Build it now:',
} as const;
