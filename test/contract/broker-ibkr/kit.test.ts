import { CONTRACT_CARDS } from '../broker-kit/contract-cards.js';
import { conformance } from '../broker-kit/kit.js';
import { ibkrBench } from './bench.js';

/** The line to the gateway has no movements of cash: IB40 has what is left of that card. */
const WITH_CASH_RECORDS = 'K7';

conformance(
  'IBKR',
  () => ibkrBench(),
  CONTRACT_CARDS.filter(({ id }) => id !== WITH_CASH_RECORDS),
);
