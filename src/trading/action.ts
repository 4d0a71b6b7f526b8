import type { EpochMs } from '../kernel/time.js';
import type { Draft } from '../events/draft.js';
import type { StreamName } from '../events/event.js';
import type { ClientOrderId } from '../events/names.js';
import type { EngineState } from '../domain/session/engine-state.js';
import type { TradingContext } from './context.js';
import type { Occasion } from './reconciliation/record-comparison.js';

/** One atomic append to one stream. */
export interface RecordAction {
  readonly act: 'record';
  readonly stream: StreamName;
  readonly drafts: readonly Draft[];
}

/**
 * Decision of a rule: record (one atomic append to one stream), or act on the broker after recording. Rules depend only
 * on the state, so after a crash a step continues where the journal ends.
 */
export type Action =
  | RecordAction
  /** Independent appends, each to its own stream, that reach the disk together: what follows waits once and not once for each. */
  | { readonly act: 'recordAll'; readonly appends: readonly RecordAction[] }
  | { readonly act: 'submit'; readonly clientOrderId: ClientOrderId }
  | { readonly act: 'cancel'; readonly clientOrderId: ClientOrderId }
  | { readonly act: 'query'; readonly clientOrderId: ClientOrderId }
  /** Looks at the account of the broker, without waiting for its answer. */
  | { readonly act: 'compare'; readonly occasion: Occasion };

/** A trading rule. `atMinute` is true when a minute of market data has just ended at `now`. */
export type Rule = (state: EngineState, context: TradingContext, now: EpochMs, atMinute: boolean) => Action | undefined;

/** One atomic append of `drafts` to `stream`. */
export function record(stream: StreamName, ...drafts: readonly Draft[]): RecordAction {
  return { act: 'record', stream, drafts };
}

/** The appends as one action, those to the same stream as one append; undefined when there are none. */
export function recordAll(records: readonly RecordAction[]): Action | undefined {
  const byStream = new Map<StreamName, readonly Draft[]>();
  for (const { stream, drafts } of records) byStream.set(stream, [...(byStream.get(stream) ?? []), ...drafts]);
  const appends = [...byStream].map(([stream, drafts]) => record(stream, ...drafts));
  return appends.length > 1 ? { act: 'recordAll', appends } : appends[0];
}
