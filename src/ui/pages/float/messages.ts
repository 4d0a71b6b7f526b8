import { FIGURES } from '../../parts/figures.js';

/** Texts of the float. */
export const float = {
  now: 'Capital of the bot',
  float: FIGURES.float.name,
  planned: 'The first session books it.',
  why: 'The capital that the bot may trade with. Only what is entered here changes it; gains and losses do not.',
  move: 'Move capital',
  moveWhy:
    'Acknowledges a transfer that you make at the broker. No money is moved from here: the cash is booked when the broker reports it.',
  direction: 'Direction',
  directions: { inject: 'To the bot', return: 'Back to the owner' },
  amount: 'Amount in dollars',
  amountHelp: 'Above zero, such as 5000.00.',
  reason: 'Reason (required)',
  reasonHelp: '3 to 300 characters; it is kept in the journal with your name.',
  submit: 'Book the transfer',
  done: (direction: 'inject' | 'return', amount: string, now: string): string =>
    `${amount} ${direction === 'inject' ? 'to the bot' : 'back to the owner'} booked. The float is ${now}.`,
  before: 'It was booked by your earlier request, and not again.',
  next: 'Sizes and the daily loss limit use it from the next session.',
  history: 'Float changes',
  columns: {
    at: 'Time (UTC)',
    direction: 'Direction',
    amount: FIGURES['float.amount'].name,
    reason: 'Reason',
    event: 'Event',
  },
  none: 'The float has not changed yet.',
} as const;
