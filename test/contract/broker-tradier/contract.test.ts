import { CONTRACT_CARDS } from '../broker-kit/contract-cards.js';
import { conformance, type BrokerBench } from '../broker-kit/kit.js';
import { makeBench } from './bench.js';

conformance<BrokerBench>('TRADIER', () => makeBench(), CONTRACT_CARDS);
