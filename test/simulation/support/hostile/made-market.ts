import { RecordedDay } from '../../../../src/adapters/feed-kit/recorded-day.js';
import { ReplayFeed } from '../../../../src/adapters/feed-kit/replay-feed.js';
import { Findings } from '../../../../src/domain/market/quality.js';
import { price, type Bar, type Price } from '../../../../src/domain/market/types.js';
import { sessionOf } from '../../../../src/domain/calendar/nyse.js';
import { parseSymbol, type TickerSymbol } from '../../../../src/events/names.js';
import { invariant } from '../../../../src/kernel/errors.js';
import { sha256Hex } from '../../../../src/kernel/hash.js';
import { SeededRandom } from '../../../../src/kernel/random.js';
import { MINUTE_MS, plusMs, type DateText, type EpochMs } from '../../../../src/kernel/time.js';
import type { RecordedSession } from '../../../../src/ports/market-data.js';
import type { Scenario } from './scenario.js';

/** Something trades in the last minutes: what is held then can be closed. */
const LAST_MINUTES = 2;

/** The market of a scenario: a random walk of some minutes, now and then a minute without a trade. */
export class MadeMarket extends ReplayFeed {
  constructor(private readonly scenario: Scenario) {
    super();
  }

  openSession(date: DateText): RecordedSession {
    const { seed } = this.scenario;
    const symbols = this.scenario.symbols.map(parseSymbol);
    const session = sessionOf(date);
    invariant(session !== undefined, 'TEST_DAY', `${date} is not a trading day`);
    return new RecordedDay({
      date,
      references: symbols.map((symbol) => ({
        symbol,
        previousClose: price(openingOf(seed, symbol)),
        previousVolume: 5_000_000,
        marketCap: undefined,
      })),
      description: { kind: 'synthetic', description: 'hostile', seed, symbols, sha256: sha256Hex(`${seed}`) },
      bars: symbols.map((symbol) => this.barsOf(symbol, date, session.opensAt)),
      quotes: [],
      vix: undefined,
      findings: new Findings(),
    });
  }

  private barsOf(symbol: TickerSymbol, date: DateText, opensAt: EpochMs): readonly Bar[] {
    const { seed, minutes, volatility, volume } = this.scenario;
    const random = SeededRandom.of('hostile-market', seed, symbol, date);
    const bars: Bar[] = [];
    let last = openingOf(seed, symbol);
    for (let minute = 0; minute < minutes; minute += 1) {
      const open = last;
      const step = (): number => Math.max(10_000, Math.round(last * (1 + volatility * (2 * random.next() - 1))));
      const [close, one, other] = [step(), step(), step()];
      last = close;
      if (random.chance(0.04) && minute < minutes - LAST_MINUTES) continue;
      bars.push({
        symbol,
        start: plusMs(opensAt, minute * MINUTE_MS),
        open: cents(open),
        high: cents(Math.max(open, close, one, other)),
        low: cents(Math.min(open, close, one, other)),
        close: cents(close),
        volume: random.integer(Math.ceil(volume / 2), volume * 2),
      });
    }
    return bars;
  }
}

function openingOf(seed: number, symbol: TickerSymbol): number {
  return 10_000 * SeededRandom.of('hostile-opening', seed, symbol).integer(3, 200);
}

function cents(value: number): Price {
  return price(Math.max(100, Math.round(value / 100) * 100));
}
