import { describe } from '@jest/globals';
import { strategyRules } from '../../../src/trading/lifecycle/strategy-windows.js';
import { confirmationAsked, confirmationDecided, fires, shorts, signalled, started } from './support/given-strategy.js';
import { bot, clock, confirmed, inverseEtfs, minute, settings } from './support/given-world.js';
import { ruleSpec, ruleTable, type Given } from './support/rule-spec.js';

const route = (...facts: readonly Given[]) => ruleSpec(strategyRules).given(clock('14:00'), ...facts);
const AIG: readonly Given[] = [confirmed(), started('AIG'), signalled('AIG', 50)];
const TWO: readonly Given[] = [started('AIG', 'BAC'), signalled('AIG', 50), signalled('BAC', 20)];
const ASKED: readonly Given[] = [...AIG, clock('14:10'), confirmationAsked('AIG', '14:12')];

describe('confirmation of entries by a person (TRD-53)', () => {
  ruleTable({
    'an entry that passed every check is asked for': route(...AIG)
      .at('14:10')
      .then('ask for AIG long 16 at 50.00 until 14:12:00'),
    'the time limit is a setting': route(
      confirmed({ TRADE_CONFIRMATION_SECONDS: '600' }),
      started('AIG'),
      signalled('AIG', 50),
    )
      .at('14:10')
      .then('ask for AIG long 16 at 50.00 until 14:20:00'),
    'nothing is sent while it waits': route(...ASKED)
      .at('14:11')
      .then(),
    'nobody answered in time': route(...ASKED)
      .at('14:12')
      .then('confirmation of AIG expired: nobody answered in time'),
    'an entry whose time is up is left out': route(...ASKED, clock('14:12'), confirmationDecided('AIG', 'expired'))
      .at('14:12')
      .then('reject AIG: CONFIRMATION_EXPIRED'),
    'a refused entry is left out': route(...ASKED, confirmationDecided('AIG', 'refused'))
      .at('14:11')
      .then('reject AIG: CONFIRMATION_REFUSED'),
    'a confirmed entry is sent at the price of now': route(
      ...ASKED,
      confirmationDecided('AIG', 'confirmed'),
      fires('AIG', 51),
    )
      .at('14:11')
      .then('intend 1: buy 15 AIG to open long at 51.00'),
    'a confirmed entry without its signal is not sent': route(
      confirmed(),
      started('AIG', 'BAC'),
      signalled('AIG', 50),
      confirmationAsked('AIG', '14:12'),
      confirmationDecided('AIG', 'confirmed'),
      (world) => world.strategy.signals.clear(),
    )
      .at('14:11')
      .then(),
    'a confirmed entry passes the gate again': route(
      ...ASKED,
      confirmationDecided('AIG', 'confirmed'),
      settings({ TRADE_CONFIRMATION_REQUIRED: 'true', DISABLE_ALL_TRADES: 'true' }),
    )
      .at('14:11')
      .then('block entry AIG: DISABLE_ALL_TRADES'),
    'a confirmation does not hold for another market': route(...ASKED, confirmationDecided('AIG', 'confirmed'))
      .at('14:12')
      .then('reject AIG: CONFIRMATION_EXPIRED'),
    'an entry that waits holds its place': route(
      confirmed({ MAX_TRADES: '1', WEIGHTS: '1' }),
      ...TWO,
      confirmationAsked('AIG', '14:12'),
    )
      .at('14:11')
      .then(),
    'with another place the next candidate is asked for too': route(
      confirmed(),
      ...TWO,
      confirmationAsked('AIG', '14:12'),
    )
      .at('14:11')
      .then('ask for BAC long 20 at 20.00 until 14:13:00'),
    'the end of the window withdraws it': route(...ASKED, clock('15:00'), minute({ AIG: { close: 50 } }))
      .at('15:00')
      .then('confirmation of AIG withdrawn: its entry window closed'),
    'a stop withdraws it at once': route(...ASKED, bot('graceful_closing_positions'))
      .at('14:10:30')
      .then('confirmation of AIG withdrawn: the bot was stopped'),
    'with an inverse ETF the person is asked about the ETF': route(
      confirmed({ SHORT_TYPE_OPEN: 'InverseETF' }),
      started('AIG'),
      signalled('AIG', 50, 'short'),
      shorts('InverseETF'),
      inverseEtfs({ AIG: 'BAC' }),
      clock('14:10'),
      minute({ BAC: { close: 20 } }),
    )
      .at('14:10')
      .then('ask for BAC long 40 at 20.00 until 14:12:00'),
    'a confirmed inverse ETF is bought': route(
      confirmed({ SHORT_TYPE_OPEN: 'InverseETF' }),
      started('AIG'),
      signalled('AIG', 50, 'short'),
      shorts('InverseETF'),
      inverseEtfs({ AIG: 'BAC' }),
      clock('14:10'),
      confirmationAsked('AIG', '14:12'),
      confirmationDecided('AIG', 'confirmed'),
      clock('14:11'),
      minute({ BAC: { close: 20 } }),
    )
      .at('14:11')
      .then('intend 1: buy 40 BAC to open long at 20.00'),
    'without the setting nobody is asked': route(started('AIG'), signalled('AIG', 50))
      .at('14:10')
      .then('intend 1: buy 16 AIG to open long at 50.00'),
  });
});
