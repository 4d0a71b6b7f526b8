/** Feeds projections of a home from a tape and reports every step to its parent, until it is killed. */
import { FileProjectionTargets } from '../../../src/adapters/projection-targets/file-targets.js';
import { Projector } from '../../../src/app/projector/projector.js';
import { Tape } from './events.js';
import { sampleLogOnly, sampleProjection } from './sample-projection.js';

const [home = '', events = '0'] = process.argv.slice(2);
const tape = new Tape();
const phases = ['open', 'mid', 'close'];
const targets = new FileProjectionTargets({
  home,
  projectionsDb: `${home}/storage/projections.db`,
  onStep: (step) => process.send?.(step),
});
const projections = [sampleProjection(`${home}/output`), sampleLogOnly(`${home}/output`)];
const projector = new Projector({ journal: tape, projections, targets, pageSize: 3 });
for (let n = 0; n < Number(events); n += 1) tape.add('PhaseStarted', { phase: phases[n % 3] });
await projector.catchUp();
await projector.close();
process.disconnect?.();
