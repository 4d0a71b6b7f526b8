import type { Figures } from '../../events/names.js';
import { Decimal } from '../../kernel/decimal.js';

export interface DailyLoss {
  /** Daily loss in dollars, realized and unrealized; zero on a day with a gain. */
  readonly loss: Decimal;
  readonly limit: Decimal;
  /** Whether the loss exceeds the limit; a loss equal to the limit does not. */
  readonly breached: boolean;
  /** For RiskLimitBreached and KillSwitchTripped. */
  readonly figures: Figures;
}

/** The daily loss (TRD-41): realized P&L after fees plus unrealized P&L at the last price, against a share of the float. */
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
    // needed only at a breach, while the loss is computed every minute
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
