/**
 * Child of a test: reads the outputs of the sample projection again and again, as a report or a dashboard would, until
 * the file named last is there. Says how often, and every fault: unreadable, not whole, or less than before.
 */
import Database from 'better-sqlite3';
import { closeSync, existsSync, openSync, readSync, statSync } from 'node:fs';

const [folder = '', until = ''] = process.argv.slice(2);
/** A log that grows in place is whole in one read; a second read may meet what was appended after the first. */
function inOneRead(path: string): string {
  const handle = openSync(path, 'r');
  const bytes = Buffer.alloc(1 << 20);
  const read = readSync(handle, bytes);
  closeSync(handle);
  return bytes.toString('utf8', 0, read);
}

/** One read may fall into the middle of a write, but the next one does not fall into the same write. */
function wholeJson(path: string): void {
  for (let attempt = 1; ; attempt += 1) {
    try {
      JSON.parse(inOneRead(path));
      return;
    } catch (error) {
      if (attempt === 3) throw error;
    }
  }
}

const inode = (): number => statSync(`${folder}/sample.db`).ino;

let rounds = 0;
let rows = 0;
const faults: string[] = [];
process.stdout.write('ready\n');
while (!existsSync(until) && faults.length < 10) {
  rounds += 1;
  const file = inode();
  try {
    const db = new Database(`${folder}/sample.db`, { readonly: true, fileMustExist: true });
    const now = db.prepare<[], number>('SELECT count(*) FROM phases').pluck().get() ?? -1;
    if (now < rows) faults.push(`${now} rows after ${rows}`);
    rows = Math.max(rows, now);
    if (rounds % 10 === 0 && db.pragma('integrity_check', { simple: true }) !== 'ok') faults.push('not whole');
    db.close();
    wholeJson(`${folder}/sample.json`);
  } catch (error) {
    // SQLite meets a file that is replaced under its first look as an I/O error; a reader opens the new one then
    if (inode() === file) faults.push(String(error));
  }
}
process.stdout.write(`${JSON.stringify({ rounds, rows, faults })}\n`);
