import { FileControlFolder } from '../../adapters/flags/control-folder.js';
import { HALT_FLAGS, UnansweredHalts } from '../../adapters/flags/unanswered-halts.js';
import { SystemClock } from '../../adapters/clock/system-clock.js';
import { ProcessStopwatch } from '../../adapters/clock/process-stopwatch.js';
import { ControlFlagProcessor, type ControlFlagProcessorDeps } from '../../app/flags/control-flag-processor.js';
import { FlagEvents } from '../../app/flags/flag-events.js';
import type { EventAppender } from '../../app/journal/event-appender.js';
import type { BasePaths } from '../../domain/home/home-paths.js';
import type { RecordedEvent } from '../../events/event.js';
import type { Secret } from '../../kernel/secret.js';
import type { Journal } from '../../ports/journal.js';

const LOOK_MS = 250;

export interface HaltFlagsOptions {
  readonly control: BasePaths['control'];
  readonly journal: Pick<Journal, 'readAll'>;
  readonly appender: Pick<EventAppender, 'decide'>;
  /** Key of this run of main for flags of the web. */
  readonly flagKey?: Secret | undefined;
}

/**
 * The engine's own eye on kill and stop flags (RUN-16): what main leaves for a second, the engine obeys, journals and
 * deletes itself. A main that comes back finds the flag gone, or consumed.
 */
export class HaltFlags {
  readonly #events: FlagEvents;
  readonly #folder: FileControlFolder;
  #timer: NodeJS.Timeout | undefined;

  /** Reads which flags were consumed; throws what reading the journal throws. */
  static async open(options: HaltFlagsOptions): Promise<HaltFlags> {
    const flags = new HaltFlags(options);
    await flags.#events.load();
    return flags;
  }

  private constructor(options: HaltFlagsOptions) {
    this.#events = new FlagEvents(options);
    this.#folder = new FileControlFolder(options.control, { key: options.flagKey });
  }

  /** Looks at the folder from now on. */
  watch(obey: ControlFlagProcessorDeps['obey']): void {
    const processor = new ControlFlagProcessor({
      folder: new UnansweredHalts(this.#folder, new ProcessStopwatch()),
      journal: this.#events,
      obey,
      wall: new SystemClock(),
      test: () => Promise.resolve({ outcome: 'refused', reason: 'only main runs tests' }),
      reset: () => Promise.resolve({ outcome: 'refused', reason: 'only main resets protections' }),
      // a flag that cannot be journaled or deleted is tried again, and its halt is in force
      onTrouble: () => undefined,
    });
    this.#timer = setInterval(() => processor.look(), LOOK_MS);
  }

  /** Whether a kill or stop flag lies in the folder, consumed or not. */
  get waits(): boolean {
    return this.#folder.lookForUrgent(HALT_FLAGS).length > 0;
  }

  /** An event of another process. */
  follow(event: RecordedEvent): void {
    this.#events.follow(event);
  }

  close(): void {
    clearInterval(this.#timer);
  }
}
