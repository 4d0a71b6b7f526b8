import type { Figures } from '../../events/names.js';
import { Decimal } from '../../kernel/decimal.js';

export interface DailyLoss {
  /** Dollars lost today, realized and unrealized; zero on a day of gains. */
  readonly loss: Decimal;
  readonly limit: Decimal;
  /** The loss is beyond the limit; at the limit is not. */
  readonly breached: boolean;
  /** For RiskLimitBreached and KillSwitchTripped. */
  readonly figures: Figures;
}

/** TRD-41. Realized P&L is after fees; unrealized is at the last price; the limit is a share of the float. */
export function dailyLoss(day: {
  readonly realized: Decimal;
  readonly unrealized: Decimal;
  readonly floatAtStart: Decimal;
  /** DAILY_LOSS_LIMIT. */
  readonly limitFraction: Decimal;
}): DailyLoss {
  const result = day.realized.plus(day.unrealized);
  const loss = Decimal.max(Decimal.ZERO, result.negated());
  const limit = Decimal.max(Decimal.ZERO, day.floatAtStart.times(day.limitFraction));
  return {
    loss,
    limit,
    breached: loss.gt(limit),
    // asked for once in the life of a limit, while the loss is looked at every minute
    get figures(): Figures {
      return {
        loss: loss.shortText(2),
        limit: limit.shortText(2),
        realized: day.realized.shortText(2),
        unrealized: day.unrealized.shortText(2),
      };
    },
  };
}
