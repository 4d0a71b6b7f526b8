import type { RecordedEvent } from '../../events/event.js';
import type { Telemetry } from '../../adapters/telemetry/telemetry.js';
import type { WorkerPool } from './worker-pool.js';

/**
 * Copies seals to the anchor directory, one worker at a time: seals that come while one works, or while a mount does not
 * answer, make one more run together. Nothing waits for it.
 */
export class SealAnchoring {
  #running = false;
  #again = false;
  #closed = false;

  constructor(
    private readonly workers: Pick<WorkerPool, 'run' | 'close'>,
    private readonly log: Pick<Telemetry, 'error'>,
  ) {}

  /** There is a new seal, or another directory. */
  follow(event: RecordedEvent): void {
    const moved = event.type === 'ConfigChanged' && event.data.changes.some(({ key }) => key === 'SEAL_ANCHOR_DIR');
    if (moved || event.type === 'JournalSealed') this.soon();
  }

  /** At each start, too. */
  soon(): void {
    this.#again = true;
    if (!this.#running) void this.#run();
  }

  /** As a pool of workers closes. */
  close(withinMs: number): Promise<void> {
    this.#closed = true;
    return this.workers.close(withinMs);
  }

  async #run(): Promise<void> {
    this.#running = true;
    while (this.#again && !this.#closed) {
      this.#again = false;
      const answer = await this.workers.run({ task: 'anchor' });
      if (!answer.ok) this.log.error('the seals could not be anchored', { message: answer.error.message });
    }
    this.#running = false;
  }
}
