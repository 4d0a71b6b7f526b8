import { afterAll, expect, test } from '@jest/globals';
import { FileMarketRecorder } from '../../src/adapters/market-recorder/market-recorder.js';
import { RecordedFeed } from '../../src/adapters/market-recorder/recorded-feed.js';
import { readDecisions } from '../../src/app/decisions/read-decisions.js';
import type { OptionQuote } from '../../src/domain/options/option-chain.js';
import { parseStrategyName } from '../../src/events/names.js';
import { Decimal } from '../../src/kernel/decimal.js';
import { networkError } from '../../src/kernel/errors.js';
import { wrapBroker, type Broker } from '../../src/ports/broker.js';
import type { OptionQuestion } from '../../src/ports/reference-data.js';
import { removeTemporaryHomes, temporaryHome } from '../unit/support/home.js';
import { liveHome } from './support/live-harness.js';
import { expectGoodBooks } from './support/oracle.js';

afterAll(removeTemporaryHomes);

const none = networkError('retry', { code: 'NO_ANSWER', message: 'no answer', remedy: 'Ask again.' });

/** A broker with options: those of TLRX cost 20 % of the share, QRVS has none, and of all others no chain comes. */
function withOptions(broker: Broker): Broker {
  const optionChain = (symbol: string, { right, from, near }: OptionQuestion): Promise<readonly OptionQuote[]> => {
    const dear = near.times(Decimal.parse('0.2'));
    const figures = { impliedVolatility: Decimal.parse('0.4'), underlying: near };
    const quote = { expiry: from, strike: near, right, bid: dear, ask: dear, ...figures };
    if (symbol === 'TLRX') return Promise.resolve([quote]);
    return symbol === 'QRVS' ? Promise.resolve([]) : Promise.reject(none);
  };
  const capabilities = { ...broker.capabilities, options: true };
  return wrapBroker(broker, (_, call) => call(), { capabilities, optionChain });
}

test('signals are judged by the options of a broker that has them, and the recording has its chains (TRD-31)', async () => {
  const folder = temporaryHome();
  const files = {
    marketRecording: (day: string) => `${folder}/market/${day}.csv.gz`,
    marketRecordingPart: (day: string) => `${folder}/market/${day}.part.csv`,
  };
  const recorder = new FileMarketRecorder(files, 'as they come');
  const live = liveHome({ wrapBroker: (broker) => withOptions(broker), recorder });
  const life = await live.start();
  await life.session.run();

  const blocked = (await live.eventsOf('EnhancementBlocked')).filter(({ data }) => data.code === 'OPTION_ABOVE_VALUE');
  expect(new Set(blocked.map(({ data }) => `${data.symbol} ${data.filter}`))).toEqual(
    new Set(['TLRX black-scholes-filter']),
  );
  expect(blocked.map(({ data }) => data.strategy)).toContain('open');
  const undecided = await live.eventsOf('FilterUndecided');
  const without = undecided.map(({ data }) => `${data.symbol} ${data.code}`);
  expect(without).toEqual(expect.arrayContaining(['QRVS NO_OPTION_QUOTE', 'NOVQ NO_OPTION_CHAIN']));
  expect(new Set(undecided.map(({ data }) => `${data.signalId} ${data.code}`)).size).toBe(undecided.length);
  const entered = (await live.eventsOf('OrderIntended')).filter(({ data }) => data.purpose === 'entry');
  // in the very minute of the ranking no chain is there yet: such an entry is said to be made without
  const unjudged = new Set(undecided.map(({ data }) => data.signalId));
  const ofTlrx = entered.filter(({ data }) => data.symbol === 'TLRX');
  expect(ofTlrx.filter(({ data }) => !unjudged.has(data.signalId ?? ''))).toEqual([]);
  expect(ofTlrx.map(({ data }) => data.strategy)).not.toContain('open');
  expect(entered.map(({ data }) => data.symbol)).toContain('QRVS');
  const record = await readDecisions(live.journal, live.date, [parseStrategyName('open')]);
  const steps = record.symbols
    .find(({ symbol }) => symbol === 'QRVS')
    ?.steps.map(({ stage, code }) => `${stage} ${code}`);
  expect(steps).toContain('filter NO_OPTION_QUOTE');
  expect(JSON.stringify(await live.eventsOf('StrategyStarted'))).not.toContain('black-scholes-filter');

  const day = new RecordedFeed(files.marketRecording).openSession(live.date);
  const chains = [...day.slices(live.opensAt, live.closesAt)].flatMap((slice) => slice.chains ?? []);
  expect(new Set(chains.map(({ symbol }) => symbol))).toEqual(new Set(['TLRX', 'QRVS']));
  await expectGoodBooks(live.home, { trades: entered.length });
});
