import { riskGate } from '../../domain/risk/gate.js';
import type { EngineState } from '../../domain/session/engine-state.js';
import type { PositionRun } from '../../domain/session/session-run.js';
import type { EpochMs } from '../../kernel/time.js';
import { spreadFraction } from '../../strategies/screening.js';
import type { TradingContext } from '../context.js';
import { exposureOf, limitsOf } from '../risk/exposure.js';

/** The verdict of the gate on an exit of a position now: only the exchange itself can stop it. */
export function allowsExit(
  state: EngineState,
  context: TradingContext,
  position: PositionRun,
  now: EpochMs,
): ReturnType<typeof riskGate> {
  // a symbol that the feed does not carry, such as a renamed one, is sold like any other
  const { market } = context;
  const view = market.knows(position.symbol) ? market.of(position.symbol) : undefined;
  const { opensAt, closesAt } = context.strategyContext;
  const exposure = exposureOf(state);
  return riskGate({
    order: { purpose: 'exit', strategy: position.strategy, symbol: position.symbol },
    limits: limitsOf(state, context),
    bot: { state: state.botState, killSwitchTripped: state.killTripped !== undefined },
    account: { floatAtStart: state.float, buyingPower: exposure.buyingPower },
    session: { entriesOfStrategy: 0, ...exposure },
    market: {
      isOpen: now >= opensAt && now < closesAt,
      halted: view?.halted ?? false,
      volume: view?.volume ?? 0,
      spread: view === undefined ? undefined : spreadFraction(view),
    },
  });
}
