import type { Rule } from './action.js';
import { botStateRule } from './lifecycle/bot-state.js';
import { marketDataRule } from './lifecycle/market-data.js';
import { orderRules } from './orders/order-follow-up.js';
import { heldHaltRule } from './positions/held-halts.js';
import { markingRule } from './positions/marking.js';
import { refusedEventRule } from './orders/refused-events.js';
import { positionBookkeeping } from './positions/position-bookkeeping.js';
import { killRule } from './closing/kill.js';
import { gracefulRule } from './closing/graceful-stop.js';
import { killSwitchRule } from './risk/daily-loss.js';
import { remainderRule } from './exits/close-remainder.js';
import { positionManagement } from './exits/exit-triggers.js';
import { restingStopRule } from './exits/resting-stop.js';
import { comparisonRule } from './reconciliation/comparison-due.js';
import { strategyRules } from './lifecycle/strategy-windows.js';

/** What a kill waits for: bookkeeping of past events, kill and stop, live orders. */
export const URGENT_RULES: readonly Rule[] = [positionBookkeeping, killSwitchRule, killRule, gracefulRule, orderRules];

/**
 * The rules in order of urgency: first those that a kill waits for, then positions, new entries, values. The first rule with an
 * action wins, and all are evaluated again after it.
 */
export const TRADING_RULES: readonly Rule[] = [
  ...URGENT_RULES,
  marketDataRule,
  heldHaltRule,
  botStateRule,
  remainderRule,
  positionManagement,
  restingStopRule,
  refusedEventRule,
  comparisonRule,
  strategyRules,
  markingRule,
];

/** The rules outside the bot's own session, while the exchange is open: they only close what a stop or kill left open. */
export const CLOSING_RULES: readonly Rule[] = [positionBookkeeping, killRule, gracefulRule, orderRules, botStateRule];
