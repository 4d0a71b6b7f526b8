import { describe } from '@jest/globals';
import { positionManagement } from '../../../src/trading/exits/exit-triggers.js';
import { held, stopAt } from './support/given-orders.js';
import { begun, budgetExceeded, machineBusy, targetReached } from './support/given-strategy.js';
import { clock, minute } from './support/given-world.js';
import { ruleSpec, ruleTable, type Given } from './support/rule-spec.js';

/** 16 shares at 50.00 since 14:10, stop at 49.00. */
const HELD: readonly Given[] = [begun, clock('14:10'), held(1, { shares: '16', price: '50.00' }), stopAt(1, '49.00')];
const manage = (...facts: readonly Given[]) => ruleSpec(positionManagement).given(...HELD, ...facts);
const bar = (close: number, low = close): readonly Given[] => [clock('14:11'), minute({ AIG: { close, low } })];

describe('positions of a strategy that cannot answer', () => {
  ruleTable({
    'one that used up its time does not fail after its window, and its position is closed': manage(budgetExceeded)
      .at('16:00')
      .then('intend 2: sell 16 AIG to close long at 50.00, timeout'),
    'a busy machine does not fail it, and its stop is obeyed': manage(machineBusy, ...bar(49.5, 49))
      .at('14:11')
      .then('intend 2: sell 16 AIG to close long at 49.50, stop_loss'),
    'a busy machine does not fail it, and its target waits': manage(machineBusy, targetReached('AIG'), ...bar(50))
      .at('14:11')
      .then(),
  });
});
