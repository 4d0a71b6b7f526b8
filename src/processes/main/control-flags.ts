import { randomBytes } from 'node:crypto';
import { FileControlFolder } from '../../adapters/flags/control-folder.js';
import { FlagWatch } from '../../adapters/flags/flag-watch.js';
import {
  ControlFlagProcessor,
  type ControlFlagProcessorDeps,
  type FlagJournal,
} from '../../app/flags/control-flag-processor.js';
import type { BasePaths } from '../../domain/home/home-paths.js';
import { secret, type Secret } from '../../kernel/secret.js';
import type { Clock } from '../../kernel/time.js';
import type { Log } from '../../adapters/telemetry/telemetry.js';
import { plainErrorOf } from '../ipc/plain-error.js';
import type { FlagCommands } from './flag-commands.js';

export interface ControlFlagsDeps extends Pick<ControlFlagProcessorDeps, 'test' | 'reset'> {
  readonly control: BasePaths['control'];
  readonly journal: FlagJournal;
  readonly commands: Pick<FlagCommands, 'obey'>;
  readonly wall: Clock;
  readonly log: Log;
  /** A line for the person at the terminal. */
  readonly notice: (line: string) => void;
}

const KEY_BYTES = 32;

/** The folder of the control flags as main has it (RUN-15): who may command through it, when to look, what is done. */
export class ControlFlags {
  /** Proves flags of the web. Made again by each main and in no file: nobody who reads the home can sign with it. */
  readonly key: Secret = secret(randomBytes(KEY_BYTES).toString('base64url'));
  readonly #folder: FileControlFolder;
  readonly #processor: ControlFlagProcessor;
  #watch: FlagWatch | undefined;

  constructor(private readonly deps: ControlFlagsDeps) {
    const { control, journal, commands, test, reset, wall, log } = deps;
    this.#folder = new FileControlFolder(control, { key: this.key });
    this.#processor = new ControlFlagProcessor({
      ...{ folder: this.#folder, journal, test, reset, wall },
      obey: (command) => commands.obey(command),
      onTrouble: (what, error) => log.error(what, { ...plainErrorOf(error) }),
    });
  }

  /** Stop and kill flags that lie there, for the engine that starts. */
  found(): ReturnType<ControlFlagProcessor['found']> {
    return this.#processor.found();
  }

  /** Flags that exist now were made before this start: they need no second look to be complete. */
  begin(): void {
    const { control, log, notice } = this.deps;
    this.#processor.look();
    this.#watch = new FlagWatch({
      folder: this.#folder,
      control,
      onUrgent: (found) => this.#processor.lookAt(found),
      onChange: () => this.#processor.look(),
      onSecured: (what) => {
        log.warn(what);
        notice(`${what}. See who may write in the home.`);
      },
      onTrouble: (error) => log.error('the folder of the control flags cannot be used', { ...plainErrorOf(error) }),
    });
  }

  /**
   * A kill that came as a signal: only our user and root can send it, so it needs no file and no folder. It is obeyed like a kill
   * flag; the journal has what the engine did.
   */
  killBySignal(signal: string): void {
    const { commands, log, notice } = this.deps;
    notice(`kill: requested by the signal ${signal}`);
    void commands
      .obey({ kind: 'kill', reason: `the signal ${signal} was sent to main`, actor: 'user:local' })
      .then(({ outcome, reason }) => log.info('kill by a signal', { signal, outcome, reason }))
      .catch((error: unknown) => log.error('a kill by a signal could not be obeyed', { ...plainErrorOf(error) }));
  }

  close(): void {
    this.#watch?.close();
  }
}
