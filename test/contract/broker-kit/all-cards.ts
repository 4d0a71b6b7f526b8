import type { CardFacts } from '../../../src/app/broker-check/card.js';
import { IBKR_CARDS } from '../broker-ibkr/ibkr-cards.js';
import { CONTRACT_CARDS } from './contract-cards.js';

/** The cards by whom they are for; each adapter adds its list. */
export const ALL_CARDS: Readonly<Record<string, readonly CardFacts[]>> = {
  every: CONTRACT_CARDS,
  IBKR: IBKR_CARDS,
};
