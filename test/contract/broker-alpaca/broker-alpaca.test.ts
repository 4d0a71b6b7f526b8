import { CONTRACT_CARDS } from '../broker-kit/contract-cards.js';
import { conformance, type BrokerBench } from '../broker-kit/kit.js';
import { AlpacaBench } from './bench.js';
import { CONNECTION_CARDS } from './connection-cards.js';
import { KILL_CARDS } from './kill-cards.js';
import { ORDER_CARDS } from './order-cards.js';
import { RECORD_CARDS } from './record-cards.js';
import { REPORT_CARDS } from './report-cards.js';

conformance<BrokerBench>('ALPACA', () => AlpacaBench.open(), CONTRACT_CARDS);
conformance('ALPACA, orders', () => AlpacaBench.open(false), ORDER_CARDS);
conformance('ALPACA, reports and records', () => AlpacaBench.open(false), [...REPORT_CARDS, ...RECORD_CARDS]);
conformance('ALPACA, connection', () => AlpacaBench.open(false), CONNECTION_CARDS);
conformance('ALPACA, kill', () => AlpacaBench.open(false), KILL_CARDS);
