import { PROJECTIONS_BEHIND, type ProjectionsPort } from '../app/day/session-deps.js';
import type { Projector } from '../app/projector/projector.js';
import { isOutputFault, OUTPUT_LOCKED } from '../ports/projection-targets.js';

/** The projections of a simulated day: `behind` when the ledger stopped, or another program keeps it locked for long. */
export function settledProjections(projector: Pick<Projector, 'catchUp'>): ProjectionsPort {
  return {
    catchUp: async () => {
      try {
        const { projections } = await projector.catchUp();
        const stopped = projections.some((one) => one.name === 'ledger' && one.stopped !== null);
        return stopped ? PROJECTIONS_BEHIND : 'caught up';
      } catch (error) {
        if (isOutputFault(error) && error.code === OUTPUT_LOCKED) return PROJECTIONS_BEHIND;
        throw error;
      }
    },
  };
}
