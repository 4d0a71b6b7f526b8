import type { BrokerDay } from '../../domain/calendar/broker-day.js';
import { zonedToUtc } from '../../domain/calendar/clock-time.js';
import { EXCHANGE_ZONE, exchangeDateOf } from '../../domain/calendar/nyse.js';
import type { TickerSymbol } from '../../events/names.js';
import { Decimal } from '../../kernel/decimal.js';
import { epochMs, SECOND_MS, type Clock, type DateText, type EpochMs } from '../../kernel/time.js';
import type { BrokerAsset } from '../../ports/reference-data.js';
import { isMembers, neededFigure, neededText, textOf, unreadable, type Members } from './shapes.js';
import { symbolOf, wireSymbol } from './symbols.js';
import type { TradierApi } from './tradier-api.js';

/** Kinds of securities that the bot trades. */
const TRADABLE: readonly string[] = ['stock', 'etf'];

/** Assets, clock and calendar of the broker. */
export class Reference {
  #borrowable: { readonly date: DateText; readonly symbols: Promise<ReadonlySet<string>> } | undefined;

  constructor(
    private readonly api: TradierApi,
    private readonly clock: Clock,
    /** Whether the account may sell short: a cash account may not. */
    private readonly maySellShort: () => Promise<boolean>,
  ) {}

  async asset(symbol: TickerSymbol): Promise<BrokerAsset | undefined> {
    const quote = (await this.api.quotes([wireSymbol(symbol)])).find(
      (one) => symbolOf(textOf(one, 'symbol') ?? '') === symbol,
    );
    if (quote === undefined) return undefined;
    const tradable = TRADABLE.includes(textOf(quote, 'type') ?? '');
    const shortable = tradable && (await this.maySellShort()) && (await this.#easyToBorrow()).has(symbol);
    return { symbol, tradable, fractionable: false, shortable, minQuantity: Decimal.ONE };
  }

  async brokerTime(): Promise<EpochMs> {
    const seconds = neededFigure(await this.api.clock(), 'timestamp').toApproximateNumber();
    return epochMs(Math.round(seconds * SECOND_MS));
  }

  /** The regular hours of a day. @throws BrokerError BROKER_ANSWER_UNREADABLE when the calendar lacks the day */
  async calendar(date: DateText): Promise<BrokerDay> {
    const days = await this.api.calendar(date.slice(0, 4), date.slice(5, 7));
    const day = days.find((one) => textOf(one, 'date') === date);
    if (day === undefined) throw unreadable(`the calendar has no ${date}`);
    return brokerDayOf(day, date);
  }

  /** The list is of a day; a list that was not read is asked for again. */
  async #easyToBorrow(): Promise<ReadonlySet<string>> {
    const date = exchangeDateOf(this.clock.now());
    if (this.#borrowable?.date !== date) {
      const symbols = this.api
        .easyToBorrow()
        .then((rows) => new Set(rows.map((row) => symbolOf(neededText(row, 'symbol')))));
      this.#borrowable = { date, symbols };
      symbols.catch(() => (this.#borrowable = undefined));
    }
    return this.#borrowable.symbols;
  }
}

function brokerDayOf(day: Members, date: DateText): BrokerDay {
  const reason = textOf(day, 'description') ?? 'closed';
  if (textOf(day, 'status') === 'closed') return { kind: 'closed', reason };
  const { open } = day;
  if (!isMembers(open)) throw unreadable(`the calendar has no hours of ${date}`);
  const at = (name: string): EpochMs => {
    const time = neededText(open, name);
    if (!/^\d\d:\d\d$/.test(time)) throw unreadable(`the calendar has the hour ${JSON.stringify(time.slice(0, 20))}`);
    return zonedToUtc(date, time, EXCHANGE_ZONE);
  };
  return { kind: 'open', opensAt: at('start'), closesAt: at('end') };
}
