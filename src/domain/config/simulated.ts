import { BROKER_NAMES, type BrokerName } from './broker-names.js';
import { DEFAULT_SETTINGS } from './settings.js';

/** Which brokers are simulators; a broker that is added does not compile without its line. */
const SIMULATORS: Readonly<Record<BrokerName, boolean>> = { SIM: true, ALPACA: false, TRADIER: false, IBKR: false };

/** Whether orders reach no market with this BROKER_NAME; null means the default, and an unknown broker is no simulator. */
export function isSimulated(broker: string | null): boolean {
  const name = broker ?? DEFAULT_SETTINGS.BROKER_NAME;
  return BROKER_NAMES.some((known) => known === name && SIMULATORS[known]);
}
