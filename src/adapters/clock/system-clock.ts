import { epochMs, type Clock, type EpochMs } from '../../kernel/time.js';

/** The one reader of the machine's time of day (RUN-28). */
export class SystemClock implements Clock {
  now(): EpochMs {
    return epochMs(Date.now());
  }
}
