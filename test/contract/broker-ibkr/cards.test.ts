import { conformance } from '../broker-kit/kit.js';
import { ibkrBench } from './bench.js';
import { FEED_CARDS, feedBench } from './feed-cards.js';
import { IBKR_CARDS } from './ibkr-cards.js';

conformance('IBKR, its own cards', () => ibkrBench(), IBKR_CARDS);
conformance('IBKR, its market data', feedBench, FEED_CARDS);

/** Older gateways: the rows of lists and details differ. */
const BY_VERSION: readonly string[] = ['I6', 'I13', 'IB1', 'IB2', 'IB23', 'IB38', 'IB39'];
for (const version of [164, 176, 187]) {
  const cards = IBKR_CARDS.filter(({ id }) => BY_VERSION.includes(id));
  conformance(`IBKR at version ${version}`, () => ibkrBench(version), cards);
}
