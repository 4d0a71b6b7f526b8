import type { SessionMarket } from '../../src/app/live/session-market.js';

/** A market that has every day. */
export const ANY_DAY: SessionMarket = {
  facts: {
    kind: 'synthetic',
    description: 'an invented market',
    simulated: true,
    symbols: [],
    days: null,
    firstDay: null,
    lastDay: null,
    brokerSeed: 1,
  },
  days: undefined,
  fault: () => undefined,
};
