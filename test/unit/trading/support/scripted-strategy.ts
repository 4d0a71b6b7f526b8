import type { Settings } from '../../../../src/domain/config/settings.js';
import { price, priceToDecimal } from '../../../../src/domain/market/types.js';
import { parseSymbol, type StrategyName, type TickerSymbol } from '../../../../src/events/names.js';
import type { MarketView } from '../../../../src/domain/market/view.js';
import { Decimal, type DecimalText } from '../../../../src/kernel/decimal.js';
import type {
  Approach,
  CheckResult,
  Filter,
  OpenPositionView,
  RankedPool,
  Reason,
  ShortType,
  SignalResult,
  Strategy,
  StrategyWindow,
} from '../../../../src/strategies/strategy.js';

/** A strategy that answers what the test has set; without a script it never signals and has no target. */
export class ScriptedStrategy implements Strategy {
  readonly filters: Filter[] = [];
  readonly signals = new Map<TickerSymbol, { readonly side: 'long' | 'short'; readonly dollars: number }>();
  readonly targets = new Set<TickerSymbol>();
  readonly phase = 'open';
  pool: readonly string[] = ['AIG'];
  shorts: ShortType = 'ShortSell';
  fault: string | undefined;

  constructor(
    readonly name: StrategyName,
    public hours: StrategyWindow,
  ) {}

  enabled(): boolean {
    return true;
  }

  shortType(): ShortType {
    return this.shorts;
  }

  trailFraction(): Decimal {
    return Decimal.parse('0.02');
  }

  window(): StrategyWindow {
    return this.hours;
  }

  selfCheck(): readonly CheckResult[] {
    if (this.fault === undefined) return [];
    return [{ module: 'open', ok: false, cause: this.fault, remedy: 'none' }];
  }

  analyze(): RankedPool {
    const candidates = this.pool.map((symbol, index) => ({
      symbol: parseSymbol(symbol),
      rank: index + 1,
      fitness: Decimal.ONE,
      figures: {},
    }));
    return { candidates, screenedOut: [] };
  }

  signal(symbol: TickerSymbol): SignalResult {
    const script = this.signals.get(symbol);
    if (script === undefined) return { fired: false, reason: { code: 'NO_BREAKOUT', figures: {} } };
    const dollars = price(Math.round(script.dollars * 10_000));
    return { fired: true, signal: { symbol, side: script.side, rule: 'scripted', price: dollars, figures: {} } };
  }

  approach(symbol: TickerSymbol, market: MarketView): Approach | undefined {
    const last = market.of(symbol).lastPrice;
    if (last === undefined) return undefined;
    const value = priceToDecimal(last).shortText(2);
    return { figure: 'last', value, threshold: '100.00' as DecimalText, share: last / 1_000_000 };
  }

  manage({ symbol }: OpenPositionView): Reason | undefined {
    return this.targets.has(symbol) ? { code: 'TARGET', figures: {} } : undefined;
  }
}

/** A filter that blocks the signals of `symbol`, or all, with `code`; it throws when there is no code. */
export function scriptedFilter(name: string, code: string | undefined, symbol?: string): Filter {
  return {
    name,
    enabled: (_settings: Settings) => true,
    selfCheck: () => ({ module: name, ok: true, cause: '', remedy: '' }),
    judge: (signal) => {
      if (code === undefined) throw new Error('no figures');
      if (symbol !== undefined && symbol !== signal.symbol) return { allow: true };
      return { allow: false, reason: { code, figures: {} } };
    },
  };
}

/** A filter that lacks what it judges by. */
export function blindFilter(name: string, code: string): Filter {
  return { ...scriptedFilter(name, code), judge: () => ({ allow: true, undecided: { code, figures: {} } }) };
}
