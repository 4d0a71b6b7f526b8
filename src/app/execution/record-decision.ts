import type { Draft } from '../../events/draft.js';
import type { Clock } from '../../kernel/time.js';
import type { RecordAction } from '../../trading/action.js';
import { pacingTime, type TradingContext } from '../../trading/context.js';
import type { EngineAppender } from '../journal/engine-appender.js';

export interface RecordDecisionDeps {
  readonly appender: Pick<EngineAppender, 'tryAppendAll'>;
  readonly context: TradingContext;
  readonly clock: Clock;
}

/**
 * Records what a rule decided, all of it in one go, and notes its intents as not sent. Where another process was first nothing is
 * recorded: the rules decide again on what that wrote.
 */
export async function recordDecision(deps: RecordDecisionDeps, appends: readonly RecordAction[]): Promise<void> {
  for (const draft of appends.flatMap(({ drafts }) => drafts)) {
    if (draft.type === 'OrderIntended') deps.context.memory.unsent.add(draft.data.clientOrderId);
  }
  const recorded = await deps.appender.tryAppendAll(appends);
  for (const [index, { drafts }] of appends.entries()) if (recorded[index] === true) noteExits(deps, drafts);
}

/** The pause before the next exit order of a position begins with the intent of one. */
function noteExits({ context, clock }: RecordDecisionDeps, drafts: readonly Draft[]): void {
  for (const { type, data } of drafts) {
    if (type !== 'OrderIntended' || data.purpose !== 'exit' || data.orderType === 'stop') continue;
    context.memory.exitIntendedAt.set(data.positionId, pacingTime(context, clock.now()));
  }
}
