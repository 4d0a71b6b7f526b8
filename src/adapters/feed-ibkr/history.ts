import { BarSizeSetting } from '@stoqey/ib';
import type { Bar, SymbolReference } from '../../domain/market/types.js';
import type { TickerSymbol } from '../../events/names.js';
import { networkError } from '../../kernel/errors.js';
import {
  epochMs,
  MINUTE_MS,
  SECOND_MS,
  toUtcText,
  type Clock,
  type DateText,
  type EpochMs,
} from '../../kernel/time.js';
import type { Contracts } from '../broker-ibkr/contracts.js';
import type { GatewayLine } from '../broker-ibkr/gateway-line.js';
import type { WireBar } from '../broker-ibkr/messages.js';
import { barsOf, countedBar } from './option-data.js';
import { tickPrice, tickShares } from './ticks.js';

const PACE = { requests: 58, withinMs: 10 * MINUTE_MS, sameWithinMs: 16 * SECOND_MS };
/** The longest range of one request for minutes. */
const LONGEST_SECONDS = 86_400;
const FORMAT_EPOCH = 2;

interface Range {
  readonly end: string;
  readonly duration: string;
  readonly size: BarSizeSetting;
}

/** What the gateway has of the past, within its pace. */
export class IbkrHistory {
  readonly #asked: { readonly at: EpochMs; readonly what: string }[] = [];

  constructor(
    private readonly line: GatewayLine,
    private readonly contracts: Contracts,
    private readonly clock: Clock,
  ) {}

  /** Minutes that start in [from, to). @throws NetworkError (retry) beyond the pace, or without an answer. */
  async minutes(symbol: TickerSymbol, from: EpochMs, to: EpochMs): Promise<readonly Bar[]> {
    const seconds = Math.min(Math.ceil((to - from) / SECOND_MS), LONGEST_SECONDS);
    const range = { end: gatewayEnd(to), duration: `${seconds} S`, size: BarSizeSetting.MINUTES_ONE };
    const bars = (await this.#ask(symbol, range)).flatMap((bar) => minuteOf(symbol, countedBar(symbol, bar)) ?? []);
    return bars.filter(({ start }) => start >= from && start < to);
  }

  /** Close and volume of the last day before `date`. */
  async reference(symbol: TickerSymbol, date: DateText): Promise<SymbolReference> {
    const days = await this.#ask(symbol, { end: '', duration: '10 D', size: BarSizeSetting.DAYS_ONE });
    const before = date.replaceAll('-', '');
    const last = days.filter(({ time }) => time < before).at(-1);
    return {
      symbol,
      previousClose: tickPrice(last?.close),
      previousVolume: tickShares(last?.volume),
      marketCap: undefined,
    };
  }

  /** Whether one more question keeps the pace. */
  get hasPace(): boolean {
    const now = this.clock.now();
    return this.#asked.filter(({ at }) => now - at < PACE.withinMs).length < PACE.requests;
  }

  #ask(symbol: TickerSymbol, { end, duration, size }: Range): Promise<readonly WireBar[]> {
    this.#keepPace(`${symbol} ${end} ${duration} ${size}`);
    const contract = this.contracts.contractOf(symbol);
    return this.line.ask<readonly WireBar[]>({
      what: `the history of ${symbol}`,
      ask: (id) => (encoder) =>
        encoder.reqHistoricalData(id, contract, end, duration, size, barsOf(symbol), true, FORMAT_EPOCH, false, []),
      take: (message, id) =>
        message.kind === 'historicalBars' && message.reqId === id ? { answer: message.bars } : undefined,
    });
  }

  #keepPace(what: string): void {
    const now = this.clock.now();
    const repeated = this.#asked.some((each) => each.what === what && now - each.at < PACE.sameWithinMs);
    if (!this.hasPace || repeated) {
      throw networkError('retry', {
        code: 'HISTORY_PACE',
        message: `the gateway gives no more history now, so ${what} was not asked for`,
        remedy: 'It is asked for again later: 60 requests in 10 minutes, and the same one after 15 s.',
      });
    }
    this.#asked.push({ at: now, what });
    while (this.#asked.length > PACE.requests * 2) this.#asked.shift();
  }
}

/** The end of a range as the gateway reads it, in UTC. */
function gatewayEnd(at: EpochMs): string {
  return toUtcText(at).slice(0, 19).replaceAll('-', '').replace('T', '-');
}

function minuteOf(symbol: TickerSymbol, bar: WireBar): Bar | undefined {
  const [open, high, low, close] = [bar.open, bar.high, bar.low, bar.close].map(tickPrice);
  const volume = tickShares(bar.volume) ?? 0;
  if (!/^\d{9,11}$/.test(bar.time) || open === undefined || high === undefined) return undefined;
  if (low === undefined || close === undefined || volume === 0) return undefined;
  return { symbol, start: epochMs(Number(bar.time) * SECOND_MS), open, high, low, close, volume };
}
