/** Child of a test: writes to a journal file without ever committing, and stalls while it holds the lock. */
import Database from 'better-sqlite3';

const [path = ''] = process.argv.slice(2);
const db = new Database(path);
db.exec('BEGIN IMMEDIATE');
db.exec(
  `INSERT INTO events SELECT max(position) + 1, stream_id, 9999, type_id, 'never committed', body, hash FROM events`,
);
process.stdout.write('held\n');
// also keeps the connection from being collected, which would release the lock
setInterval(() => db.inTransaction, 1_000);
