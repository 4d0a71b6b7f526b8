import { conformance } from '../broker-kit/kit.js';
import { ibkrBench } from './bench.js';
import { IBKR_CARDS } from './ibkr-cards.js';

conformance('IBKR, its own cards', () => ibkrBench(), IBKR_CARDS);
