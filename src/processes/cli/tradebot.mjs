#!/usr/bin/env node
/**
 * The program behind `tradebot`: sets the clone up when needed, then runs the built program. start, stop, kill and status
 * run before both. The shell script next to it chooses the Node.
 */
import { createRequire, enableCompileCache } from 'node:module';
import { COMPILE_CACHE, ROOT, SetupError, setUp } from './setup.mjs';

const require = createRequire(import.meta.url);
const control = require('./control.cjs');
const { dayFault, earlyRefusal, marketFault } = require('./early-options.cjs');
const { runtimeText, versionText } = require('./runtime.cjs');
const args = process.argv.slice(2);
// before anything that takes time: a signal that opens the inspector of Node, in which everybody here could run code
process.on('SIGUSR1', () => undefined);
// a parent that ends later is missed
const parentPid = process.ppid;

/** In the words and with the exit code of the program. */
function refuse({ code, message, remedy }) {
  const error = { kind: 'ConfigError', code, message, remedy, details: {} };
  const line = args.includes('--json') ? JSON.stringify({ ok: false, error }) : `${message} (${code}). ${remedy}`;
  process.stderr.write(`${line}\n`);
  process.exitCode = 1;
}

try {
  if (control.isControl(args)) {
    process.exitCode = control.run(args, ROOT);
  } else if (args.length === 1 && ['--version', '-V'].includes(args[0])) {
    process.stdout.write(`${versionText()}\n`);
  } else if (earlyRefusal(args) !== undefined) {
    refuse(earlyRefusal(args));
  } else {
    await setUp();
    enableCompileCache(COMPILE_CACHE);
    const { main } = await import('../../../dist/program/main.js');
    const early = { controlCommands: control.COMMANDS, optionFaults: { run: marketFault, day: dayFault } };
    process.exitCode = await main({ root: ROOT, runtime: runtimeText(), parentPid, ...early });
  }
} catch (error) {
  process.stderr.write(`${error instanceof SetupError ? error.message : (error?.stack ?? String(error))}\n`);
  process.exitCode = error instanceof SetupError ? 1 : 2;
}
