import { type Bar, type MarketSlice, type Price, type QuoteBar, priceToDecimal } from '../../domain/market/types.js';
import type { TickerSymbol } from '../../events/names.js';
import { Decimal } from '../../kernel/decimal.js';
import type { EpochMs } from '../../kernel/time.js';
import type { VenueSession } from './venue.js';
import { minutePath, type MinutePath } from './price-path.js';
import type { SimProfile } from './profile.js';

/** The market as the exchange sees it: the running minute, what our orders took of it, and the last known prices. */
export class SimMarket {
  private slice: MarketSlice | undefined;
  /** Previous close; null when the feed has none. */
  private readonly references = new Map<TickerSymbol, Price | null>();
  /** Last close of this day's completed minutes. Prices stay numbers here: this runs for every bar. */
  private readonly closes = new Map<TickerSymbol, Price>();
  private readonly paths = new Map<TickerSymbol, MinutePath | undefined>();
  private readonly taken = new Map<TickerSymbol, Decimal>();

  constructor(private readonly profile: SimProfile) {}

  /** A new day: the previous prices hold until something trades. */
  begin(session: VenueSession): void {
    this.slice = undefined;
    for (const each of [this.references, this.closes, this.paths, this.taken]) each.clear();
    for (const { symbol, previousClose } of session.references) this.references.set(symbol, previousClose ?? null);
  }

  open(slice: MarketSlice): void {
    this.settleMinute();
    this.slice = slice;
  }

  get openedUntil(): EpochMs | undefined {
    return this.slice?.end;
  }

  isListed(symbol: TickerSymbol): boolean {
    return this.references.has(symbol) || this.closes.has(symbol) || this.bar(symbol) !== undefined;
  }

  isHalted(symbol: TickerSymbol): boolean {
    return this.slice?.halted.includes(symbol) ?? false;
  }

  /** Whether the symbol traded in a completed minute of this day. */
  hasTraded(symbol: TickerSymbol): boolean {
    return this.closes.has(symbol);
  }

  /** The path of the running minute; undefined while the symbol is halted or shows no price. */
  path(symbol: TickerSymbol): MinutePath | undefined {
    if (this.slice === undefined || this.isHalted(symbol)) return undefined;
    if (this.paths.has(symbol)) return this.paths.get(symbol);
    const made = minutePath(this.slice, this.bar(symbol), this.quote(symbol), this.profile);
    this.paths.set(symbol, made);
    return made;
  }

  /** Shares that our orders may still take in the running minute: at least one share a minute, else thin names never trade. */
  liquidity(symbol: TickerSymbol, side: 'buy' | 'sell'): Decimal {
    const bar = this.bar(symbol);
    const quote = this.quote(symbol);
    const shown =
      bar === undefined
        ? side === 'buy'
          ? quote?.askSize
          : quote?.bidSize
        : bar.volume * this.profile.maxParticipation;
    const most = Decimal.of(Math.max(1, Math.floor(shown ?? 0)));
    return Decimal.max(Decimal.ZERO, most.minus(this.taken.get(symbol) ?? Decimal.ZERO));
  }

  take(symbol: TickerSymbol, quantity: Decimal): void {
    this.taken.set(symbol, (this.taken.get(symbol) ?? Decimal.ZERO).plus(quantity));
  }

  /** Last price of a minute completed by `at`: never one that the running minute has yet to show. */
  mark(symbol: TickerSymbol, at: EpochMs): Decimal | undefined {
    if (this.slice !== undefined && this.slice.end <= at) this.settleMinute();
    const known = this.closes.get(symbol) ?? this.references.get(symbol) ?? undefined;
    return known === undefined ? undefined : priceToDecimal(known);
  }

  private settleMinute(): void {
    const over = this.slice;
    if (over === undefined) return;
    for (const bar of over.bars) this.closes.set(bar.symbol, bar.close);
    if (this.paths.size > 0) this.paths.clear();
    if (this.taken.size > 0) this.taken.clear();
  }

  private bar(symbol: TickerSymbol): Bar | undefined {
    return this.slice?.bars.find((bar) => bar.symbol === symbol);
  }

  private quote(symbol: TickerSymbol): QuoteBar | undefined {
    return this.slice?.quotes.find((quote) => quote.symbol === symbol);
  }
}
