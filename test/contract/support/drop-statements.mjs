/**
 * `node --expose-gc drop-statements.mjs main|worker|exit COUNT`: makes and drops that many SQLite statements, with
 * garbage collections in this thread, in a worker thread, or at the very end of the process. Prints how many it made.
 */
import Database from 'better-sqlite3';
import { isMainThread, Worker } from 'node:worker_threads';

const [, , where, count] = process.argv;
const EVERY = 10_000;

function dropStatements(collect) {
  const db = new Database(':memory:');
  let made = 0;
  for (; made < Number(count); made += 1) {
    db.prepare('SELECT ?').get(made);
    if (made % EVERY === 0) collect();
  }
  collect();
  return made;
}

if (!isMainThread) process.stdout.write(`${dropStatements(globalThis.gc)}\n`);
else if (where === 'worker') new Worker(new URL(import.meta.url), { argv: [where, count] });
else if (where === 'exit') {
  process.stdout.write(`${dropStatements(() => undefined)}\n`);
  process.on('exit', () => globalThis.gc());
} else process.stdout.write(`${dropStatements(globalThis.gc)}\n`);
