import { ANSWER_CARDS, CONNECTION_CARDS, RECORD_CARDS } from './account-cards.js';
import { PLACING_CARDS, type TradierCard } from './order-cards.js';
import { REPORT_CARDS } from './report-cards.js';

/** The cards of this broker alone. */
export const TRADIER_CARDS: readonly TradierCard[] = [
  ...PLACING_CARDS,
  ...REPORT_CARDS,
  ...ANSWER_CARDS,
  ...CONNECTION_CARDS,
  ...RECORD_CARDS,
];
