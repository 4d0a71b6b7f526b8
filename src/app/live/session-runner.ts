import type { Settings } from '../../domain/config/settings.js';
import type { ExchangeSession } from '../../domain/calendar/nyse.js';
import type { Actor } from '../../events/event.js';
import type { CommandQueue } from './command-queue.js';

/** A session under way, as the engine loop sees it: `LiveSession`. */
export interface SessionRunner {
  /** `closed`: the day is over and sealed. `shutdown`: it ended early, as it was told to. */
  run(): Promise<'closed' | 'shutdown'>;
  /** Felt at once, whatever the session waits for. */
  kill(reason: string, actor: Actor): void;
  /** Another process has written to the journal. */
  followed(): void;
}

/** What a session shares with the loop that runs it. */
export interface SessionInputs {
  /** Commands other than a kill: the session takes them at its safe points. */
  readonly commands: Pick<CommandQueue, 'isEmpty' | 'next'>;
  /** The newest valid ones. May throw a ConfigError that says what is wrong with them. */
  readonly settings: () => Settings;
}

/** Makes the session of a day. */
export type BeginSession = (day: ExchangeSession, inputs: SessionInputs) => SessionRunner;
