import { TradeBotError } from '../kernel/errors.js';
import type { Uuid } from '../kernel/hash.js';
import type { Strategy } from '../strategies/strategy.js';
import { record, type Action } from './action.js';
import type { TradingContext } from './context.js';
import { STREAMS } from '../events/streams.js';

/**
 * Maximum milliseconds of processor time in one step of a strategy and its filters; it bounds the delay of a kill (RUN-16).
 * What the machine does meanwhile does not count.
 */
const BUDGET_MS = 50;

interface Asked {
  readonly strategy: Strategy;
  /** Whether the step calls the strategy. */
  readonly asked: boolean;
  readonly causationId?: Uuid | null | undefined;
  /** Its window has ended: nothing that it does makes it fail any more. */
  readonly isOver: boolean;
  /** The step without the strategy, when a busy machine gave it no time, or its window has ended; undefined waits for the next minute. */
  readonly without?: (() => Action | undefined) | undefined;
}

/**
 * Runs a step with code of a strategy. Live, a step that uses up its budget of processor time or throws fails only this
 * strategy for this session; rules are pure, so an interrupted step has no effect.
 */
export function withTimeBudget(
  context: TradingContext,
  { strategy, asked, causationId, isOver, without }: Asked,
  step: () => Action | undefined,
): Action | undefined {
  const { budget } = context;
  // on a simulated day a defect of the program ends the day, and one of an own strategy only that strategy
  if (!asked || (budget === undefined && strategy.codeSha256 === undefined)) return step();
  try {
    const outcome = budget === undefined ? ({ ended: true, value: step() } as const) : budget.run(step, BUDGET_MS);
    if (outcome.ended) return outcome.value;
    if (isOver || !outcome.used) return without?.();
    const message = `it did not answer within ${BUDGET_MS} ms of processor time`;
    return failed(context, strategy, { code: 'STRATEGY_TIMEOUT', message, causationId });
  } catch (error) {
    if (isOver) return without?.();
    const code = error instanceof TradeBotError ? error.code : 'STRATEGY_THREW';
    return failed(context, strategy, { code, message: messageOf(error), causationId });
  }
}

/** Message of a value thrown by third-party code. */
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
