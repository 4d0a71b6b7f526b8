import { VmTimeBudget } from '../../../src/adapters/time-budget/vm-time-budget.js';
import type { TimeBudget } from '../../../src/strategies/time-budget.js';

/** For days on which no strategy loops: a slow machine must not end one that works. */
export const NO_BUDGET: TimeBudget = { run: (work) => ({ ended: true, value: work() }) };

const vm = new VmTimeBudget();

/** Ends a strategy that loops, with twenty times the budget of the live engine. */
export const GENEROUS_BUDGET: TimeBudget = { run: (work, ms) => vm.run(work, 20 * ms) };
