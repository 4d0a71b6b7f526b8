import { afterAll, describe, expect, test } from '@jest/globals';
import { ownStrategyNamed, type OwnStrategies } from '../../src/strategies/own/own-strategies.js';
import { STRATEGIES } from '../../src/strategies/registry.js';
import { homeWith, loaded, moduleText } from '../unit/own-strategies/support.js';
import { removeTemporaryHomes } from '../unit/support/home.js';
import type { DayHarness } from './support/day-harness.js';
import { played } from './support/days.js';
import { expectGoodBooks } from './support/oracle.js';

afterAll(removeTemporaryHomes);

const ownOf = (texts: Readonly<Record<string, string>>): Promise<OwnStrategies> =>
  loaded(homeWith(Object.fromEntries(Object.entries(texts).map(([name, text]) => [`${name}/${name}.ts`, text]))));

const playedWith = (own: OwnStrategies, names: readonly string[], settings = {}): Promise<DayHarness> =>
  played({ strategies: [...STRATEGIES, ...names.map((name) => ownStrategyNamed(own, name))], settings });

/** Ends of the strategies of a day: how each failed, or how many entries it made. */
async function endsOf(day: DayHarness): Promise<Readonly<Record<string, string>>> {
  const failed = (await day.eventsOf('StrategyFailed')).map(({ data }) => [
    data.strategy,
    `${data.code} ${data.message}`,
  ]);
  const ended = (await day.eventsOf('StrategyEnded')).map(({ data }) => [data.strategy, `${data.entries} entries`]);
  return Object.fromEntries([...ended, ...failed]) as Readonly<Record<string, string>>;
}

describe('an own strategy in a session', () => {
  test('it screens, trades and manages by its settings, and the same day again gives the same events', async () => {
    const own = await ownOf({
      mine: moduleText({
        manage: `(position, symbol) => (symbol.price !== null && symbol.price !== position.entryPrice ? { code: 'MOVED' } : undefined)`,
      }),
    });
    const settings = { OWN_MINE_TRAIL_PCT: '0.2', OWN_MINE_BUFFER: '0.05', MAX_TRADES: '2', WEIGHTS: '0.3,0.3' };
    const day = await playedWith(own, ['mine'], settings);
    await expectGoodBooks(day, { trades: 3 });
    const [started] = (await day.eventsOf('StrategyStarted')).filter(({ data }) => data.strategy === 'mine');
    expect(started?.data.codeSha256).toBe(own.modules[0]?.sha256);
    const signals = (await day.eventsOf('SignalTriggered')).filter(({ data }) => data.strategy === 'mine');
    expect(signals.length).toBeGreaterThan(1);
    expect(new Set(signals.map(({ data }) => `${data.rule} ${data.figures['buffer'] ?? ''}`))).toEqual(
      new Set(['AT_ONCE 0.050000']),
    );
    const closed = (await day.eventsOf('PositionClosed')).filter(({ data }) => data.strategy === 'mine');
    expect(closed.map(({ data }) => data.exitReason)).toEqual(['target_hit', 'target_hit']);
    const again = await playedWith(own, ['mine'], settings);
    const hashes = async (each: DayHarness) => (await each.journal.readAll()).map(({ hash }) => hash);
    expect(await hashes(again)).toEqual(await hashes(day));
  });

  test('what throws, loops, answers wrongly or has a setting out of range is left out by name, and the others trade', async () => {
    const own = await ownOf({
      throws: moduleText({ signal: `(symbol) => {\n    throw new Error('no luck with ' + symbol.symbol);\n  }` }),
      loops: moduleText({ analyze: `() => { for (;;); }` }),
      manages: moduleText({ manage: `(position) => { throw new Error('cannot manage ' + position.side); }` }),
      answers: moduleText({ analyze: `(symbol) => ({ fitness: symbol.volume })` }),
      ranges: moduleText(),
      begins: moduleText(),
      refuses: moduleText({ selfCheck: `(context) => 'not on ' + context.date` }),
    });
    const names = ['throws', 'loops', 'manages', 'answers', 'ranges', 'begins', 'refuses', 'gone'];
    const day = await playedWith(own, names, {
      OWN_RANGES_BUFFER: '5',
      OWN_BEGINS_START_TIME: 'noon',
      MAX_OPEN_POSITIONS: '20',
    });
    await expectGoodBooks(day, { trades: 3 });
    const ends = await endsOf(day);
    expect(ends).toEqual({
      open: expect.stringContaining('entries'),
      mid: expect.stringContaining('entries'),
      close: expect.stringContaining('entries'),
      throws: expect.stringMatching(/^STRATEGY_THREW .*strategies\/throws\/throws.ts:8: no luck with/),
      loops: expect.stringMatching(/^STRATEGY_TIMEOUT .*loops.ts: it did not answer within 1000 ms/),
      manages: expect.stringMatching(/^STRATEGY_THREW .*cannot manage long/),
      answers: expect.stringMatching(/^STRATEGY_ANSWER .*a fitness from 0 to 1/),
      ranges: expect.stringMatching(/^SELF_CHECK_FAILED .*OWN_RANGES_BUFFER must be a number from 0 to 0.2, not "5"/),
      begins: expect.stringMatching(/^SELF_CHECK_FAILED .*OWN_BEGINS_START_TIME must be HH:MM/),
      refuses: expect.stringMatching(/^SELF_CHECK_FAILED .*not on 2026-01-06/),
      gone: expect.stringMatching(/^SELF_CHECK_FAILED .*strategies\/gone: there is no such folder/),
    });
    const positions = await day.eventsOf('PositionClosed');
    expect(positions.filter(({ data }) => data.strategy === 'manages').length).toBeGreaterThan(0);
  });
});
