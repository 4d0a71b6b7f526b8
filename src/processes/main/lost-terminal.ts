import { removeBriefFile, replaceBriefFile } from '../../adapters/files/brief-file.js';
import { causeText } from '../../adapters/files/system-error.js';
import type { Log } from '../../adapters/telemetry/telemetry.js';
import { toUtcText, type Clock } from '../../kernel/time.js';

/** What a bot does whose terminal is gone: end in order, or continue and say so. */
export type TerminalPolicy = 'end' | 'stay';

export interface LostTerminalOptions {
  readonly policy: TerminalPolicy;
  /** Resolves with how the terminal was lost. */
  readonly lost: Promise<string>;
  /** The note for people and scripts, next to the flags. */
  readonly path: string;
  readonly pid: number;
  readonly clock: Clock;
  readonly log: Log;
}

/** A bot that was started at a terminal, or by npm, and that nobody sees any more. */
export class LostTerminal {
  #how: string | undefined;

  /** The note of an earlier start is gone. */
  readonly #cleared: Promise<void>;

  constructor(private readonly options: LostTerminalOptions) {
    this.#cleared = removeBriefFile(options.path);
  }

  /** How it was lost, for a bot that continues; undefined otherwise. */
  get how(): string | undefined {
    return this.#how;
  }

  /** Resolves with the first reason to end: `asked`, or the loss when the policy is to end. */
  stopAsked(asked: Promise<string>): Promise<string> {
    const { lost, policy } = this.options;
    if (policy === 'end') return Promise.race([asked, lost]);
    void lost.then((how) => this.#stay(how));
    return asked;
  }

  async close(): Promise<void> {
    await this.#cleared;
    await removeBriefFile(this.options.path);
  }

  async #stay(how: string): Promise<void> {
    const { log, path, pid, clock } = this.options;
    this.#how = how;
    log.warn('the terminal is gone, and the bot continues', { how, pid });
    await this.#cleared;
    try {
      await replaceBriefFile(path, `${toUtcText(clock.now())} ${how}; process ${pid} continues\n`);
    } catch (error) {
      log.error('the note of the lost terminal cannot be written', { cause: causeText(error) });
    }
  }
}
