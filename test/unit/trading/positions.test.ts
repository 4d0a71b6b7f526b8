import { describe } from '@jest/globals';
import { markingRule } from '../../../src/trading/positions/marking.js';
import { positionBookkeeping } from '../../../src/trading/positions/position-bookkeeping.js';
import { killSwitchRule } from '../../../src/trading/risk/daily-loss.js';
import {
  busted,
  cancelled,
  closed,
  corrected,
  entry,
  exit,
  filled,
  held,
  opened,
  working,
} from './support/given-orders.js';
import { bot, clock, killReset, killTripped, minute } from './support/given-world.js';
import { ruleSpec, ruleTable, type Given } from './support/rule-spec.js';

const AIG = { shares: '16', price: '50.00' };
const books = (...facts: readonly Given[]) => ruleSpec(positionBookkeeping).given(clock('14:10'), ...facts);
const sold = (price: string, id = 'X'): readonly Given[] => [
  clock('14:20'),
  exit(2, 1, '16', 'stop_loss'),
  working(2),
  filled(2, '16', price, { id }),
];

describe('a position begins and ends', () => {
  ruleTable({
    'an entry without a fill opens nothing': books(entry(1, AIG), working(1)).at('14:11').then(),
    'a half-filled entry opens a position': books(entry(1, AIG), working(1), filled(1, '8', '50.00'))
      .at('14:10:01')
      .then('open long AIG: 8 at 50.00'),
    'a short entry opens a short position': books(
      entry(1, { ...AIG, side: 'short' }),
      working(1),
      filled(1, '16', '49.99'),
    )
      .at('14:10:01')
      .then('open short AIG: 16 at 49.99'),
    'a second fill does not open it again': books(
      entry(1, AIG),
      working(1),
      filled(1, '8', '50.00'),
      opened(1),
      filled(1, '8', '50.01'),
    )
      .at('14:11')
      .then(),
    'a held position is not closed': books(held(1, AIG)).at('14:11').then(),
    'a position sold above its entry closes with a gain': books(held(1, AIG), ...sold('51.00'))
      .at('14:21')
      .then('close long AIG: 16 from 50.00 to 51.00 (stop_loss): gross 16.00, fees 0.00, net 16.00, slippage -16.00'),
    'a position sold below its entry closes with a loss': books(held(1, AIG), ...sold('49.00'))
      .at('14:21')
      .then('close long AIG: 16 from 50.00 to 49.00 (stop_loss): gross -16.00, fees 0.00, net -16.00, slippage 16.00'),
    'a short bought back below its entry closes with a gain': books(
      held(1, { ...AIG, side: 'short' }),
      ...sold('49.00'),
    )
      .at('14:21')
      .then('close short AIG: 16 from 50.00 to 49.00 (stop_loss): gross 16.00, fees 0.00, net 16.00, slippage -16.00'),
    'fees of entry and exit reduce the result': books(
      entry(1, AIG),
      working(1),
      filled(1, '16', '50.00', { commission: '0.35', fee: '0.01' }),
      opened(1),
      clock('14:20'),
      exit(2, 1, '16', 'target_hit'),
      working(2),
      filled(2, '16', '51.00', { commission: '0.35' }),
    )
      .at('14:21')
      .then('close long AIG: 16 from 50.00 to 51.00 (target_hit): gross 16.00, fees 0.71, net 15.29, slippage -16.00'),
    'two fills give an average with half a cent': books(
      entry(1, AIG),
      working(1),
      filled(1, '8', '50.00'),
      opened(1),
      filled(1, '8', '50.01'),
      ...sold('51.00'),
    )
      .at('14:21')
      .then('close long AIG: 16 from 50.005 to 51.00 (stop_loss): gross 15.92, fees 0.00, net 15.92, slippage -15.92'),
    'half a cent of cost rounds to the even cent above': books(
      // 3 x 10.005 = 30.015 is booked as 30.02
      entry(1, { shares: '3', price: '10.00' }),
      working(1),
      filled(1, '3', '10.005'),
      opened(1),
      exit(2, 1, '3', 'manual'),
      working(2),
      filled(2, '3', '10.01'),
    )
      .at('14:21')
      .then('close long AIG: 3 from 10.005 to 10.01 (manual): gross 0.01, fees 0.00, net 0.01, slippage -0.01'),
    'half a cent of cost rounds to the even cent below': books(
      // 1 x 10.005 is booked as 10.00
      entry(1, { shares: '1', price: '10.00' }),
      working(1),
      filled(1, '1', '10.005'),
      opened(1),
      exit(2, 1, '1', 'manual'),
      working(2),
      filled(2, '1', '10.01'),
    )
      .at('14:21')
      .then('close long AIG: 1 from 10.005 to 10.01 (manual): gross 0.01, fees 0.00, net 0.01, slippage -0.01'),
    'a position stays open while its entry may still fill': books(
      entry(1, AIG),
      working(1),
      filled(1, '8', '50.00'),
      opened(1),
      exit(2, 1, '8', 'manual'),
      working(2),
      filled(2, '8', '50.00'),
    )
      .at('14:21')
      .then(),
    'it closes when the rest of the entry is cancelled': books(
      entry(1, AIG),
      working(1),
      filled(1, '8', '50.00'),
      opened(1),
      exit(2, 1, '8', 'manual'),
      working(2),
      filled(2, '8', '50.00'),
      cancelled(1, '8'),
    )
      .at('14:21')
      .then('close long AIG: 8 from 50.00 to 50.00 (manual): gross 0.00, fees 0.00, net 0.00, slippage 0.00'),
    'a closed position is not closed again': books(held(1, AIG), ...sold('51.00'), closed(1))
      .at('14:21')
      .then(),
    'an exit that is taken back opens it again': books(held(1, AIG), ...sold('51.00'), closed(1), busted(2, 'X'))
      .at('14:21')
      .then('open long AIG: 16 at 50.00'),
    'a correction after the end reports the difference': books(
      held(1, AIG),
      ...sold('51.00'),
      closed(1),
      corrected(2, 'X', '16', '50.50'),
    )
      .at('14:21')
      .then('close long AIG: 16 from 50.00 to 50.50 (manual): gross -8.00, fees 0.00, net -8.00, slippage -8.00'),
    'a fill after the end opens a position': books(held(1, AIG), ...sold('51.00'), closed(1), filled(1, '1', '50.20'))
      .at('14:21')
      .then('open long AIG: 1 at 50.20'),
  });
});

