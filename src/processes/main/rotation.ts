import type { Answer, WorkerTask } from '../ipc/messages.js';

export interface RotationDeps {
  readonly run: (task: WorkerTask) => Promise<Answer>;
  readonly onFailure: (message: string, again: number) => void;
  /** Several changes within it make one rotation. Milliseconds. */
  readonly gatherMs: number;
}

const AGAIN_MS = 30_000;
const LONGEST_AGAIN_MS = 1_800_000;

/** New keys after every sensitive change (SEC-3): one rotation at a time, one for changes that come together. */
export class Rotation {
  #timer: NodeJS.Timeout | undefined;
  #running = false;
  #due: { readonly actor: string; readonly reason: string } | undefined;
  #failures = 0;
  #closed = false;

  constructor(private readonly deps: RotationDeps) {}

  soon(actor: string, reason: string): void {
    this.#due = { actor, reason };
    this.#failures = 0;
    this.#after(this.deps.gatherMs);
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  #take(): { readonly actor: string; readonly reason: string } | undefined {
    const due = this.#due;
    this.#due = undefined;
    return due;
  }

  #after(ms: number): void {
    if (this.#running || this.#closed || this.#due === undefined) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#rotate(), ms);
  }

  async #rotate(): Promise<void> {
    const due = this.#take();
    if (due === undefined) return;
    this.#running = true;
    const answer = await this.deps.run({ task: 'rotate', ...due });
    this.#running = false;
    if (answer.ok) {
      this.#failures = 0;
      this.#after(this.deps.gatherMs);
      return;
    }
    this.#due ??= due;
    const again = Math.min(LONGEST_AGAIN_MS, AGAIN_MS * 2 ** Math.min(this.#failures, 10));
    this.#failures += 1;
    if (!this.#closed) this.deps.onFailure(answer.error.message, again);
    this.#after(again);
  }
}
