import type { IbkrCard } from './bench.js';
import { CHARGE_CARDS } from './charge-cards.js';
import { LINE_CARDS } from './line-cards.js';
import { OPTION_CARDS } from './option-cards.js';
import { ORDER_CARDS } from './order-cards.js';
import { READ_ONLY_CARDS } from './read-only-cards.js';
import { TRADE_CARDS } from './trade-cards.js';

/** The cards that only this broker has. */
export const IBKR_CARDS: readonly IbkrCard[] = [
  ...ORDER_CARDS,
  ...TRADE_CARDS,
  ...LINE_CARDS,
  ...READ_ONLY_CARDS,
  ...CHARGE_CARDS,
  ...OPTION_CARDS,
];
