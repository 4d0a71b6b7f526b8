/**
 * Measures an append each time that its parent asks: `block` blocks the thread for a while, as a slow disk does; `wait` waits
 * for the parent's next message, as an append under way does while the process is stopped.
 */
import { RunningStopwatch } from '../../../src/adapters/clock/running-stopwatch.js';
import { JournalMeter } from '../../../src/app/health/timed-journal.js';

let answered = () => undefined;
const appends = {
  block: async () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 3_000),
  wait: () => new Promise((resolve) => (answered = resolve)),
};
let append;
const stopwatch = new RunningStopwatch();
const meter = new JournalMeter(stopwatch);
const journal = meter.watch({ append: () => append() });

process.on('message', async (message) => {
  if (message === 'answer') return answered();
  append = appends[message];
  const result = journal.append();
  process.send({ begun: message });
  await result;
  process.send({ done: message, ...meter.sample() });
});
process.send({ begun: 'process' });
