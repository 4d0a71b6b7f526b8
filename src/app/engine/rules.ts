import type { Rule } from './action.js';
import { botStateRule, marketDataRule } from './rules-lifecycle.js';
import { orderRules } from './rules-orders.js';
import { positionBookkeeping } from './rules-positions.js';
import { gracefulRule, killRule } from './rules-closing.js';
import { killSwitchRule } from './rules-risk.js';
import { positionManagement } from './rules-exits.js';
import { strategyRules } from './rules-strategies.js';

/**
 * In order of urgency: what has happened is told first, then kill and stop, then orders on their way, then positions,
 * then new business. The first rule with something to do wins, and all are asked again after it.
 */
export const ENGINE_RULES: readonly Rule[] = [
  positionBookkeeping,
  killSwitchRule,
  killRule,
  gracefulRule,
  orderRules,
  marketDataRule,
  botStateRule,
  positionManagement,
  strategyRules,
];
