import { DEFAULT_SETTINGS } from '../../domain/config/settings.js';
import type { Fundamentals } from '../../domain/market/fundamentals.js';
import { price, type AuctionImbalance, type Bar, type Price } from '../../domain/market/types.js';
import type { OptionChain } from '../../domain/options/option-chain.js';
import { MarketView } from '../../domain/market/view.js';
import { parseSymbol } from '../../events/names.js';
import { Decimal } from '../../kernel/decimal.js';
import { MINUTE_MS, parseUtcText, plusMs, type DateText } from '../../kernel/time.js';
import type { CheckResult, Filter, Signal, StrategyContext } from '../../strategies/strategy.js';

const SYMBOL = parseSymbol('TEST');
const OPENS = parseUtcText('2026-01-06T14:30:00.000Z');
const CONTEXT: StrategyContext = {
  settings: DEFAULT_SETTINGS,
  date: '2026-01-06' as DateText,
  opensAt: OPENS,
  closesAt: plusMs(OPENS, 390 * MINUTE_MS),
};
const MINUTES = 60;

/** A put at the money, 31 days before its expiry, quoted at a price: at this volatility the model says 1.65. */
const CHAIN = (asked: string): OptionChain => ({
  symbol: SYMBOL,
  right: 'put',
  at: plusMs(OPENS, MINUTES * MINUTE_MS),
  quotes: [
    {
      expiry: '2026-02-06' as DateText,
      strike: Decimal.of(50),
      right: 'put',
      bid: Decimal.parse(asked),
      ask: Decimal.parse(asked),
      impliedVolatility: Decimal.parse('0.3'),
      underlying: Decimal.of(50),
    },
  ],
});

interface Known {
  readonly chain?: OptionChain;
  readonly vix?: number;
  readonly fundamentals?: Fundamentals;
}

/** A made-up hour: the price of each minute, and what else is known. */
function market(priceAt: (minute: number) => number, { vix, fundamentals, chain }: Known): MarketView {
  const unknown = { previousClose: undefined, previousVolume: undefined, marketCap: undefined };
  const view = new MarketView({
    references: [{ symbol: SYMBOL, ...unknown, ...(fundamentals === undefined ? {} : { fundamentals }) }],
    opensAt: CONTEXT.opensAt,
    closesAt: CONTEXT.closesAt,
  });
  for (let minute = 0; minute < MINUTES; minute += 1) {
    const start = plusMs(OPENS, minute * MINUTE_MS);
    const bars = [barOf(minute, priceAt)];
    view.apply({
      start,
      end: plusMs(start, MINUTE_MS),
      bars,
      quotes: [],
      halted: [],
      vix,
      chains: chain === undefined ? [] : [chain],
    });
  }
  return view;
}

function barOf(minute: number, priceAt: (minute: number) => number): Bar {
  const close = price(priceAt(minute));
  const open = price(priceAt(Math.max(0, minute - 1)));
  return {
    symbol: SYMBOL,
    start: plusMs(OPENS, minute * MINUTE_MS),
    open,
    high: Math.max(open, close) as Price,
    low: Math.min(open, close) as Price,
    close,
    volume: 10_000,
  };
}

const trending = (): MarketView => market((minute) => 500_000 + minute * 2_000, {});
/** Two minutes up, two minutes down: equal movement both ways. */
const SWING = [0, 1_000, 2_000, 1_000] as const;
const swinging = (known: Known = {}): MarketView => market((minute) => 500_000 + (SWING[minute % 4] ?? 0), known);

const company = (pe: string): Known => {
  const rest = { eps: undefined, debtEquity: undefined, marketCap: undefined };
  return { fundamentals: { pe: Decimal.parse(pe), ...rest } };
};

const signalAt = (at: number, side: Signal['side'] = 'long'): Signal => ({
  symbol: SYMBOL,
  side,
  rule: 'probe',
  price: price(at),
  figures: {},
});

/** A quarter of an hour before the close, with sellers left over in the auction. */
function beforeTheClose(imbalance: number): MarketView {
  const view = swinging();
  const at = plusMs(CONTEXT.closesAt, -15 * MINUTE_MS);
  const news: AuctionImbalance = { symbol: SYMBOL, at, volume: 60_000, price: undefined, imbalance };
  view.apply({
    ...{ start: at, end: plusMs(at, MINUTE_MS) },
    ...{ bars: [], quotes: [], halted: [], vix: undefined, imbalances: [news] },
  });
  return view;
}

interface KnownAnswers {
  readonly blocks: { readonly code: string; readonly signal: Signal; readonly market: MarketView };
  readonly allows: { readonly signal: Signal; readonly market: MarketView };
}

/** Markets with a known answer for each filter, by its name. */
const KNOWN: ReadonlyMap<string, () => KnownAnswers> = new Map([
  [
    'adx-filter',
    () => ({
      blocks: { code: 'ADX_ABOVE_MAX', signal: signalAt(618_000), market: trending() },
      allows: { signal: signalAt(500_000), market: swinging() },
    }),
  ],
  [
    'black-scholes-filter',
    () => {
      const signal = signalAt(500_000, 'short');
      return {
        blocks: { code: 'OPTION_ABOVE_VALUE', signal, market: swinging({ chain: CHAIN('3.33') }) },
        allows: { signal, market: swinging({ chain: CHAIN('1.66') }) },
      };
    },
  ],
  [
    'bollinger-confluence',
    () => ({
      blocks: { code: 'INSIDE_BOLLINGER_BANDS', signal: signalAt(500_500), market: swinging() },
      allows: { signal: signalAt(400_000), market: swinging() },
    }),
  ],
  [
    'fundamental-guard',
    () => ({
      blocks: { code: 'PE_ABOVE_MAX', signal: signalAt(500_000), market: swinging(company('50.01')) },
      allows: { signal: signalAt(500_000), market: swinging(company('50')) },
    }),
  ],
  [
    'imbalance-scanner',
    () => ({
      blocks: { code: 'AUCTION_AGAINST_SIGNAL', signal: signalAt(500_000), market: beforeTheClose(-40_000) },
      allows: { signal: signalAt(500_000), market: beforeTheClose(40_000) },
    }),
  ],
  [
    'vix-gatekeeper',
    () => ({
      blocks: { code: 'VIX_BELOW_THRESHOLD', signal: signalAt(500_000), market: swinging({ vix: 10 }) },
      allows: { signal: signalAt(500_000), market: swinging({ vix: 30 }) },
    }),
  ],
]);

/** Checks a filter against its known answers; a filter without any runs its own self-check only. */
export function filterCheck(filter: Filter, context: StrategyContext): CheckResult {
  const own = filter.selfCheck(context);
  const known = KNOWN.get(filter.name)?.();
  if (!own.ok || known === undefined) return own;
  const blocked = filter.judge(known.blocks.signal, known.blocks.market, CONTEXT);
  const allowed = filter.judge(known.allows.signal, known.allows.market, CONTEXT);
  const got = blocked.allow ? 'allowed' : blocked.reason.code;
  const wrong = [
    ...(got === known.blocks.code ? [] : [`a signal that it must block with ${known.blocks.code} is ${got}`]),
    ...(allowed.allow ? [] : [`a signal that it must allow is blocked with ${allowed.reason.code}`]),
  ];
  if (wrong.length === 0) return own;
  const remedy = 'Switch the filter off in the settings, and report this defect.';
  return { module: own.module, ok: false, cause: wrong.join('; '), remedy };
}
