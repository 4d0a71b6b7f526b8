import type { Draft } from '../../events/draft.js';
import type { Clock } from '../../kernel/time.js';
import { pacingTime, type TradingContext } from '../../trading/context.js';

/** The pause before the next exit order of a position begins with the intent of one. */
export function noteExits(
  { context, clock }: { readonly context: TradingContext; readonly clock: Clock },
  drafts: readonly Draft[],
): void {
  for (const { type, data } of drafts) {
    if (type !== 'OrderIntended' || data.purpose !== 'exit' || data.orderType === 'stop') continue;
    context.memory.exitIntendedAt.set(data.positionId, pacingTime(context, clock.now()));
  }
}
