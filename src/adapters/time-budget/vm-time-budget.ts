import { createContext, Script } from 'node:vm';
import type { TimeBudget } from '../../ports/time-budget.js';
import { systemErrorCode } from '../files/system-error.js';

/**
 * V8 ends any JavaScript that runs inside `Script.runInContext` when its time is up, whichever context the function is
 * from; nothing inside can catch that. Costs about 0.1 ms a call, so it is for the live engine only.
 */
export class VmTimeBudget implements TimeBudget {
  readonly #slot: { work: () => void } = { work: () => undefined };
  readonly #context = createContext(this.#slot);
  readonly #script = new Script('work()', { filename: 'time-budget' });

  run<T>(work: () => T, ms: number): { readonly ended: true; readonly value: T } | { readonly ended: false } {
    let outcome: { readonly ended: true; readonly value: T } | { readonly ended: false } = { ended: false };
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
