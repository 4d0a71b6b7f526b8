import { SystemClock } from '../../adapters/clock/system-clock.js';
import { ProgressFiles } from '../../adapters/provisioning/progress-files.js';
import { FileVault } from '../../adapters/vault/file-vault.js';
import { provision, type Provisioned } from '../../app/provisioning/provision.js';
import type { CheckServer } from '../../app/provisioning/server-journal.js';
import type { SetupForm } from '../../app/provisioning/setup-form.js';
import { checkJournal } from '../../composition/check-journal.js';
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
  /** Looks at the journal server; tests replace it. */
  readonly checkServer?: CheckServer;
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
      checkServer: options.checkServer ?? checkWith(options.machine ?? new SystemClock()),
      progress: new ProgressFiles(paths.output, options.machine ?? new SystemClock()),
      clock,
      actor,
      versionTag,
      ...steps,
    },
    form,
  );
}

/** Server and machine live in the same time, whatever the world of a simulated bot shows. */
function checkWith(clock: Clock): CheckServer {
  return (address, identity) => checkJournal({ address, identity, belonging: 'new home', clock });
}
