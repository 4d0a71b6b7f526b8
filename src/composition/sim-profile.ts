import type { Settings } from '../domain/config/settings.js';
import { DEFAULT_SIM_PROFILE, type SimProfile } from '../adapters/broker-sim/profile.js';

/** The simulated broker as the settings want it (BT-4): slippage, latency, fractions; the rest is its own. */
export function simProfileOf(settings: Settings): SimProfile {
  return {
    ...DEFAULT_SIM_PROFILE,
    latencyMs: Math.max(1, settings.SIMULATED_LATENCY_MS),
    slippageType: settings.ENABLE_SLIPPAGE_MODEL ? settings.SLIPPAGE_SIMULATION_TYPE : 'none',
    slippageMeanPct: settings.SLIPPAGE_MEAN_PCT.toApproximateNumber(),
    slippageStddevPct: settings.SLIPPAGE_STDDEV_PCT.toApproximateNumber(),
    fractional: settings.FRACTIONAL,
  };
}
