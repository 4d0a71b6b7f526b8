import { MINUTE_MS, plusMs, SECOND_MS, type EpochMs } from '../../kernel/time.js';
import type { OrderEntry } from '../../ports/order-entry.js';
import type { Pacer } from '../../ports/pacer.js';
import type { MinuteProcessor } from '../day/minute-processor.js';
import type { LiveCalls } from '../execution/broker-calls.js';

/** How long late answers are awaited after the close. */
const LAST_ANSWERS_MS = 30 * SECOND_MS;
/** How long charges are awaited after the close; the figures of an account that reports them apart are as old as this. */
const LAST_CHARGES_MS = 3 * MINUTE_MS;
/** A charge of nothing brings no news: it is looked for this often. */
const CHARGE_LOOK_MS = SECOND_MS;

/** What the end of a session works with. */
interface Ending {
  readonly pacer: Pacer;
  readonly broker: Pick<OrderEntry, 'awaitsCharges'>;
  readonly calls: LiveCalls;
  readonly minutes: Pick<MinuteProcessor, 'finish'>;
  /** Takes late answers, news and commands, then acts on them. */
  readonly safePoint: () => Promise<void>;
  /** Whether the session is left before its books are compared. */
  readonly leaves: () => boolean;
}

/** After the close: late answers, the last news of every order, and the charges that come after the fills. */
export async function finishSession(ending: Ending): Promise<void> {
  const { pacer, calls, minutes, safePoint } = ending;
  const until = plusMs(pacer.now(), LAST_ANSWERS_MS);
  while (calls.unanswered > 0 && pacer.now() < until) await pacer.until(until);
  await calls.takeLate();
  // a kill waits for no answer, but the books of its session do
  calls.resume();
  await minutes.finish();
  await safePoint();
  await takeLastCharges(ending);
}

/** A charge that comes after the comparison of the books would be a difference of a whole night. */
async function takeLastCharges({ pacer, broker, safePoint, leaves }: Ending): Promise<void> {
  const until = plusMs(pacer.now(), LAST_CHARGES_MS);
  while (broker.awaitsCharges?.() === true && pacer.now() < until && !leaves()) {
    const look: EpochMs = plusMs(pacer.now(), CHARGE_LOOK_MS);
    await pacer.until(look < until ? look : until);
    await safePoint();
  }
}
