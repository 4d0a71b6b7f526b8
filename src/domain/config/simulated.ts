import { DEFAULT_SETTINGS, type Settings } from './settings.js';

/** Which brokers are simulators; a broker that is added does not compile without its line. */
const SIMULATORS: Readonly<Record<Settings['BROKER_NAME'], boolean>> = { SIM: true };

/** Whether orders reach no market with this BROKER_NAME; null means the default, and an unknown broker is no simulator. */
export function isSimulated(broker: string | null): boolean {
  const name = broker ?? DEFAULT_SETTINGS.BROKER_NAME;
  return Object.entries(SIMULATORS).some(([known, simulates]) => known === name && simulates);
}
