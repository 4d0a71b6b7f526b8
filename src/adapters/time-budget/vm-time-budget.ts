import { cpuUsage } from 'node:process';
import { createContext, Script } from 'node:vm';
import type { TimeBudget } from '../../strategies/time-budget.js';
import { systemErrorCode } from '../files/system-error.js';

type Outcome<T> = { readonly ended: true; readonly value: T } | { readonly ended: false };

/** Processor time of this process. */
function processCpuMs(): number {
  const { user, system } = cpuUsage();
  return (user + system) / 1_000;
}

/** Work that had the processor for this share of its budget, over all attempts, has used it up. */
const WORKED = 0.8;
/** Maximum number of attempts. */
const MOST_TRIES = 3;

/**
 * V8 ends any JavaScript that runs inside `Script.runInContext` when its time is up, whichever context the function is
 * from; nothing inside can catch that. Costs about 0.1 ms per call, so it is for the live engine only. The time is
 * wall-clock time: when the machine gave the process no processor time, the work is started again.
 */
export class VmTimeBudget implements TimeBudget {
  readonly #slot: { work: () => void } = { work: () => undefined };
  readonly #context = createContext(this.#slot);
  readonly #script = new Script('work()', { filename: 'time-budget' });

  /** `cpuMs`: processor time of this process so far. */
  constructor(private readonly cpuMs: () => number = processCpuMs) {}

  run<T>(work: () => T, ms: number): Outcome<T> {
    const before = this.cpuMs();
    for (let tries = 1; ; tries += 1) {
      const outcome = this.#try(work, ms);
      if (outcome.ended || tries === MOST_TRIES || this.cpuMs() - before >= ms * WORKED) return outcome;
    }
  }

  #try<T>(work: () => T, ms: number): Outcome<T> {
    let outcome: Outcome<T> = { ended: false };
    let thrown: { readonly error: unknown } | undefined;
    this.#slot.work = () => {
      try {
        outcome = { ended: true, value: work() };
      } catch (error) {
        thrown = { error };
      }
    };
    try {
      this.#script.runInContext(this.#context, { timeout: ms });
    } catch (error) {
      if (systemErrorCode(error) !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error;
      return { ended: false };
    } finally {
      this.#slot.work = () => undefined;
    }
    if (thrown !== undefined) throw thrown.error;
    return outcome;
  }
}
