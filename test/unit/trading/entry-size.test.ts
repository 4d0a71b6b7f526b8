import { describe } from '@jest/globals';
import { Decimal } from '../../../src/kernel/decimal.js';
import { strategyRules } from '../../../src/trading/lifecycle/strategy-windows.js';
import { signalled, started } from './support/given-strategy.js';
import { asset, clock, settings } from './support/given-world.js';
import { ruleSpec, ruleTable, type Given } from './support/rule-spec.js';

const route = (...facts: readonly Given[]) => ruleSpec(strategyRules).given(clock('14:00'), ...facts);
const DEAR: readonly Given[] = [
  started('AIG'),
  signalled('AIG', 800.01),
  settings({ MAX_PRICE: '1000', FRACTIONAL: 'true' }),
];

describe('a share that costs more than the capital of the entry', () => {
  ruleTable({
    'a slice of less than one share is refused': route(...DEAR, settings({ MAX_PRICE: '1000', FRACTIONAL: 'false' }))
      .at('14:10')
      .then('reject AIG: LESS_THAN_ONE_SHARE (slice=800.00, price=800.01, wholeShares=FRACTIONAL is off)'),
    'a slice of less than one share buys a part of it where setting and broker allow it': route(
      ...DEAR,
      asset('AIG', { fractionable: true, minQuantity: Decimal.of(1, 6) }),
    )
      .at('14:10')
      .then('intend 1: buy 0.999987 AIG to open long at 800.01'),
    'a slice of less than one share is refused with the answer of the broker': route(
      ...DEAR,
      asset('AIG', { fractionable: false }),
    )
      .at('14:10')
      .then(
        'reject AIG: LESS_THAN_ONE_SHARE (slice=800.00, price=800.01, wholeShares=the broker trades no fractions of it)',
      ),
  });
});
