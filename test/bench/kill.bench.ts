import type { BenchRow } from './bench.js';
import { killsAtBrokers } from './kill/at-brokers.js';
import { killsAtSimulator } from './kill/at-simulator.js';

/** Kills at each emulated broker, and at the simulator under each load. */
export async function run(): Promise<readonly BenchRow[]> {
  return [...(await killsAtBrokers()), ...(await killsAtSimulator())];
}
