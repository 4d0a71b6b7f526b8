import { existsSync } from 'node:fs';
import { Controller, Get, Inject } from '@nestjs/common';
import { haltSpans, RecordedBars, type SymbolMinutes } from '../../../adapters/market-recorder/recorded-bars.js';
import { chartMarks } from '../../../app/web-queries/chart-marks.js';
import { JournalPages } from '../../../app/web-queries/journal-pages.js';
import { Vwap } from '../../../domain/market/indicators/vwap.js';
import type { Price } from '../../../domain/market/types.js';
import type { Position } from '../../../events/event.js';
import { STREAMS } from '../../../events/streams.js';
import { Decimal } from '../../../kernel/decimal.js';
import {
  MINUTE_MS,
  parseDateText,
  parseUtcText,
  plusMs,
  toUtcText,
  type DateText,
  type EpochMs,
} from '../../../kernel/time.js';
import type { Journal } from '../../../ports/journal.js';
import { Needs, ServedIn } from '../common/access.js';
import { Answers } from '../common/answers.js';
import { Tag } from '../common/described.js';
import { QueryInput } from '../common/input.js';
import { notFound } from '../common/problem.js';
import { pastPosition } from '../journal/past-position.js';
import { WEB_CONTEXT } from '../tokens.js';
import type { WebContext } from '../web-context.js';
import { ChartAnswer, ChartQueryInput, RecordedDaysAnswer, DaysQueryInput } from './market.dto.js';

const MOST_DAYS = 400;
/** Prices of recordings are in 1/10,000 dollar. */
const PRICE_SCALE = 4;

/** Recorded market data with what the bot did in it (TRD-6). */
@Tag('trading')
@Controller('api/market')
@ServedIn('dashboard')
@Needs('read')
export class MarketController {
  readonly #recorded = new RecordedBars();

  constructor(@Inject(WEB_CONTEXT) private readonly context: WebContext) {}

  @Get('days')
  @Answers(200, RecordedDaysAnswer, 'Lists the sessions with recorded market data, newest first.')
  async days(@QueryInput(DaysQueryInput) { asof }: DaysQueryInput): Promise<RecordedDaysAnswer> {
    const { journal, paths } = this.context.open();
    const upTo = await pastPosition(asof, journal);
    const opened = await journal.readAll({
      ...{ direction: 'backwards', limit: MOST_DAYS, filter: { types: ['SessionOpened'] } },
    });
    const days = opened.flatMap((event) => {
      if (event.type !== 'SessionOpened' || (upTo !== undefined && event.position > upTo)) return [];
      const { date } = event.data;
      if (existsSync(paths.marketRecording(date))) return [{ date, open: false }];
      return existsSync(paths.marketRecordingPart(date)) ? [{ date, open: true }] : [];
    });
    const dates = new Set<string>();
    return { days: days.filter(({ date }) => !dates.has(date) && dates.add(date)) };
  }

  @Get('chart')
  @Answers(200, ChartAnswer, 'Returns the minutes of a symbol in a session, with signals, fills, stops and halts.')
  async chart(@QueryInput(ChartQueryInput) { date: day, symbol: asked, asof }: ChartQueryInput): Promise<ChartAnswer> {
    const { journal, paths } = this.context.open();
    const upTo = await pastPosition(asof, journal);
    const date = parseDateText(day);
    const files = { recording: paths.marketRecording(date), part: paths.marketRecordingPart(date) };
    const minutes = await this.#recorded.read(files);
    if (minutes === undefined || minutes.size === 0)
      throw notFound('recorded market data of this session', 'Choose a session on which this bot traded.');
    const symbols = [...minutes.keys()].sort();
    const traded = await tradedOn(journal, date, upTo);
    const symbol = asked?.toUpperCase() ?? traded.find((one) => minutes.has(one)) ?? symbols[0] ?? '';
    const own = minutes.get(symbol);
    if (own === undefined) throw notFound(`recorded market data of ${symbol.slice(0, 16)} in this session`);
    const end = upTo === undefined ? undefined : await timeAt(journal, upTo);
    const found = await chartMarks(journal, { date, symbol, upTo });
    return { date, symbol, symbols, traded, ...minutesAnswer(own, end), ...found };
  }
}

/** Minutes that had ended by then, with the average so far. */
function minutesAnswer({ bars, halted }: SymbolMinutes, end: EpochMs | undefined): Pick<ChartAnswer, 'bars' | 'halts'> {
  const vwap = new Vwap();
  const isOver = (start: EpochMs): boolean => end === undefined || plusMs(start, MINUTE_MS) <= end;
  return {
    bars: bars
      .filter(({ start }) => isOver(start))
      .map(({ start, open, high, low, close, volume }) => {
        vwap.update(high, low, close, volume);
        const average = vwap.value;
        return {
          ...{ at: toUtcText(start), open: priceText(open), high: priceText(high), low: priceText(low) },
          ...{ close: priceText(close), volume },
          vwap: average === undefined ? null : priceText(Math.round(average)),
        };
      }),
    halts: haltSpans(halted.filter(isOver)).map(({ from, to }) => ({ from: toUtcText(from), to: toUtcText(to) })),
  };
}

function priceText(price: Price | number): string {
  return Decimal.of(price, PRICE_SCALE).shortText(2);
}

/** Symbols of the positions of a session, in the order in which they were opened. */
async function tradedOn(journal: Journal, date: DateText, upTo: Position | undefined): Promise<readonly string[]> {
  const [first] = await journal.readStream(STREAMS.session(date), { limit: 1 });
  if (first === undefined) return [];
  const events = await journal.readAll({
    ...{ after: first.position, limit: 1_000, filter: { types: ['SessionOpened', 'PositionOpened'] } },
  });
  const next = events.findIndex(({ type }) => type === 'SessionOpened');
  const own = next === -1 ? events : events.slice(0, next);
  const found = own.flatMap((event) =>
    event.type === 'PositionOpened' && (upTo === undefined || event.position <= upTo) ? [event.data.symbol] : [],
  );
  return [...new Set(found)];
}

/** When the journal recorded the event at a position. */
async function timeAt(journal: Journal, position: Position): Promise<EpochMs | undefined> {
  const { items } = await new JournalPages(journal).events({ limit: 1, until: position });
  const [event] = items;
  return event === undefined ? undefined : parseUtcText(event.recordedAt);
}
