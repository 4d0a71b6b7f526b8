import { Subject, type Observable } from 'rxjs';
import { isOption, type OptionRight } from '../../domain/options/contract-name.js';
import type { OptionChain, OptionQuote } from '../../domain/options/option-chain.js';
import type { EngineState } from '../../domain/session/engine-state.js';
import type { TickerSymbol } from '../../events/names.js';
import { addDays, MINUTE_MS, plusMs, type Clock, type EpochMs } from '../../kernel/time.js';
import type { MarketDataFeed } from '../../ports/market-data.js';
import type { ReferenceData } from '../../ports/reference-data.js';
import type { TradingContext } from '../../trading/context.js';
import { wantedChains, type WantedChain } from './wanted-chains.js';

/** A chain is asked for again after this, also one that did not come. */
const REFRESH_MS = 5 * MINUTE_MS;
/** Contracts of one chain, and the days of expiries after the first that is far enough away. */
const CONTRACTS = 8;
const EXPIRY_DAYS = 21;
/** A minute that ended longer ago is replayed: its signals are not acted on. */
const LATE_MS = 5 * MINUTE_MS;

export interface OptionDeskDeps {
  readonly feed: Pick<MarketDataFeed, 'follow'>;
  readonly broker: Pick<ReferenceData, 'optionChain'>;
  readonly clock: Clock;
  readonly state: () => EngineState;
}

/**
 * Asks the broker for the option chains that the pools of a session need (TRD-23, TRD-31), one at a time. It never fails and nobody
 * waits for it: what comes is heard on `chains$`. What is held or ordered of options is followed by the feed from then on.
 */
export class OptionDesk {
  readonly #chains = new Subject<OptionChain>();
  readonly #askedAt = new Map<string, EpochMs>();
  #wanted: readonly WantedChain[] = [];
  #busySince: EpochMs | undefined;

  constructor(private readonly deps: OptionDeskDeps) {}

  get chains$(): Observable<OptionChain> {
    return this.#chains;
  }

  /** Has the feed send the quotes of every option that the bot holds or has an order in. */
  follow(): void {
    const { feed, state } = this.deps;
    const { positions, liveOrders } = state();
    const held = [...positions.values()].filter(({ quantity }) => !quantity.isZero());
    const ordered = [...liveOrders.values()].map(({ intent }) => intent);
    for (const { symbol } of [...held, ...ordered]) if (isOption(symbol)) feed.follow?.(symbol);
  }

  /** A minute was decided: follows what was entered, and asks for what the candidates need for the next one. */
  look(context: TradingContext): void {
    const { broker, clock, state } = this.deps;
    this.follow();
    if (broker.optionChain === undefined || clock.now() - context.market.now > LATE_MS) return;
    this.#wanted = wantedChains(state(), context);
    this.#next(context);
  }

  #next(context: TradingContext): void {
    const now = this.deps.clock.now();
    // an answer that never comes keeps the next question for one round only
    if (this.#busySince !== undefined && now < plusMs(this.#busySince, REFRESH_MS)) return;
    const wanted = this.#wanted.find((one) => this.#isDue(one));
    if (wanted === undefined) return;
    this.#busySince = now;
    this.#askedAt.set(keyOf(wanted), now);
    void this.#ask(wanted, context).finally(() => {
      this.#busySince = undefined;
      this.#next(context);
    });
  }

  #isDue(wanted: WantedChain): boolean {
    const askedAt = this.#askedAt.get(keyOf(wanted));
    return askedAt === undefined || this.deps.clock.now() >= plusMs(askedAt, REFRESH_MS);
  }

  async #ask({ symbol, right, near }: WantedChain, { date, settings }: TradingContext): Promise<void> {
    const { broker, clock } = this.deps;
    const from = addDays(date, settings.OPTION_MIN_DAYS);
    const question = { right, from, to: addDays(from, EXPIRY_DAYS), near, most: CONTRACTS };
    try {
      const quotes = (await broker.optionChain?.(symbol, question)) ?? [];
      this.#chains.next({ symbol, right, at: clock.now(), quotes: quotes.filter(isPossible) });
    } catch {
      // the broker's own checks report that it does not answer; the chain is asked for again
    }
  }
}

function keyOf({ symbol, right }: { readonly symbol: TickerSymbol; readonly right: OptionRight }): string {
  return `${symbol}/${right}`;
}

/** Figures that no market has are no figures of a chain. */
function isPossible({ strike, bid, ask }: OptionQuote): boolean {
  return strike.sign() > 0 && (bid === null || bid.sign() >= 0) && (ask === null || ask.sign() >= 0);
}
