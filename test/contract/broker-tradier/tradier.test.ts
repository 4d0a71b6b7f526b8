import { CONTRACT_CARDS } from '../broker-kit/contract-cards.js';
import { conformance, type BrokerBench } from '../broker-kit/kit.js';
import { TRADIER_CARDS } from './all.js';
import { makeBench } from './bench.js';

/** Cards whose orders trade by themselves; those of the others trade when the card says so. */
const TRADING: readonly string[] = ['TX1', 'T6', 'T9', 'T10', 'T13', 'T17', 'T8', 'T51'];
const isTrading = ({ id }: { readonly id: string }): boolean => TRADING.includes(id);

conformance<BrokerBench>('TRADIER', () => makeBench(), CONTRACT_CARDS);
conformance('TRADIER, own cards, a market that trades', () => makeBench(), TRADIER_CARDS.filter(isTrading));
conformance(
  'TRADIER, own cards, trades by hand',
  () => makeBench({ trades: false }),
  TRADIER_CARDS.filter((card) => !isTrading(card)),
);
