/**
 * Runs commands of the built program one after the other in this process, for a parent that sends
 * `{ args, env }` and gets back `{ code, out, err, left }`. `left` names what the command left open, which would keep a
 * process of its own from ending.
 */
import { createRequire } from 'node:module';
import { ROOT } from '../../src/processes/cli/setup.mjs';
import { main } from '../../dist/program/main.js';

const require = createRequire(import.meta.url);
const { runtimeText } = require('../../src/processes/cli/runtime.cjs');
const { COMMANDS } = require('../../src/processes/cli/control.cjs');
const { dayFault, marketFault } = require('../../src/processes/cli/early-options.cjs');
const EARLY = { controlCommands: COMMANDS, optionFaults: { run: marketFault, day: dayFault } };
const [node, program] = process.argv;
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];

process.on('message', async ({ args, env }) => {
  process.argv = [node, program, ...args];
  for (const name of Object.keys(process.env)) if (!(name in env)) delete process.env[name];
  Object.assign(process.env, env);
  const out = captured(process.stdout);
  const err = captured(process.stderr);
  // after both streams exist, which Node opens when they are first asked for
  const before = process.getActiveResourcesInfo().sort();
  let code;
  try {
    code = await main({ root: ROOT, runtime: runtimeText(), parentPid: process.ppid, ...EARLY });
  } finally {
    for (const signal of SIGNALS) process.removeAllListeners(signal);
    for (const stream of [process.stdout, process.stderr]) stream.removeAllListeners('error');
  }
  const left = await leftOf(before);
  process.send({ code, out: out(), err: err(), left });
});
process.send('ready');

/** Keeps what is written to the stream; the function that is returned ends this and gives the text. */
function captured(stream) {
  const write = stream.write;
  const parts = [];
  stream.write = (chunk, encoding, done) => {
    parts.push(Buffer.from(chunk));
    const after = typeof encoding === 'function' ? encoding : done;
    if (after !== undefined) process.nextTick(after);
    return true;
  };
  return () => {
    stream.write = write;
    return Buffer.concat(parts).toString();
  };
}

/** What is open now and was not before; a handle that is being closed gets a second to do so. */
async function leftOf(before) {
  let left = [];
  for (let turn = 0; turn < 50; turn += 1) {
    left = process.getActiveResourcesInfo();
    for (const name of before) {
      const at = left.indexOf(name);
      if (at >= 0) left.splice(at, 1);
    }
    if (left.length === 0) return [];
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return left;
}
