import type { Settings } from '../../domain/config/settings.js';
import type { ExchangeSession } from '../../domain/calendar/nyse.js';
import type { Actor } from '../../events/event.js';
import type { CommandOutcome, EngineCommand } from './commands.js';

/** A session under way, as the engine loop sees it: `LiveSession`. */
export interface SessionRunner {
  /** `closed`: the day is over and sealed. `shutdown`: it ended early, as it was told to. */
  run(): Promise<'closed' | 'shutdown'>;
  /** Felt at once, whatever the session waits for. */
  kill(reason: string, actor: Actor): void;
  command(command: Exclude<EngineCommand, { kind: 'kill' }>): Promise<CommandOutcome>;
  /** Another process has written to the journal. */
  followed(): void;
}

/** `settings` answers with the newest valid ones. */
export type BeginSession = (day: ExchangeSession, settings: () => Settings) => SessionRunner;
