import { describe } from '@jest/globals';
import { strategyRules } from '../../../src/trading/lifecycle/strategy-windows.js';
import { signalled, started } from './support/given-strategy.js';
import { clock, minute } from './support/given-world.js';
import { ruleSpec, ruleTable, type Given } from './support/rule-spec.js';

const route = (...facts: readonly Given[]) => ruleSpec(strategyRules).given(clock('14:00'), ...facts);

describe('an unknown split overnight', () => {
  ruleTable({
    'a symbol that opens at a quarter of its previous close was split, as far as anyone knows': route(
      started('KO'),
      signalled('KO', 50.6),
      clock('14:10'),
      minute({ KO: { close: 50.6 } }),
    )
      .at('14:10')
      .then('reject KO: SPLIT_SUSPECTED (symbol=KO, previousClose=200.00, open=50.60, ratio=4-for-1 split)'),
    'a fall that no split explains is no split': route(
      started('KO'),
      signalled('KO', 75),
      clock('14:10'),
      minute({ KO: { close: 75 } }),
    )
      .at('14:10')
      .then('intend 1: buy 10 KO to open long at 75.00'),
  });
});
