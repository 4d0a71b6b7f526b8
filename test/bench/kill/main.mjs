/** Main as `tradebot run` starts it, with the engine and projector of the bench: `node main.mjs <home> <world start> <speed>`. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { SystemClock } from '../../../dist/src/adapters/clock/system-clock.js';
import { runMain } from '../../../dist/src/processes/main/run-main.js';
import { builtPrograms } from '../../../dist/src/processes/main/programs.js';

const [home, start, speed] = process.argv.slice(2);
const root = fileURLToPath(new URL('../../..', import.meta.url)).replace(/\/$/, '');
const wall = new SystemClock();
const program = (name) => ({ file: fileURLToPath(new URL(`./${name}.mjs`, import.meta.url)), execArgv: [] });

await runMain({
  home,
  root,
  version: JSON.parse(readFileSync(`${root}/package.json`, 'utf8')).version,
  pid: process.pid,
  userId: process.getuid?.(),
  wall,
  timeScale: { virtualStart: Number(start), wallStart: wall.now(), speed: Number(speed) },
  masterKeyFile: null,
  web: { host: '127.0.0.1', port: 0, tls: null, allowPlainRemote: false },
  programs: { ...builtPrograms(root), engine: program('engine'), projector: program('projector') },
  level: 'info',
  service: { socket: undefined, watchdogUsec: undefined, path: '/usr/bin:/bin' },
  notice: (line) => process.stderr.write(`${line}\n`),
  onUp: ({ state, address }) => {
    if (process.connected) process.send({ up: { state, address } });
  },
  // a bench that was interrupted leaves no bot behind
  stopAsked: new Promise((resolve) => {
    process.once('SIGTERM', () => resolve('SIGTERM'));
    process.once('disconnect', () => resolve('SIGTERM'));
  }),
});
if (process.connected) process.disconnect();
