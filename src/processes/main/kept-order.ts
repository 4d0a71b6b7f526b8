import { HaltNote } from '../../adapters/home/halt-note.js';
import type { Log } from '../../adapters/telemetry/telemetry.js';
import { plainErrorOf } from '../ipc/plain-error.js';

/** The order of main to close everything, kept for the next main; a disk that refuses the note never stops the order. */
export class KeptOrder {
  readonly #note: HaltNote;

  constructor(
    path: string,
    private readonly log: Pick<Log, 'error'>,
  ) {
    this.#note = new HaltNote(path);
  }

  /** Its cause; undefined without one. */
  read(): string | undefined {
    return this.#note.read();
  }

  write(cause: string): void {
    this.#guarded(() => this.#note.write(cause));
  }

  remove(): void {
    this.#guarded(() => this.#note.remove());
  }

  #guarded(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.log.error('the order to close everything cannot be kept for the next start', { ...plainErrorOf(error) });
    }
  }
}
