import type { Settings } from '../../domain/config/settings.js';
import type { ExchangeSession } from '../../domain/calendar/nyse.js';
import type { Actor } from '../../events/event.js';
import type { CommandQueue } from './command-queue.js';
import type { CommandOutcome } from './commands.js';

/** A running session, as the engine loop sees it: `LiveSession`. */
export interface SessionRunner {
  /**
   * `closed`: the session is over and sealed. `shutdown`: it ended early on a shutdown command. `left`: it is to be resumed, at
   * another time.
   */
  run(): Promise<'closed' | 'shutdown' | 'left'>;
  /** Ends `run` at the next safe point, as it is; may be called at any time. */
  leave(): void;
  /** Takes effect immediately, even while the session is waiting; resolves when the journal has it. */
  kill(reason: string, actor: Actor): Promise<CommandOutcome>;
  /** Another process has written to the journal. */
  followed(): void;
}

/** What a session shares with the loop that runs it. */
export interface SessionInputs {
  /** `close`: only to close what is left, in an exchange that is open outside the bot's own session. */
  readonly purpose: 'trade' | 'close';
  /** Commands other than a kill: the session takes them at its safe points. */
  readonly commands: Pick<CommandQueue, 'isEmpty' | 'next'>;
  /** The newest valid settings. May throw a ConfigError with their faults. */
  readonly settings: () => Settings;
}

/** Makes the session of a day. */
export type BeginSession = (day: ExchangeSession, inputs: SessionInputs) => SessionRunner;
