/** The real projector; busy: with one busy loop per processor of the machine. */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { runChild } from '../../../dist/src/processes/ipc/child.js';
import { startProjector } from '../../../dist/src/processes/projector/start-projector.js';
import { scenarioOf } from './scenario.mjs';

const BURN = 'for (;;) {}';

runChild('projector', (child) => {
  if (scenarioOf(child.init.home) === 'busy') {
    for (let at = 0; at < availableParallelism(); at += 1) new Worker(BURN, { eval: true });
  }
  return startProjector(child);
});
