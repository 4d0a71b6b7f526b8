import { Findings } from '../../domain/market/quality.js';
import { PRICE_SCALE, price, type SymbolReference } from '../../domain/market/types.js';
import type { TickerSymbol } from '../../events/names.js';
import { canonicalJson } from '../../kernel/canonical-json.js';
import { configError, invariant } from '../../kernel/errors.js';
import { sha256Hex } from '../../kernel/hash.js';
import { SeededRandom } from '../../kernel/random.js';
import { MINUTE_MS, plusMs, type DateText } from '../../kernel/time.js';
import type { RecordedSession } from '../../ports/market-data.js';
import { RecordedDay, type HaltedMinute } from '../feed-kit/recorded-day.js';
import { ReplayFeed } from '../feed-kit/replay-feed.js';
import { checkedSymbols } from '../feed-kit/symbols.js';
import { closingLevel, vixLevel } from './levels.js';
import { PERSONALITIES, type Personality } from './personality.js';
import { dayBefore, sessionHours, syntheticDay, type Halt, type SyntheticDay } from './synthetic-day.js';

/** Part of the digest: raised whenever the same seed gives different figures. */
const GENERATOR_VERSION = 1;
const HALT_CHANCE = 0.3;
const MOST_CACHED_DAYS = 140;

export interface SyntheticFeedOptions {
  /** A whole number. The same seed gives the same market on every machine. */
  readonly seed: number;
  /** Default: all of the invented market. */
  readonly symbols?: readonly TickerSymbol[];
  /** Handling of an unknown ticker: refused (default), or generated with one of the personalities. */
  readonly unknownTickers?: 'refuse' | 'invent';
  /** Days that were generated; feeds that share them generate each day once. Default: its own. */
  readonly days?: Map<string, SyntheticDay>;
}

/**
 * A fictional market that needs no file (TRD-1): the default demo. Every day is generated from (seed, symbol, date)
 * alone and still follows from the previous day: it opens with a gap from the last close, volume and volatility peak at
 * both ends, spreads are wide at the open, a thin share misses minutes, and sometimes one is halted.
 */
export class SyntheticFeed extends ReplayFeed {
  private readonly seed: number;
  private readonly invents: boolean;
  private readonly personalities: readonly Personality[];
  private readonly days: Map<string, SyntheticDay>;

  constructor(options: SyntheticFeedOptions) {
    super();
    this.seed = checkedSeed(options.seed);
    this.days = options.days ?? new Map<string, SyntheticDay>();
    const symbols = checkedSymbols(options.symbols ?? PERSONALITIES.map(({ symbol }) => symbol));
    this.invents = options.unknownTickers === 'invent';
    this.personalities = symbols.map((symbol) => this.personalityOf(symbol));
  }

  openSession(date: DateText): RecordedSession {
    const findings = new Findings();
    const days = this.personalities.map((personality) => this.dayOf(personality, date));
    return new RecordedDay({
      date,
      references: this.personalities.map((personality) => this.referenceOf(personality, date)),
      description: {
        kind: 'synthetic',
        description: `invented market of seed ${this.seed} on ${date}`,
        seed: this.seed,
        symbols: this.personalities.map(({ symbol }) => symbol),
        sha256: sha256Hex(
          canonicalJson({ generator: GENERATOR_VERSION, seed: this.seed, date, personalities: this.personalities }),
        ),
      },
      bars: days.map(({ bars }) => bars),
      quotes: days.map(({ quotes }) => quotes),
      halted: this.haltedMinutes(date),
      vix: vixLevel(this.seed, dayBefore(date)),
      findings,
    });
  }

  private personalityOf(symbol: TickerSymbol): Personality {
    const found = PERSONALITIES.find((personality) => personality.symbol === symbol);
    if (found !== undefined) return found;
    if (this.invents) return inventedPersonality(this.seed, symbol);
    throw configError({
      code: 'UNKNOWN_SYNTHETIC_SYMBOL',
      message: `${symbol} is not in the invented market`,
      remedy: `Choose among: ${PERSONALITIES.map((personality) => personality.symbol).join(', ')}.`,
    });
  }

  private referenceOf(personality: Personality, date: DateText): SymbolReference {
    const before = dayBefore(date);
    const previousClose = price(closingLevel(this.seed, personality, before));
    return {
      symbol: personality.symbol,
      previousClose,
      previousVolume: this.dayOf(personality, before).volume,
      marketCap: Math.round((personality.sharesOutstanding * previousClose) / 10 ** PRICE_SCALE),
    };
  }

  private haltedMinutes(date: DateText): HaltedMinute[] {
    const { opensAt } = sessionHours(date);
    return this.personalities.flatMap(({ symbol }) => {
      const halt = haltOf(this.seed, symbol, date);
      const length = halt === undefined ? 0 : halt.to - halt.from;
      return Array.from({ length }, (_, index) => ({
        symbol,
        start: plusMs(opensAt, ((halt?.from ?? 0) + index) * MINUTE_MS),
      }));
    });
  }

  private dayOf(personality: Personality, date: DateText): SyntheticDay {
    const key = `${this.seed} ${personality.symbol} ${date}`;
    let day = this.days.get(key);
    if (day === undefined) {
      day = syntheticDay(this.seed, personality, date, haltOf(this.seed, personality.symbol, date));
      if (this.days.size >= MOST_CACHED_DAYS) this.days.clear();
      this.days.set(key, day);
    }
    return day;
  }
}

/** At most one symbol per day is halted, for five to ten minutes, never near the open or the close. */
function haltOf(seed: number, symbol: TickerSymbol, date: DateText): Halt | undefined {
  const random = SeededRandom.of(seed, date, 'halt');
  if (!random.chance(HALT_CHANCE)) return undefined;
  const haltable = PERSONALITIES.filter((personality) => personality.haltable);
  if (haltable[random.integer(0, haltable.length)]?.symbol !== symbol) return undefined;
  const { opensAt, closesAt } = sessionHours(date);
  const from = random.integer(45, (closesAt - opensAt) / MINUTE_MS - 60);
  return { from, to: from + random.integer(5, 11) };
}

/** One of the personalities under another name; its days are its own, because they are drawn by the name. */
function inventedPersonality(seed: number, symbol: TickerSymbol): Personality {
  const random = SeededRandom.of(seed, symbol, 'personality');
  const like = PERSONALITIES[random.integer(0, PERSONALITIES.length)];
  invariant(like !== undefined, 'NO_PERSONALITY', 'the invented market is empty');
  return { ...like, symbol };
}

function checkedSeed(seed: number): number {
  if (Number.isSafeInteger(seed)) return seed;
  throw configError({
    code: 'BAD_SEED',
    message: `${seed} is not a seed`,
    remedy: 'Give a whole number, such as 7.',
  });
}
