/** Child of the torture tests: works on a home and kills itself at its n-th write boundary (0: never). */
import { writeSync } from 'node:fs';
import { workOn } from './torture-home.js';

const [home = '', dieAt = '0'] = process.argv.slice(2);
let steps = 0;
await workOn({
  home,
  onStep: (step) => {
    steps += 1;
    if (steps !== Number(dieAt)) return;
    writeSync(1, `died ${step}\n`);
    process.kill(process.pid, 'SIGKILL');
  },
  onAcknowledged: (ids) => writeSync(1, ids.map((id) => `${id}\n`).join('')),
});
writeSync(1, `steps ${steps}\n`);
