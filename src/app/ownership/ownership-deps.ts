import type { Owner } from '../../domain/ownership/ownership.js';
import type { HasEnded } from '../../domain/ownership/take-over.js';
import type { ClockReading } from '../../domain/schedule/clock-jump.js';
import type { Uuid } from '../../kernel/hash.js';
import type { AppenderOptions } from '../journal/revisioned-appender.js';

/** What a process needs of its machine to own a bot. */
export interface OwnershipMachine {
  readonly self: Owner;
  readonly hasEnded: HasEnded;
  /** The machine's clocks at this instant. */
  readonly read: () => ClockReading;
  /** Random, also between two copies of one process. */
  readonly nonce: () => Uuid;
  /** Waits, not exactly; rejects when it is ended by the signal. */
  readonly pause: (ms: number, signal?: AbortSignal) => Promise<unknown>;
}

export interface OwnershipDeps extends AppenderOptions {
  readonly machine: OwnershipMachine;
}
