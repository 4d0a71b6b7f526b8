import type { Settings } from '../config/settings.js';
import { Decimal } from '../../kernel/decimal.js';

/** Policy rates of the central banks on 2025-06-30, as fractions a year: near the money weeks before expiry a point hardly counts. */
const RATES: ReadonlyMap<string, Decimal> = new Map(
  Object.entries({
    US: '0.0433',
    GB: '0.0425',
    UK: '0.0425',
    EU: '0.02',
    DE: '0.02',
    FR: '0.02',
    NL: '0.02',
    IE: '0.02',
    ES: '0.02',
    IT: '0.02',
    AT: '0.02',
    CA: '0.0275',
    CH: '0',
    JP: '0.005',
    AU: '0.0385',
  }).map(([code, rate]) => [code, Decimal.parse(rate)]),
);

/** The annual risk-free rate (TRD-31): that of the jurisdiction, or RISK_FREE_RATE when it is chosen or none is known. */
export function riskFreeRate(
  { RISK_FREE_RATE: given, RISK_FREE_RATE_SOURCE: source }: Settings,
  jurisdiction: string | undefined,
): Decimal {
  return source === 'static' ? given : (RATES.get(jurisdiction ?? '') ?? given);
}
