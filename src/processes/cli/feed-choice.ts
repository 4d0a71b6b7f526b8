import { vixOptionOf } from '../../adapters/feed-replay/vix-source.js';
import { openRecordedDays, parseSymbols, type FeedChoice } from '../../composition/market-source.js';
import { DEFAULT_SETTINGS } from '../../domain/config/settings.js';
import { tradingHoursOf } from '../../domain/schedule/trading-hours.js';
import { nextSessionWithData } from '../../app/live/session-market.js';
import { configError } from '../../kernel/errors.js';
import type { EpochMs } from '../../kernel/time.js';
import type { OptionFaults } from './context.js';
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
export function feedChoiceOf(flags: FeedFlags, faults: Pick<OptionFaults, 'run'>): FeedChoice | undefined {
  const { data, vix } = flags;
  if ([flags.feed, data, flags.symbols, vix, flags.seed].every((one) => one === undefined)) return undefined;
  const fault = faults.run({ feed: flags.feed, data, vix });
  if (fault !== undefined) throw refused(fault.message, fault.remedy);
  const feed = flags.feed as FeedChoice['feed'] | undefined;
  const symbols = parseSymbols(flags.symbols ?? '');
  const seed = flags.seed === undefined ? null : wholeNumber('--seed', flags.seed, { from: 0, to: LARGEST_SEED });
  if (feed === undefined || feed === 'synthetic' || data === undefined) {
    return { feed: 'synthetic', dir: null, symbols, vix: null, seed };
  }
  return { feed, dir: absolutePath(data, '--data'), symbols, vix: vix === undefined ? null : vixOf(vix), seed };
}

/** A file is found from every process of the bot. */
function vixOf(vix: string): string {
  return 'value' in vixOptionOf(vix) ? vix : absolutePath(vix, '--vix');
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
