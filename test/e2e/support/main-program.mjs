/** main with fake children, as a process: `node main-program.mjs <home> [options as JSON]`; says what is up as one line. */
import { fileURLToPath } from 'node:url';
import { SystemClock } from '../../../dist/src/adapters/clock/system-clock.js';
import { runMain } from '../../../dist/program/run-main.js';

const [home, given = '{}'] = process.argv.slice(2);
const options = JSON.parse(given);
const file = fileURLToPath(new URL('fake-child.mjs', import.meta.url));
const program = (name) => ({ file, execArgv: [`--conditions=${name}`] });

try {
  await runMain({
    home,
    root: fileURLToPath(new URL('../../..', import.meta.url)).replace(/\/$/, ''),
    version: '0.0.1',
    pid: process.pid,
    userId: options.userId ?? process.getuid(),
    wall: new SystemClock(),
    timeScale: options.timeScale ?? null,
    masterKeyFile: options.masterKeyFile ?? null,
    web: { host: '127.0.0.1', port: 0, tls: null, allowPlainRemote: false, ...options.web },
    programs: {
      engine: program('engine'),
      projector: program('projector'),
      web: program('web'),
      worker: program('worker'),
    },
    level: 'verbose',
    service: { socket: options.socket, watchdogUsec: options.watchdogUsec, path: '/usr/bin:/bin' },
    timing: { engineStopMs: 1_500, othersStopMs: 1_000, rotateMs: 20, tryAgainMs: 400, ...options.timing },
    policy: options.policy,
    notice: (line) => process.stderr.write(`${line}\n`),
    onUp: ({ setupToken, ...up }) =>
      process.stdout.write(`${JSON.stringify({ ...up, setupToken: setupToken?.reveal() ?? null })}\n`),
    stopAsked: new Promise((resolve) => {
      for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => resolve(signal));
    }),
  });
} catch (error) {
  // The joined program has a TradeBotError of its own.
  if (error.line === undefined) throw error;
  process.stderr.write(`${error.line}\n`);
  process.exitCode = 1;
}
