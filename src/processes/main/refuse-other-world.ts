import type { AccountSummary } from '../../domain/config/broker-account.js';
import { configError } from '../../kernel/errors.js';
import type { BotIdentityParts } from '../../kernel/identity.js';
import type { MainOptions } from './main-options.js';

/**
 * Throws CLOCK_NEEDS_SIM, FEED_NEEDS_SIM: only a world without a market has another time than the machine, and market data of
 * the start. `accountOf` is asked when it matters; without an answer the broker code of the identity decides.
 */
export function refuseOtherWorld(
  { timeScale, feed }: Pick<MainOptions, 'timeScale' | 'feed'>,
  { brokerCode }: BotIdentityParts,
  accountOf: () => AccountSummary | undefined,
): void {
  if (timeScale === null && feed === undefined) return;
  const account = accountOf();
  const kind = account?.kind ?? (brokerCode === 'SIM' ? 'simulator' : 'unknown');
  const broker = account?.broker ?? brokerCode;
  if (timeScale !== null && kind !== 'simulator' && kind !== 'emulator') {
    throw configError({
      code: 'CLOCK_NEEDS_SIM',
      message: `the clock of a bot that trades at ${broker} is the world's`,
      remedy:
        'Leave --clock-start and --clock-speed out; they are for the simulator, and for an emulator on this machine.',
    });
  }
  if (feed !== undefined && kind !== 'simulator') {
    throw configError({
      code: 'FEED_NEEDS_SIM',
      message: `a bot that trades at ${broker} has the market data of the setting MARKET_DATA`,
      remedy: 'Leave --feed, --data, --symbols, --vix and --seed out; they are for the simulated broker.',
    });
  }
}
