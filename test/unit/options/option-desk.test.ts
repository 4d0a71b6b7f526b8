import { expect, test } from '@jest/globals';
import { VirtualClock } from '../../../src/adapters/clock/virtual-clock.js';
import { OptionDesk } from '../../../src/app/options/option-desk.js';
import type { OptionChain, OptionQuote } from '../../../src/domain/options/option-chain.js';
import { parseDateText } from '../../../src/kernel/time.js';
import { Decimal } from '../../../src/kernel/decimal.js';
import type { OptionQuestion } from '../../../src/ports/reference-data.js';
import { blackScholesFilter } from '../../../src/strategies/filters/black-scholes-filter.js';
import { candidateRejected, shorts, started } from '../trading/support/given-strategy.js';
import { RuleWorld, timeOf } from '../trading/support/rule-world.js';

const QUOTE: OptionQuote = {
  ...{ expiry: parseDateText('2013-10-25'), strike: Decimal.of(50), right: 'call' },
  ...{ bid: Decimal.ONE, ask: Decimal.ONE, impliedVolatility: null, underlying: null },
};

/** Answers by hand, in order. */
class Questions {
  readonly asked: (OptionQuestion & { readonly symbol: string })[] = [];
  readonly answers: ((result: readonly OptionQuote[] | Error) => void)[] = [];

  readonly optionChain = (symbol: string, question: OptionQuestion): Promise<readonly OptionQuote[]> => {
    this.asked.push({ symbol, ...question });
    return new Promise((resolve, reject) => {
      this.answers.push((result) => (result instanceof Error ? reject(result) : resolve(result)));
    });
  };

  get names(): readonly string[] {
    return this.asked.map(({ symbol, right }) => `${symbol} ${right}`);
  }
}

function desk() {
  const world = new RuleWorld();
  const clock = new VirtualClock(timeOf('14:00'));
  const broker = new Questions();
  const made = new OptionDesk({ broker, feed: {}, clock, state: () => world.state });
  const heard: OptionChain[] = [];
  made.chains$.subscribe((chain) => heard.push(chain));
  const minute = async (time: string, price = 50): Promise<void> => {
    world.moveTo(time);
    if (clock.now() < timeOf(time)) clock.advanceTo(timeOf(time));
    world.minute({ AIG: { close: price }, BAC: { close: 20 } });
    made.look(world.context());
    await settled();
  };
  world.strategy.filters.push(blackScholesFilter);
  return { world, clock, broker, heard, minute };
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('the chains of the pool are asked for one at a time, and again after five minutes (TRD-31)', async () => {
  const { world, broker, heard, minute } = desk();
  await minute('14:01');
  expect(broker.names).toEqual([]);
  started('AIG', 'BAC', 'SPY')(world);
  await minute('14:02', 51.5);
  expect(broker.asked).toEqual([
    { symbol: 'AIG', right: 'call', from: '2013-10-21', to: '2013-11-11', near: Decimal.parse('51.5000'), most: 8 },
  ]);
  broker.answers[0]?.([QUOTE, { ...QUOTE, bid: Decimal.parse('-1') }]);
  await settled();
  // SPY has no price yet
  expect(broker.names).toEqual(['AIG call', 'AIG put']);
  broker.answers[1]?.(new Error('no answer'));
  await settled();
  broker.answers[2]?.([]);
  await settled();
  expect(broker.names).toEqual(['AIG call', 'AIG put', 'BAC call', 'BAC put']);
  expect(heard).toEqual([
    { symbol: 'AIG', right: 'call', at: timeOf('14:02'), quotes: [QUOTE] },
    { symbol: 'BAC', right: 'call', at: timeOf('14:02'), quotes: [] },
  ]);
  // one question is still under way
  await minute('14:06');
  expect(broker.asked).toHaveLength(4);
  // an answer that does not come ends no more than one round
  await minute('14:08');
  expect(broker.names.slice(4)).toEqual(['AIG call']);
});

test('a decided candidate, a strategy without shorts, a filter that is off and a replayed minute ask for nothing', async () => {
  const { world, clock, broker, minute } = desk();
  shorts('disabled')(world);
  started('AIG', 'BAC')(world);
  candidateRejected('AIG')(world);
  clock.advanceTo(timeOf('14:20'));
  await minute('14:02');
  world.changeSettings({ ENABLE_BSM_FILTER: 'false' });
  await minute('14:20');
  expect(broker.names).toEqual([]);
  world.changeSettings({});
  await minute('14:21');
  expect(broker.names).toEqual(['BAC call']);
  broker.answers[0]?.([]);
  await settled();
  expect(broker.names).toEqual(['BAC call']);
});

test('after the time for entries nothing is asked for', async () => {
  const { world, broker, minute } = desk();
  started('AIG')(world);
  await minute('15:00');
  expect(broker.names).toEqual([]);
});
