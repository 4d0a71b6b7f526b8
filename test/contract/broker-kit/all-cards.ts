import type { CardFacts } from '../../../src/app/broker-check/card.js';
import { FEED_CARDS } from '../broker-ibkr/feed-cards.js';
import { IBKR_CARDS } from '../broker-ibkr/ibkr-cards.js';
import { CONNECTION_CARDS } from '../broker-alpaca/connection-cards.js';
import { KILL_CARDS } from '../broker-alpaca/kill-cards.js';
import { ORDER_CARDS } from '../broker-alpaca/order-cards.js';
import { RECORD_CARDS } from '../broker-alpaca/record-cards.js';
import { REPORT_CARDS } from '../broker-alpaca/report-cards.js';
import { TRADIER_CARDS } from '../broker-tradier/all.js';
import { CONTRACT_CARDS } from './contract-cards.js';

/** The cards by whom they are for; each adapter adds its list. */
export const ALL_CARDS: Readonly<Record<string, readonly CardFacts[]>> = {
  every: CONTRACT_CARDS,
  ALPACA: [...ORDER_CARDS, ...REPORT_CARDS, ...RECORD_CARDS, ...CONNECTION_CARDS, ...KILL_CARDS],
  IBKR: [...IBKR_CARDS, ...FEED_CARDS],
  TRADIER: TRADIER_CARDS,
};
