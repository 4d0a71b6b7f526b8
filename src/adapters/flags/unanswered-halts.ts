import { CONTROL_FLAGS, type ControlFolder, type FlagFile, type FlagOutcome } from '../../app/flags/flag.js';
import type { Stopwatch } from '../../ports/stopwatch.js';
import type { FileControlFolder } from './control-folder.js';

/** Main answers a flag within milliseconds; one that lies there longer has a main that hangs or is gone. */
const UNANSWERED_AFTER_MS = 1_000;

/** File names of the flags that halt the bot. */
export const HALT_FLAGS: readonly string[] = [...CONTROL_FLAGS.kill, ...CONTROL_FLAGS.stop];

/** The kill and stop flags that main has left for a second: the engine's view of the folder. A few system calls a look. */
export class UnansweredHalts implements ControlFolder {
  /** First sight of each flag, in milliseconds of the stopwatch. */
  #since: ReadonlyMap<string, number> = new Map();

  constructor(
    private readonly folder: FileControlFolder,
    private readonly stopwatch: Stopwatch,
  ) {}

  look(): readonly FlagFile[] {
    const now = this.stopwatch.elapsedMs();
    const found = this.folder.lookForUrgent(HALT_FLAGS);
    const key = ({ name, identity }: FlagFile): string => `${name} ${identity}`;
    this.#since = new Map(found.map((flag) => [key(flag), this.#since.get(key(flag)) ?? now]));
    return found.filter((flag) => now - (this.#since.get(key(flag)) ?? now) >= UNANSWERED_AFTER_MS);
  }

  remove(flag: FlagFile, outcome?: FlagOutcome): boolean {
    return this.folder.remove(flag, outcome);
  }

  show(outcome: FlagOutcome): void {
    this.folder.show(outcome);
  }
}
