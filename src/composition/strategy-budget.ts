import { FileControlFolder } from '../adapters/flags/control-folder.js';
import { VmTimeBudget } from '../adapters/time-budget/vm-time-budget.js';
import { CONTROL_FLAGS } from '../app/flags/flag.js';
import type { HomePaths } from '../domain/home/home-paths.js';
import type { TimeBudget } from '../strategies/time-budget.js';

/** The time limit of strategies in a live session: a kill flag, which their own process cannot hear of while one runs, ends it early. */
export function strategyBudget({ control }: Pick<HomePaths, 'control'>): TimeBudget {
  const folder = new FileControlFolder(control);
  return new VmTimeBudget(() => folder.lookForUrgent(CONTROL_FLAGS.kill).length > 0);
}
