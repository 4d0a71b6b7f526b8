import type { Broker } from '../../ports/broker.js';
import type { BrokerCapabilities } from '../../ports/reference-data.js';

/** What an account can do, in words, by the capability that says so. */
const ABILITIES: readonly (readonly [capability: keyof BrokerCapabilities, words: string])[] = [
  ['shortSell', 'short sales'],
  ['fractional', 'fractions of a share'],
  ['options', 'options'],
  ['nativeStop', 'stops that rest at the broker'],
  ['bulkCancel', 'one call that cancels all orders'],
  ['closeAll', 'one call that closes all positions'],
];

/** What the account at a real broker can do, and how many calls are free; empty for a bot that has none. */
export function brokerFigures(
  broker: Pick<Broker, 'budget' | 'capabilities'> | undefined,
): Readonly<Record<string, string>> {
  if (broker === undefined) return {};
  const { capabilities } = broker;
  const left = broker.budget?.().left;
  const { orderCallsPerMinute: perMinute } = capabilities;
  const abilities = ABILITIES.filter(([capability]) => capabilities[capability] === true).map(([, words]) => words);
  return {
    broker_can: abilities.join(', '),
    ...(left === undefined ? {} : { broker_calls_left: String(left) }),
    ...(perMinute === null ? {} : { broker_calls_per_minute: String(perMinute) }),
  };
}
