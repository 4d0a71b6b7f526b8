import { pauseMs } from '../adapters/broker-common/pause.js';
import type { BrokerCheck } from '../ports/broker-connection.js';

/** Before a failed check counts it is repeated after each of these, in milliseconds of the machine. */
export const CHECK_AGAIN_MS: readonly number[] = [1_000, 4_000];

/**
 * The checks of an account, repeated while one of them fails: a fault that passes by itself, such as a refusal for the rate or
 * a page of a gateway, must not leave a bot in `error` for the day. Only reads are repeated.
 */
export async function checkedAgain(
  check: () => Promise<readonly BrokerCheck[]>,
  pauses: readonly number[] = CHECK_AGAIN_MS,
): Promise<readonly BrokerCheck[]> {
  let checks = await check();
  for (const ms of pauses) {
    if (checks.every(({ ok }) => ok)) return checks;
    await pauseMs(ms);
    checks = await check();
  }
  return checks;
}
