import {
  hasTrade,
  priceToDecimal,
  type Bar,
  type MarketSlice,
  type Price,
  type QuoteBar,
} from '../../domain/market/types.js';
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

  /** The path of the running minute; undefined while the symbol is halted, and in a minute without a trade. */
  path(symbol: TickerSymbol): MinutePath | undefined {
    if (this.slice === undefined || this.isHalted(symbol)) return undefined;
    if (this.paths.has(symbol)) return this.paths.get(symbol);
    const bar = this.bar(symbol);
    const made = bar === undefined ? undefined : minutePath(this.slice, bar, this.quote(symbol), this.profile);
    this.paths.set(symbol, made);
    return made;
  }

  /**
   * Shares that our orders may still take in the running minute: none in one without a trade, else at least one, or thin
   * names would never trade.
   */
  liquidity(symbol: TickerSymbol): Decimal {
    const bar = this.bar(symbol);
    if (bar === undefined) return Decimal.ZERO;
    const most = Decimal.of(Math.max(1, Math.floor(bar.volume * this.profile.maxParticipation)));
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
    for (const bar of over.bars) if (hasTrade(bar)) this.closes.set(bar.symbol, bar.close);
    if (this.paths.size > 0) this.paths.clear();
    if (this.taken.size > 0) this.taken.clear();
  }

  /** The trades of the running minute; undefined when nobody traded. */
  private bar(symbol: TickerSymbol): Bar | undefined {
    return this.slice?.bars.find((bar) => bar.symbol === symbol && hasTrade(bar));
  }

  private quote(symbol: TickerSymbol): QuoteBar | undefined {
    return this.slice?.quotes.find((quote) => quote.symbol === symbol);
  }
}