const loss = (...facts: readonly Given[]) => ruleSpec(killSwitchRule).given(clock('14:10'), ...facts);
/** 1,000 shares at 50.00: a dollar of price is 1,000 dollars; the limit is 5,000. */
const LARGE = { shares: '1000', price: '50.00' };
const price = (close: number): readonly Given[] => [clock('14:30'), minute({ AIG: { close } })];
const TRIP = 'trip kill switch: DAILY_LOSS_LIMIT';
const breach = (lost: string, realized: string, unrealized: string): string =>
  `breach DAILY_LOSS_LIMIT (loss=${lost}, limit=5000.00, realized=${realized}, unrealized=${unrealized})`;

describe('the daily loss trips the kill switch', () => {
  ruleTable({
    'no position, no loss': loss().at('14:30').then(),
    'a gain trips nothing': loss(held(1, LARGE), ...price(60))
      .at('14:30')
      .then(),
    'a loss of exactly the limit trips nothing': loss(held(1, LARGE), ...price(45))
      .at('14:30')
      .then(),
    'a loss beyond the limit trips': loss(held(1, LARGE), ...price(44.99))
      .at('14:30')
      .then(breach('5010.00', '0.00', '-5010.00'), TRIP),
    'a hundredth of a cent a share beyond the limit trips': loss(held(1, LARGE), ...price(44.9999))
      .at('14:30')
      .then(breach('5000.10', '0.00', '-5000.10'), TRIP),
    'a short position loses when the price rises': loss(held(1, { ...LARGE, side: 'short' }), ...price(55.01))
      .at('14:30')
      .then(breach('5010.00', '0.00', '-5010.00'), TRIP),
    'a commission counts as a loss': loss(
      entry(1, LARGE),
      working(1),
      filled(1, '1000', '50.00', { commission: '10.00' }),
      opened(1),
      ...price(45),
    )
      .at('14:30')
      .then(breach('5010.00', '-10.00', '-5000.00'), TRIP),
    'a position without a price counts at its cost': loss(held(1, LARGE)).at('14:30').then(),
    'a price of before the fill is no loss': loss(...price(40), clock('14:30:10'), held(1, LARGE))
      .at('14:30:20')
      .then(),
    'a price of before the second fill is no loss of either': loss(
      entry(1, LARGE),
      working(1),
      filled(1, '500', '50.00'),
      ...price(30),
      clock('14:30:10'),
      filled(1, '500', '49.00'),
    )
      .at('14:30:20')
      .then(),
    'the price of the last fill counts for all shares': loss(
      entry(1, { ...LARGE, shares: '2000' }),
      working(1),
      filled(1, '1000', '50.00'),
      ...price(51),
      clock('14:30:10'),
      filled(1, '1000', '44.99'),
    )
      .at('14:30:20')
      .then(breach('5010.00', '0.00', '-5010.00'), TRIP),
    'fills that are reported in another order count by their times': loss(
      entry(1, { ...LARGE, shares: '2000' }),
      working(1),
      ...price(40),
      clock('14:30:20'),
      filled(1, '1000', '50.00', { at: '14:30:15' }),
      filled(1, '1000', '56.00', { at: '14:30:10' }),
    )
      .at('14:30:30')
      .then(breach('6000.00', '0.00', '-6000.00'), TRIP),
    'the close of the minute of the fill counts': loss(
      clock('14:29:30'),
      held(1, LARGE),
      clock('14:30'),
      minute({ AIG: { close: 44.99 } }),
    )
      .at('14:30')
      .then(breach('5010.00', '0.00', '-5010.00'), TRIP),
    'the clock of a broker that is ahead hides no price': loss(
      entry(1, LARGE),
      working(1),
      filled(1, '1000', '50.00', { at: '19:00' }),
      ...price(44.99),
    )
      .at('14:30')
      .then(breach('5010.00', '0.00', '-5010.00'), TRIP),
    'a half-filled entry counts with its shares at the limit': loss(
      entry(1, LARGE),
      working(1),
      filled(1, '500', '50.00'),
      ...price(40),
    )
      .at('14:30')
      .then(),
    'a half-filled entry trips beyond the limit': loss(
      entry(1, LARGE),
      working(1),
      filled(1, '500', '50.00'),
      ...price(39.99),
    )
      .at('14:30')
      .then(breach('5005.00', '0.00', '-5005.00'), TRIP),
    'a realized loss trips': loss(
      held(1, LARGE),
      exit(2, 1, '1000', 'stop_loss'),
      working(2),
      filled(2, '1000', '44.99'),
      closed(1),
    )
      .at('14:30')
      .then(breach('5010.00', '-5010.00', '0.00'), TRIP),
    'it trips once': loss(held(1, LARGE), killTripped, ...price(40))
      .at('14:30')
      .then(),
    'it trips again after a reset': loss(held(1, LARGE), killTripped, killReset, ...price(44.99))
      .at('14:30')
      .then(breach('5010.00', '0.00', '-5010.00'), TRIP),
    'what was realized before a reset no longer counts': loss(
      held(1, LARGE),
      exit(2, 1, '1000', 'kill'),
      working(2),
      filled(2, '1000', '44.99'),
      closed(1),
      killTripped,
      killReset,
    )
      .at('14:30')
      .then(),
    'a loss of the full limit after a reset trips again': loss(
      held(1, LARGE),
      exit(2, 1, '1000', 'kill'),
      working(2),
      filled(2, '1000', '44.99'),
      closed(1),
      killTripped,
      killReset,
      held(3, LARGE),
      ...price(44.99),
    )
      .at('14:31')
      .then(breach('5010.00', '0.00', '-5010.00'), TRIP),
    'it trips during a stop': loss(held(1, LARGE), bot('graceful_closing_positions'), ...price(44.99))
      .at('14:30')
      .then(breach('5010.00', '0.00', '-5010.00'), TRIP),
    'it does not trip a stopped bot': loss(
      held(1, LARGE),
      bot('emergency_closing_positions'),
      bot('stopped'),
      ...price(40),
    )
      .at('14:30')
      .then(),
    'it does not trip a bot in error': loss(held(1, LARGE), bot('error'), ...price(40))
      .at('14:30')
      .then(),
  });
});

const marks = (...facts: readonly Given[]) => ruleSpec(markingRule).given(clock('14:10'), ...facts);

describe('holdings are valued', () => {
  ruleTable({
    'at the last price': marks(held(1, AIG), ...price(51))
      .at('14:30')
      .then('mark (session): AIG 16 at 51.00, 16.00'),
    'at the fill until a price from after it is known': marks(...price(40), clock('14:30:10'), held(1, AIG))
      .at('14:30')
      .then('mark (session): AIG 16 at 50.00, 0.00'),
    'at the latest of the fills of a symbol': marks(
      held(1, AIG),
      ...price(51),
      clock('14:30:10'),
      held(2, { ...AIG, price: '49.00', date: '2013-10-04' }),
    )
      .at('14:30')
      .then('mark (session): AIG 32 at 49.00, -16.00'),
  });
});
