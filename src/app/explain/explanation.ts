import type { Ledger } from '../../../projections/ledger/query.js';
import type { Position, RecordedEvent } from '../../events/event.js';
import type { Journal } from '../../ports/journal.js';

/** Journal and books that an answer is made from. */
export interface ExplainParts {
  /** Whether the asker may see events of this type; left out: every one. */
  readonly mayRead?: (type: string) => boolean;
  readonly journal: Pick<Journal, 'readAll'>;
  readonly ledger: Pick<
    Ledger,
    | 'groups'
    | 'groupsNamed'
    | 'groupsWith'
    | 'gains'
    | 'accounts'
    | 'balances'
    | 'cashAccounts'
    | 'figures'
    | 'positions'
    | 'shareTransfers'
    | 'reached'
  >;
}

export interface ExplainedEvent {
  readonly position: Position;
  readonly type: RecordedEvent['type'];
  readonly eventId: string;
  /** The event that caused it; null when the cause is outside the journal. */
  readonly cause: { readonly eventId: string; readonly position: Position | null } | null;
  readonly correlationId: string;
  readonly occurredAt: string;
  readonly words: string;
  /** True for the subject of the question. */
  readonly asked: boolean;
}

export interface ExplainedGroup {
  readonly groupId: string;
  readonly fitid: string;
  readonly trntype: string;
  readonly datetimeUtc: string;
  readonly description: string;
  /** Its effect on cash, and what the broker charged. */
  readonly amount: string;
  readonly charges: string;
  /** The event that was posted. */
  readonly eventId: string;
  readonly legs: readonly {
    readonly line: number;
    readonly account: string;
    readonly name: string;
    readonly debit: string;
    readonly credit: string;
  }[];
}

/** One part of a figure: the amount it added, and the running total after it. */
export interface Contribution {
  readonly at: string;
  readonly amount: string;
  readonly total: string;
  readonly description: string;
  /** The subject to ask for next. */
  readonly subject: string;
  readonly eventId: string;
}

export interface Figure {
  readonly name: string;
  readonly value: string;
  /** How the value is made of its parts, in words. */
  readonly formula: string;
  /** All parts; they add up to the value, unless the formula says otherwise. */
  readonly contributions: readonly Contribution[];
  /** Whether a second source gives the same value; null when there is none. */
  readonly agrees: boolean | null;
}

/** An answer: the figure and its parts, the events from the market signal on, and their postings. */
export interface Explanation {
  readonly figure: Figure | null;
  readonly events: readonly ExplainedEvent[];
  readonly groups: readonly ExplainedGroup[];
  /** Daily summaries that include the trades. */
  readonly summaries: readonly ExplainedEvent[];
}

/** An answer that is a figure alone. */
export function figureAnswer(figure: Figure): Explanation {
  return { figure, events: [], groups: [], summaries: [] };
}
