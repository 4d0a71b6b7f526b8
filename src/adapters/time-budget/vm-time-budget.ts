import * as host from 'node:process';
import { createContext, Script } from 'node:vm';
import type { Budgeted, TimeBudget } from '../../strategies/time-budget.js';
import { systemErrorCode } from '../files/system-error.js';

type Outcome<T> = { readonly ended: true; readonly value: T } | { readonly ended: false };

/** Node 22 has no processor time of one thread; that of the process is at least as much. */
const times: Pick<typeof host, 'cpuUsage'> & Partial<Pick<typeof host, 'threadCpuUsage'>> = host;

/** Processor time of the thread that runs the strategies. */
function threadCpuMs(): number {
  const { user, system } = times.threadCpuUsage?.() ?? times.cpuUsage();
  return (user + system) / 1_000;
}

/**
 * Real time of each attempt, in budgets. Nearly all work ends in the short first one; a kill waits for no more of work that does not. Then a
 * little more than one, so that work which has the processor throughout can use its budget up, and more for the last, on a machine that
 * shares it out.
 */
const ATTEMPTS = [0.5, 1.2, 1.2, 4] as const;
/** A collection of garbage or a page that is read from disk falls into one attempt, not into two; the last has time for it. */
const USED_TO_FAIL = 2;

/**
 * V8 ends any JavaScript that runs inside `Script.runInContext` when its time is up, whichever context the function is
 * from; nothing inside can catch that. Costs about 0.1 ms per call, so it is for the live engine only. That time is
 * wall-clock time: whether the work had the processor meanwhile is measured.
 */
export class VmTimeBudget implements TimeBudget {
  readonly #slot: { work: () => void } = { work: () => undefined };
  readonly #context = createContext(this.#slot);
  readonly #script = new Script('work()', { filename: 'time-budget' });

  /** `killWaits`: looked at between two attempts, without which a kill would wait for all of them. `cpuMs`: processor time of this thread so far. */
  constructor(
    private readonly killWaits: () => boolean = () => false,
    private readonly cpuMs: () => number = threadCpuMs,
  ) {}

  run<T>(work: () => T, ms: number): Budgeted<T> {
    let times = 0;
    let used = false;
    for (const share of ATTEMPTS) {
      const before = this.cpuMs();
      const outcome = this.#try(work, Math.ceil(ms * share));
      if (outcome.ended) return outcome;
      used = this.cpuMs() - before >= ms;
      if (used) times += 1;
      if (times === USED_TO_FAIL) break;
      if (this.killWaits()) return { ended: false, used: false };
    }
    return { ended: false, used };
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
