import type { CommandOutcome } from '../../app/live/commands.js';
import { hasEngine, type BotState } from '../../domain/lifecycle/bot-state.js';
import type { WorkerPool } from './worker-pool.js';

export interface TestModeRunsDeps {
  /** A pool of its own: a run takes minutes, and keys and settings must not wait for it. */
  readonly pool: WorkerPool;
  readonly state: () => BotState;
  readonly booting: () => boolean;
}

/** Runs the checks of test mode that a flag asks for (RUN-35), one run at a time. */
export class TestModeRuns {
  constructor(private readonly deps: TestModeRunsDeps) {}

  /** Resolves at the end of the run, because its flag stays as long as the run. */
  async run(test: string, flag: string, by: string | null): Promise<CommandOutcome> {
    const { pool, state, booting } = this.deps;
    if (!hasEngine(state())) return { outcome: 'refused', reason: `the bot is not set up yet (${state()})` };
    if (booting()) return { outcome: 'refused', reason: 'it was set before this start of TradeBot' };
    if (pool.busy) return { outcome: 'refused', reason: 'another run in test mode is on' };
    const answer = await pool.run({ task: 'test-run', test, flag, by });
    if (answer.ok) return { outcome: 'obeyed', reason: 'the run ended; its results are in the journal' };
    return { outcome: 'obeyed', reason: `the run could not be finished: ${answer.error.message}` };
  }

  async close(graceMs: number): Promise<void> {
    await this.deps.pool.close(graceMs);
  }
}
