import type { Settings } from '../../domain/config/settings.js';
import type { Fundamentals } from '../../domain/market/fundamentals.js';
import { Decimal } from '../../kernel/decimal.js';
import type { Reason } from '../strategy.js';
import { toggled } from './toggled.js';

const reason = (code: string, figures: Reason['figures']): Reason => ({ code, figures });

/** A loss is not cheap: a negative ratio, or a ratio that is missing next to negative earnings. */
function earnings({ pe, eps }: Fundamentals, { MAX_PE_RATIO: limit }: Settings): Reason | undefined {
  const isLoss = pe === undefined ? eps !== undefined && eps.sign() <= 0 : pe.sign() <= 0;
  if (isLoss) {
    const figures = {
      ...(pe === undefined ? {} : { pe: pe.shortText() }),
      ...(eps === undefined ? {} : { eps: eps.shortText() }),
    };
    return reason('NO_EARNINGS', { ...figures, limit: limit.shortText() });
  }
  if (pe === undefined || pe.lte(limit)) return undefined;
  return reason('PE_ABOVE_MAX', { pe: pe.shortText(), limit: limit.shortText() });
}

/** Negative equity gives a negative ratio, which is not low debt. */
function debt({ debtEquity }: Fundamentals, { MAX_DEBT_EQUITY: limit }: Settings): Reason | undefined {
  if (debtEquity === undefined) return undefined;
  const figures = { debtEquity: debtEquity.shortText(), limit: limit.shortText() };
  if (debtEquity.sign() < 0) return reason('NEGATIVE_EQUITY', figures);
  return debtEquity.gt(limit) ? reason('DEBT_ABOVE_MAX', figures) : undefined;
}

function size({ marketCap }: Fundamentals, { MIN_MARKET_CAP_FUNDAMENTAL: limit }: Settings): Reason | undefined {
  if (marketCap === undefined || marketCap.gte(Decimal.of(limit))) return undefined;
  return reason('COMPANY_TOO_SMALL', { marketCap: marketCap.shortText(), limit: String(limit) });
}

function missing(known: Fundamentals | undefined, { FUNDAMENTAL_GUARD_MISSING: rule }: Settings): Reason | undefined {
  if (rule === 'allow') return undefined;
  const names = (['pe', 'debtEquity', 'marketCap'] as const).filter((name) => known?.[name] === undefined);
  return names.length === 0 ? undefined : reason('FUNDAMENTALS_MISSING', { missing: names.join(',') });
}

/**
 * TRD-34: blocks a company with a loss, too high a price for its earnings, too much debt for its equity or too small a market
 * cap. Figures are those of the daily cache that the session began with; one that is missing goes by FUNDAMENTAL_GUARD_MISSING.
 */
export const fundamentalGuard = toggled(
  'fundamental-guard',
  'FUNDAMENTAL_GUARD_ENABLED',
  (signal, market, { settings }) => {
    const { fundamentals } = market.of(signal.symbol).reference;
    const found =
      fundamentals === undefined
        ? undefined
        : (earnings(fundamentals, settings) ?? debt(fundamentals, settings) ?? size(fundamentals, settings));
    return found ?? missing(fundamentals, settings);
  },
);
