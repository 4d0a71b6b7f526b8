/**
 * Child of a test: appends to the journal named on the command line until it is killed, and writes the id of each event
 * to standard output only when the journal has acknowledged it.
 */
import { writeSync } from 'node:fs';
import { SystemClock } from '../../../src/adapters/clock/system-clock.js';
import { SqliteJournal } from '../../../src/adapters/journal-sqlite/sqlite-journal.js';
import { streamName } from '../../../src/events/event.js';
import { reset } from './journal-events.js';

const [path = '', who = '', limit = '1000000'] = process.argv.slice(2);
const journal = SqliteJournal.open({ path, clock: new SystemClock() });
for (let round = 0; round < Number(limit); round += 1) {
  const batch = Array.from({ length: 8 }, (_, index) => reset(`${who}-${round}-${index}`));
  const answers = await Promise.all(
    batch.map((event, index) =>
      journal.append(streamName(who, String(index)), [event], {
        expectedRevision: round === 0 ? 'noStream' : round - 1,
      }),
    ),
  );
  writeSync(1, answers.map((_, index) => `${batch[index]?.id ?? ''}\n`).join(''));
}
await journal.close();
