/**
 * Makes or wraps the seal key of a home and kills itself before the n-th call that touches a file:
 * `node --import <loader> seal-key-child.mjs <make|wrap> <home> <master key file> <n>`. Ends with "done" when there were fewer.
 */
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { FileVault } from '../../../src/adapters/vault/file-vault.js';
import { SystemClock } from '../../../src/adapters/clock/system-clock.js';
import { sealKeysOf } from '../../../src/composition/seal-keys.js';
import { homePaths } from '../../../src/domain/home/home-paths.js';

const [work, home, masterKeyFile, fatal] = process.argv.slice(2);
const clock = new SystemClock();
const paths = homePaths(home, 'DEMO_US_SIM_B01');
let calls = 0;
for (const name of ['openSync', 'writeSync', 'fsyncSync', 'closeSync', 'renameSync', 'linkSync', 'rmSync']) {
  const original = fs[name];
  fs[name] = (...args) => {
    calls += 1;
    if (calls === Number(fatal)) process.kill(process.pid, 'SIGKILL');
    return original(...args);
  };
}
syncBuiltinESMExports();
if (work === 'wrap') new FileVault({ paths: paths.storage, clock, masterKeyFile }).wrapSealKey();
else sealKeysOf(paths, { file: () => masterKeyFile, clock }).open();
process.stdout.write('done');
