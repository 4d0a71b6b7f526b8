import { pauseMs } from '../adapters/broker-common/pause.js';
import type { BrokerCheck } from '../ports/broker-connection.js';

/** Before a failed check counts it is repeated after each of these, in milliseconds of the machine. */
export const CHECK_AGAIN_MS: readonly number[] = [1_000, 4_000];

/**
 * The checks of an account, repeated a few times while the broker gives no readable answer, such as a refusal for the rate or a
 * page of a gateway. Only reads are repeated; what only a person can end is reported at once.
 */
export async function checkedAgain(
  check: () => Promise<readonly BrokerCheck[]>,
  pauses: readonly number[] = CHECK_AGAIN_MS,
): Promise<readonly BrokerCheck[]> {
  let checks = await check();
  for (const ms of pauses) {
    if (!checks.some(({ ok, mayPass }) => !ok && mayPass === true)) return checks;
    await pauseMs(ms);
    checks = await check();
  }
  return checks;
}
