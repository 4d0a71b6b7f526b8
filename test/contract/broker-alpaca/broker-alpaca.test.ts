import { CONTRACT_CARDS } from '../broker-kit/contract-cards.js';
import { conformance } from '../broker-kit/kit.js';
import { AlpacaBench } from './bench.js';

conformance('ALPACA', () => AlpacaBench.open(), CONTRACT_CARDS);
