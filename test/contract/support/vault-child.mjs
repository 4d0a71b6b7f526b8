/**
 * Changes the vault of a home and kills itself after a step:
 * `node --import <loader> vault-child.mjs <home> <step> [rotate|destroyEarlier|wrapKeys|removeMasterKey] [master key file]`.
 */
import { FileVault } from '../../../src/adapters/vault/file-vault.js';
import { SystemClock } from '../../../src/adapters/clock/system-clock.js';
import { basePaths } from '../../../src/domain/home/home-paths.js';

const [home, fatal, change = 'rotate', masterKeyFile = null] = process.argv.slice(2);
const onStep = (step) => {
  if (step === fatal) process.kill(process.pid, 'SIGKILL');
};
new FileVault({ paths: basePaths(home).storage, clock: new SystemClock(), masterKeyFile, onStep })[change]({});
