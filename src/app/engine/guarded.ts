import { TradeBotError } from '../../kernel/errors.js';
import type { Uuid } from '../../kernel/hash.js';
import type { Strategy } from '../../strategies/strategy.js';
import { record, type Action, type EngineContext } from './action.js';
import { STREAMS } from './streams.js';

/**
 * Milliseconds that one step of a strategy, its filters included, may take; the second is tried when the first was not
 * enough: a pause of the machine is no loop. Together they leave a kill its second (RUN-16).
 */
const BUDGETS_MS = [50, 100] as const;

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
export function guarded(
  context: EngineContext,
  { strategy, asked, causationId }: Asked,
  step: () => Action | undefined,
): Action | undefined {
  const { budget } = context;
  if (budget === undefined || !asked) return step();
  try {
    for (const ms of BUDGETS_MS) {
      const outcome = budget.run(step, ms);
      if (outcome.ended) return outcome.value;
    }
    const message = `it did not answer within ${BUDGETS_MS.join(' ms, then ')} ms`;
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
  context: EngineContext,
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
