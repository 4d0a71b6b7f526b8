import { vixOptionOf } from '../../adapters/feed-replay/vix-source.js';
import { openRecordedDays, parseSymbols, type FeedChoice } from '../../composition/market-source.js';
import { DEFAULT_SETTINGS } from '../../domain/config/settings.js';
import { tradingHoursOf } from '../../domain/schedule/trading-hours.js';
import { nextSessionWithData } from '../../app/live/session-market.js';
import { configError } from '../../kernel/errors.js';
import type { EpochMs } from '../../kernel/time.js';
import { wholeNumber } from './numbers.js';
import { absolutePath } from './paths.js';

/** The options of `tradebot run` that choose the simulated market. */
export interface FeedFlags {
  readonly feed?: string;
  readonly data?: string;
  readonly symbols?: string;
  readonly vix?: string;
  readonly seed?: string;
}

const LARGEST_SEED = 2 ** 31 - 1;

/** Undefined when none is given. Throws when they do not fit together; no file is read. */
export function feedChoiceOf(flags: FeedFlags): FeedChoice | undefined {
  const { data, vix } = flags;
  if ([flags.feed, data, flags.symbols, vix, flags.seed].every((one) => one === undefined)) return undefined;
  const feed = feedNameOf(flags.feed ?? 'synthetic');
  const symbols = parseSymbols(flags.symbols ?? '');
  const seed = flags.seed === undefined ? null : wholeNumber('--seed', flags.seed, { from: 0, to: LARGEST_SEED });
  if (feed === 'synthetic') {
    if (data !== undefined) throw refused('--data needs --feed lean or --feed csv', 'Add --feed, or leave --data out.');
    if (vix !== undefined)
      throw refused('--vix needs recorded days', 'Leave --vix out: an invented market has its own.');
    return { feed, dir: null, symbols, vix: null, seed };
  }
  if (data === undefined)
    throw refused(`--feed ${feed} needs --data`, 'Add --data with the folder of the recorded days.');
  return { feed, dir: absolutePath(data, '--data'), symbols, vix: vix === undefined ? null : vixOf(vix), seed };
}

/** A file is found from every process of the bot. */
function vixOf(vix: string): string {
  return 'value' in vixOptionOf(vix) ? vix : absolutePath(vix, '--vix');
}

function feedNameOf(text: string): FeedChoice['feed'] {
  if (text === 'synthetic' || text === 'lean' || text === 'csv') return text;
  throw refused(`--feed "${text.slice(0, 40)}" is not known`, 'Give --feed synthetic, lean or csv.');
}

const MOST_NAMED = 12;

/** Opens the recorded days of a choice and says which there are and which is next after `from`; throws what they lack. */
export function feedNotes(choice: FeedChoice, from: EpochMs): readonly string[] {
  if (choice.feed === 'synthetic') return [];
  const { feed, days } = openRecordedDays(choice);
  const hours = tradingHoursOf(DEFAULT_SETTINGS);
  const next = nextSessionWithData(days, hours, { now: from });
  const [first, last] = [days[0] ?? '', days.at(-1) ?? ''];
  const named = days.length <= MOST_NAMED ? days.join(', ') : `${days.length} days from ${first} to ${last}`;
  const had = `Recorded days (${choice.feed}) of ${choice.symbols.join(', ')}: ${named}.`;
  if (next === undefined) {
    return [
      had,
      `None of them is ahead of the bot's clock: nothing will be traded. Try --clock-start ${first}T13:00:00Z.`,
    ];
  }
  // its files are read before anything is started
  feed.openSession(next.date);
  return [had, `The next session that can be traded is that of ${next.date}.`];
}

function refused(message: string, remedy: string): Error {
  return configError({ code: 'BAD_OPTION', message, remedy });
}
