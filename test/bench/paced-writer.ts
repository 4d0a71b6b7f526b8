/**
 * Child of the subscribe bench: appends one event, waits, appends the next. Each carries the monotonic time in
 * microseconds at which it was handed to the journal; the clock is one for all processes of a machine.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { SystemClock } from '../../src/adapters/clock/system-clock.js';
import { SqliteJournal } from '../../src/adapters/journal-sqlite/sqlite-journal.js';
import { reset } from '../contract/support/journal-events.js';
import { streamName } from '../../src/events/event.js';

const [path = '', count = '0', pauseMs = '0'] = process.argv.slice(2);
const journal = SqliteJournal.open({ path, clock: new SystemClock() });
for (let n = 0; n < Number(count); n += 1) {
  await pause(Number(pauseMs));
  const at = process.hrtime.bigint() / 1_000n;
  await journal.append(streamName('paced', '1'), [reset(`paced-${pauseMs}-${n}`, String(at))], {
    expectedRevision: 'any',
  });
}
await journal.close();
