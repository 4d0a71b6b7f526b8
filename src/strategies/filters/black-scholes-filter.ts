import { priceToDecimal } from '../../domain/market/types.js';
import type { MarketView } from '../../domain/market/view.js';
import { modelPrice } from '../../domain/options/model-price.js';
import { nearestContract, type OptionChain } from '../../domain/options/option-chain.js';
import { riskFreeRate } from '../../domain/options/risk-free-rate.js';
import { MINUTE_MS, toUtcText } from '../../kernel/time.js';
import { ratioText } from '../figures.js';
import type { Filter, FilterVerdict, Reason, Signal, StrategyContext } from '../strategy.js';

const NAME = 'black-scholes-filter';
/** Prices move: an older quote says nothing about a signal of now. */
const OLDEST_MS = 15 * MINUTE_MS;

const undecided = (code: string, figures: Reason['figures']): FilterVerdict => ({
  allow: true,
  undecided: { code, figures },
});

/**
 * TRD-31: compares the option that gains by the signal, a call for a long and a put for a short, with its Black-Scholes-Merton
 * value, and blocks beyond MAX_BSM_DEVIATION of it. Without a usable quote the other rules decide, and the record says why.
 */
export const blackScholesFilter: Filter = {
  name: NAME,
  enabled: (settings) => settings.ENABLE_BSM_FILTER,
  unavailable,
  selfCheck: (context) => {
    const passed = { module: `filter ${NAME}`, ok: true, cause: '', remedy: '' };
    return unavailable(context) === undefined
      ? passed
      : { ...passed, note: 'the broker has no option chains: signals are decided without this filter' };
  },
  judge: (signal, market, context) => {
    const right = signal.side === 'long' ? 'call' : 'put';
    const chain = market.optionsOf(signal.symbol, right);
    if (chain !== undefined) return judged(signal, chain, { market, context });
    return unavailable(context) === undefined ? undecided('NO_OPTION_CHAIN', { right }) : { allow: true };
  },
};

function unavailable({ optionChains }: StrategyContext): Reason | undefined {
  return optionChains === true ? undefined : { code: 'BROKER_WITHOUT_OPTIONS', figures: {} };
}

function judged(
  { price }: Signal,
  chain: OptionChain,
  { market, context }: { readonly market: MarketView; readonly context: StrategyContext },
): FilterVerdict {
  const { right } = chain;
  const { settings, date } = context;
  if (market.now - chain.at > OLDEST_MS) return undecided('OPTION_CHAIN_OLD', { right, at: toUtcText(chain.at) });
  const spot = priceToDecimal(price);
  const { OPTION_MIN_DAYS: minDays, OPTION_MAX_SPREAD: maxSpread, MAX_BSM_DEVIATION: limit } = settings;
  const contract = nearestContract(chain, spot, { date, minDays, maxSpread });
  if (contract === undefined) return undecided('NO_OPTION_QUOTE', { right, contracts: String(chain.quotes.length) });
  const rate = riskFreeRate(settings, context.jurisdiction);
  const model = modelPrice(chain, contract, { spot, rate, maxSpread });
  const named = { right, expiry: contract.expiry, strike: contract.strike.shortText() };
  if (model === undefined) return undecided('NO_OPTION_VALUE', named);
  const figures = {
    ...named,
    quote: contract.middle.shortText(2),
    value: ratioText(model.value),
    deviation: ratioText(model.deviation),
    limit: limit.shortText(),
    volatility: ratioText(model.volatility),
    rate: rate.shortText(),
  };
  if (Math.abs(model.deviation) <= limit.toApproximateNumber()) return { allow: true };
  const code = model.deviation > 0 ? 'OPTION_ABOVE_VALUE' : 'OPTION_BELOW_VALUE';
  return { allow: false, reason: { code, figures } };
}
