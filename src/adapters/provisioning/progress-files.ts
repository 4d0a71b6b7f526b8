import { appendFileSync } from 'node:fs';
import type { BasePaths } from '../../domain/home/home-paths.js';
import { toUtcText, type Clock } from '../../kernel/time.js';
import type { ProgressReport, ProvisioningProgress } from '../../ports/provisioning.js';
import { writeFileAtomic } from '../files/atomic-write.js';
import { makeFolders } from '../files/make-folders.js';

/**
 * provisioning_status.json: `{state, percent, step, text, remedy, code, at}`, replaced as a whole at every step;
 * provisioning.log: one such line per step. `at` is UTC, `percent` 0 to 100. A failed write is ignored: the set-up does
 * not depend on its reports, and its own steps report a failing disk.
 */
export class ProgressFiles implements ProgressReport {
  constructor(
    private readonly output: BasePaths['output'],
    private readonly clock: Clock,
  ) {}

  report(progress: ProvisioningProgress): void {
    const line = JSON.stringify({ at: toUtcText(this.clock.now()), ...progress });
    this.attempt(() => {
      makeFolders(this.output.systemLogs, 0o755);
    });
    this.attempt(() => {
      appendFileSync(this.output.systemLog('provisioning'), `${line}\n`, { mode: 0o600 });
    });
    this.attempt(() => {
      writeFileAtomic(this.output.provisioningStatus, `${line}\n`);
    });
  }

  private attempt(work: () => void): void {
    try {
      work();
    } catch {
      // See above: a failed report does not stop a set-up.
    }
  }
}
