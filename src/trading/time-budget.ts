import { TradeBotError } from '../kernel/errors.js';
import type { Uuid } from '../kernel/hash.js';
import type { Strategy } from '../strategies/strategy.js';
import { record, type Action } from './action.js';
import type { TradingContext } from './context.js';
import { STREAMS } from '../events/streams.js';

/**
 * Milliseconds that one step of a strategy, its filters included, may work; a kill waits for no longer than that (RUN-16).
 * A pause of the machine is no work: the budget sees to that.
 */
const BUDGET_MS = 50;

interface Asked {
  readonly strategy: Strategy;
  /** False when the step does not ask the strategy for anything. */
  readonly asked: boolean;
  readonly causationId?: Uuid | null | undefined;
}

/**
 * A step that runs code of a strategy. Live, one that does not end or that throws fails the strategy for this session,
 * and nothing else; rules are pure, so a step that was cut off has done nothing.
 */
export function withTimeBudget(
  context: TradingContext,
  { strategy, asked, causationId }: Asked,
  step: () => Action | undefined,
): Action | undefined {
  const { budget } = context;
  if (budget === undefined || !asked) return step();
  try {
    const outcome = budget.run(step, BUDGET_MS);
    if (outcome.ended) return outcome.value;
    const message = `it did not answer within ${BUDGET_MS} ms`;
    return failed(context, strategy, { code: 'STRATEGY_TIMEOUT', message, causationId });
  } catch (error) {
    const code = error instanceof TradeBotError ? error.code : 'STRATEGY_THREW';
    return failed(context, strategy, { code, message: messageOf(error), causationId });
  }
}

/** The text of whatever code of others threw. */
function messageOf(error: unknown): string {
  const text =
    typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : String(error);
  return `it failed: ${text}`.slice(0, 500);
}

function failed(
  context: TradingContext,
  { name }: Strategy,
  why: { readonly code: string; readonly message: string; readonly causationId?: Uuid | null | undefined },
): Action {
  return record(STREAMS.strategy(name, context.date), {
    type: 'StrategyFailed',
    data: { strategy: name, code: why.code, message: why.message },
    correlationId: `session/${context.date}`,
    causationId: why.causationId ?? null,
  });
}
