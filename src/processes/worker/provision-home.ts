import { SystemClock } from '../../adapters/clock/system-clock.js';
import { ProgressFiles } from '../../adapters/provisioning/progress-files.js';
import { FileVault } from '../../adapters/vault/file-vault.js';
import { provision, type Provisioned } from '../../app/provisioning/provision.js';
import type { SetupForm } from '../../app/provisioning/setup-form.js';
import type { Actor } from '../../events/event.js';
import { basePaths } from '../../domain/home/home-paths.js';
import type { Clock } from '../../kernel/time.js';
import { homeDatabases } from './home-databases.js';
import { DiskHomeMaker } from './home-maker.js';

export interface ProvisionHomeOptions {
  /** Absolute; created when missing. The caller holds the lock of the home, or is its only user. */
  readonly home: string;
  readonly versionTag: string;
  readonly form: SetupForm;
  readonly actor: Actor;
  readonly masterKeyFile: string | null;
  readonly clock?: Clock;
  /** The machine's, for the reports of progress. */
  readonly machine?: Clock;
  /** Called after every step of the setup and of the vault; tests let a process die there. */
  readonly onStep?: (step: string) => void;
}

/** The first set-up of a home on this disk, up to the state `registration`; see `provision` for errors and resuming. */
export function provisionHome(options: ProvisionHomeOptions): Promise<Provisioned> {
  const { home, versionTag, form, actor, masterKeyFile, onStep } = options;
  const clock = options.clock ?? new SystemClock();
  const paths = basePaths(home);
  const steps = onStep === undefined ? {} : { onStep };
  return provision(
    {
      home: new DiskHomeMaker({
        dir: home,
        version: versionTag,
        clock,
        anchor: form.settings['SEAL_ANCHOR_DIR'] ?? '',
      }),
      vault: new FileVault({ paths: paths.storage, clock, masterKeyFile, ...steps }),
      databases: homeDatabases(paths.storage),
      progress: new ProgressFiles(paths.output, options.machine ?? new SystemClock()),
      clock,
      actor,
      versionTag,
      ...steps,
    },
    form,
  );
}
