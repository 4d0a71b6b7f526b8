import { isClosing, type BotState } from '../../domain/lifecycle/bot-state.js';
import { MINUTE_MS, plusMs, SECOND_MS, type EpochMs } from '../../kernel/time.js';

/** While positions are being closed, the rules run at least this often; after a minute the minutes are enough. */
const CLOSING_TICK_MS = SECOND_MS;

/** When a waiting session looks again by itself. */
export class NextLook {
  #closingSince: EpochMs | undefined;

  /** `at` at the latest, and when the session is to be left. */
  before(at: EpochMs, now: EpochMs, botState: BotState, leaveAt: EpochMs | undefined): EpochMs {
    if (!isClosing(botState)) this.#closingSince = undefined;
    else this.#closingSince ??= now;
    const busy = this.#closingSince !== undefined && now < plusMs(this.#closingSince, MINUTE_MS);
    const look = plusMs(now, CLOSING_TICK_MS);
    const next = busy && look < at ? look : at;
    return leaveAt !== undefined && leaveAt > now && leaveAt < next ? leaveAt : next;
  }
}
