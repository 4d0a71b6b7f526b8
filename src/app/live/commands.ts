import type { Actor, EventData } from '../../events/event.js';
import type { Uuid } from '../../kernel/hash.js';
import type { EpochMs } from '../../kernel/time.js';

/**
 * A command of main to the engine. A kill goes first, whatever the engine is doing (RUN-16); the others are executed at
 * the next safe point, in order (command-order.ts). `flag` is the event id of the control flag that requested it.
 */
export type EngineCommand =
  | { readonly kind: 'kill'; readonly reason: string; readonly actor: Actor; readonly flag?: Uuid }
  /** Strategies finish, positions close in order, then `stopped` (RUN-11). */
  | { readonly kind: 'stop'; readonly reason: string; readonly actor: Actor; readonly flag?: Uuid }
  /** stopped or error -> started, then the rest of the day's phases (RUN-27). */
  | { readonly kind: 'start'; readonly reason: string; readonly actor: Actor }
  /** The settings on disk have changed: apply the hot ones (RUN-30). */
  | { readonly kind: 'reload' }
  /** SIGTERM: close positions in order and end, at the latest at `deadline` (RUN-4). */
  | { readonly kind: 'shutdown'; readonly reason: string; readonly deadline: EpochMs }
  /** Main is gone, silent or back: journaled, and entries follow it (RUN-2). */
  | {
      readonly kind: 'supervision';
      readonly to: EventData<'EngineSupervisionChanged'>['to'];
      readonly reason: string;
      readonly policy: EventData<'EngineSupervisionChanged'>['policy'];
      readonly graceSeconds: number;
    }
  /** The engine ends as it is, with its positions: a successor continues. */
  | { readonly kind: 'handOver'; readonly reason: string };

/** The engine's answer to a command: executed, or why not. */
export interface CommandOutcome {
  readonly outcome: 'obeyed' | 'refused';
  readonly reason: string;
  /** The journal could not be used: everything was closed with the broker alone, and no engine is needed for it any more. */
  readonly withoutJournal?: true;
}

/** The outcome of an executed command; `reason` describes the result. */
export const obeyed = (reason: string): CommandOutcome => ({ outcome: 'obeyed', reason });

/** The outcome of a command that changed nothing; `reason` says why. */
export const refused = (reason: string): CommandOutcome => ({ outcome: 'refused', reason });
