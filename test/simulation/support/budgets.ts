import { VmTimeBudget } from '../../../src/adapters/time-budget/vm-time-budget.js';
import type { TimeBudget } from '../../../src/strategies/time-budget.js';

/** For days on which no strategy loops: a slow machine must not end one that works. */
export const NO_BUDGET: TimeBudget = { run: (work) => ({ ended: true, value: work() }) };

const vm = new VmTimeBudget();

/** Times that a busy machine may give no processor time. */
const MOST_TURNS = 50;

/**
 * Ends a strategy that loops, with four times the processor time that the live engine gives it; on a busy machine it is
 * run again until it had this time, so that the minute of its end does not depend on the machine.
 */
export const GENEROUS_BUDGET: TimeBudget = {
  run: (work, ms) => {
    for (let turn = 1; ; turn += 1) {
      const outcome = vm.run(work, 4 * ms);
      if (outcome.ended || outcome.used || turn === MOST_TURNS) return outcome;
    }
  },
};
