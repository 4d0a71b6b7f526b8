import { groupedIfNumber, words } from '../../lib/format.js';

/** What the rules say of a symbol. */
interface Verdict {
  readonly symbol: string;
  readonly date: string;
  readonly chosen: boolean;
  readonly listed: boolean;
  readonly rank: number | null;
  readonly rules: readonly {
    readonly ok: boolean;
    readonly rule: string;
    readonly value: string;
    readonly limit: string;
  }[];
}

/** "price below minimum" of PRICE_BELOW_MIN. */
export function ruleWords(code: string): string {
  return words(code.toLowerCase())
    .replace(/\bmin\b/, 'minimum')
    .replace(/\bmax\b/, 'maximum');
}

/** "NYSE, NASDAQ" of a list without spaces, "300,000,000 to 10,000,000,000" of a range without its commas. */
export function ruleFigures(text: string): string {
  return text
    .replace(/,(?=[A-Za-z])/g, ', ')
    .split(' ')
    .map(groupedIfNumber)
    .join(' ');
}

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
  why: {
    title: 'Why a symbol is in the universe or not',
    symbol: 'Symbol',
    help: 'Enter a symbol to see what each rule says of it.',
    holds: 'holds',
    columns: { rule: 'Rule', outcome: 'Outcome', value: 'Reported', limit: 'Wanted' },
    verdict: ({ symbol, date, chosen, listed, rank, rules }: Verdict): string => {
      if (!listed) return `${symbol} is not in the universe of ${date}: no provider lists it.`;
      if (chosen) return `${symbol} is in the universe of ${date}, rank ${rank ?? 0} by dollars traded.`;
      const failed = rules.find(({ ok }) => !ok);
      if (failed === undefined) return `${symbol} is not in the universe of ${date}.`;
      const { rule, value, limit } = failed;
      return `${symbol} is not in the universe of ${date}: ${ruleWords(rule)} is ${ruleFigures(value)}, wanted is ${ruleFigures(limit)}.`;
    },
  },
  build: 'Build',
  buildNow: 'Build now',
  buildWhy: 'A worker asks the providers and filters by the rules and lists in force. It does so each night by itself.',
  begun: 'The build has begun.',
} as const;
