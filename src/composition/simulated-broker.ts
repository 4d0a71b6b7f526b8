import { DEFAULT_SIM_PROFILE, type SimProfile } from '../adapters/broker-sim/profile.js';
import { SimBroker, type SimBrokerOptions } from '../adapters/broker-sim/sim-broker.js';
import type { BookCodes } from '../domain/accounting/book-codes.js';
import type { Settings } from '../domain/config/settings.js';

/** Account and random seed of the simulated broker; its profile is derived from the settings. */
export type SimulatedBrokerOptions = Omit<SimBrokerOptions, 'accountId' | 'profile'>;

/** The simulated broker for the account of these books, configured by the settings (BT-4). */
export function simulatedBroker(
  { account }: Pick<BookCodes, 'account'>,
  settings: Settings,
  options: SimulatedBrokerOptions,
): SimBroker {
  return new SimBroker({ ...options, accountId: account, profile: profileOf(settings) });
}

/** Slippage, latency and fractions come from the settings; everything else has the simulator's defaults. */
function profileOf(settings: Settings): SimProfile {
  return {
    ...DEFAULT_SIM_PROFILE,
    latencyMs: Math.max(1, settings.SIMULATED_LATENCY_MS),
    slippageType: settings.ENABLE_SLIPPAGE_MODEL ? settings.SLIPPAGE_SIMULATION_TYPE : 'none',
    slippageMeanPct: settings.SLIPPAGE_MEAN_PCT.toApproximateNumber(),
    slippageStddevPct: settings.SLIPPAGE_STDDEV_PCT.toApproximateNumber(),
    fractional: settings.FRACTIONAL,
  };
}
