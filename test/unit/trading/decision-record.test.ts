import { describe, expect, test } from '@jest/globals';
import { parseSettings } from '../../../src/domain/config/settings.js';
import type { EventData } from '../../../src/events/event.js';
import { strategiesLeftOut, strategiesToRun } from '../../../src/strategies/registry.js';
import { strategyRules } from '../../../src/trading/lifecycle/strategy-windows.js';
import {
  begun,
  blockReported,
  filterBlocks,
  filterLacks,
  fires,
  signalled,
  started,
} from './support/given-strategy.js';
import { bot, clock, killTripped, minute } from './support/given-world.js';
import { ruleSpec, ruleTable, type Given } from './support/rule-spec.js';
import { RuleWorld } from './support/rule-world.js';

/** The drafts of the next action of the strategy rules at the end of this minute. */
function draftsAt(
  time: string,
  ...facts: readonly Given[]
): readonly { readonly type: string; readonly data: unknown }[] {
  const world = new RuleWorld();
  for (const fact of facts) fact(world);
  world.moveTo(time);
  const action = strategyRules(world.state, world.context(), world.now, true);
  return action?.act === 'record' ? action.drafts : [];
}

function rejectionsAt(time: string, ...facts: readonly Given[]): readonly EventData<'CandidateRejected'>[] {
  return draftsAt(time, ...facts).map(({ type, data }) => {
    expect(type).toBe('CandidateRejected');
    return data as EventData<'CandidateRejected'>;
  });
}

/** Minutes of AIG that end at these times with these closes. */
const traded = (...minutes: readonly (readonly [string, number])[]): readonly Given[] =>
  minutes.flatMap(([time, close]) => [clock(time), minute({ AIG: { close } })]);

describe('a candidate without a signal has its closest approach (P4)', () => {
  test('the nearest minute of the entry window, not of the time before it or after it', () => {
    const [rejected] = rejectionsAt(
      '15:00',
      ...traded(['13:50', 99]),
      clock('14:00'),
      started('AIG'),
      ...traded(['14:00', 60], ['14:20', 80], ['14:40', 70], ['15:00', 98]),
    );
    expect(rejected).toMatchObject({
      code: 'NO_BREAKOUT',
      observed: {
        minutes: 60,
        traded: 3,
        closest: {
          at: '2013-10-07T14:20:00.000Z',
          figure: 'last',
          value: '80.00',
          threshold: '100.00',
          share: '0.800000',
        },
      },
    });
  });

  test('a late ranking has seen nothing of the minutes before it', () => {
    const [rejected] = rejectionsAt(
      '15:00',
      ...traded(['14:20', 80]),
      clock('14:30'),
      started('AIG'),
      ...traded(['14:40', 70]),
    );
    expect(rejected?.observed).toMatchObject({ minutes: 30, traded: 1, closest: { value: '70.00' } });
  });

  test('a window without a trade has no closest minute', () => {
    const [rejected] = rejectionsAt('15:00', clock('14:00'), started('AIG'));
    expect(rejected?.observed).toEqual({ minutes: 60, traded: 0, closest: null });
  });

  test('a large pool is recorded in parts, each candidate once', () => {
    const world = new RuleWorld();
    world.moveTo('14:00');
    const symbols = ['AIG', 'BAC', 'SPY', 'IBM', 'XOM', 'KO'];
    started(...symbols)(world);
    world.moveTo('15:00');
    const parts: string[][] = [];
    for (let part = 0; part < 3; part += 1) {
      const action = strategyRules(world.state, world.context(), world.now, true);
      const drafts = action?.act === 'record' ? action.drafts.filter(({ type }) => type === 'CandidateRejected') : [];
      const rejected = drafts.map(({ data }) => data as EventData<'CandidateRejected'>);
      for (const data of rejected) world.record('CandidateRejected', data);
      parts.push(rejected.map(({ symbol }) => symbol));
    }
    expect(parts).toEqual([symbols.slice(0, 5), symbols.slice(5), []]);
  });
});

describe('the rule that ended a candidate', () => {
  const early = [clock('14:00'), started('AIG'), ...traded(['14:05', 60])];

  test.each([
    ['the kill switch', killTripped, 'KILL_SWITCH_TRIPPED'],
    ['a stop', bot('graceful_closing_positions'), 'BOT_STOPPED'],
  ] as const)(
    '%s within the entry window is the reason, and not what the strategy happened to say',
    (_, halt, code) => {
      expect(rejectionsAt('14:10', ...early, halt)).toMatchObject([
        { symbol: 'AIG', code, figures: { lastReason: 'NO_BREAKOUT' }, observed: { minutes: 10, traded: 1 } },
      ]);
    },
  );

  test('a stop after the entry window is not', () => {
    expect(rejectionsAt('15:10', ...early, killTripped)).toMatchObject([{ code: 'NO_BREAKOUT' }]);
  });

  test('a signal in the minute of the stop is not traded because of the stop', () => {
    expect(rejectionsAt('14:10', ...early, fires('AIG', 60), killTripped)).toMatchObject([
      { code: 'KILL_SWITCH_TRIPPED', figures: { lastReason: 'SIGNAL_AFTER_WINDOW' } },
    ]);
  });
});

describe('a strategy that does not run is reported with the setting that leaves it out', () => {
  const leftOut = (texts: Readonly<Record<string, string>>): readonly string[] =>
    strategiesLeftOut(parseSettings(texts)).map(({ strategy, code }) => `${strategy} ${code}`);

  test.each([
    [{}, []],
    [{ STRATEGY_SEQUENCE: 'close,open' }, ['mid NOT_IN_SEQUENCE']],
    [{ STRATEGY_OVERRIDE: 'mid' }, ['open OVERRIDDEN', 'close OVERRIDDEN']],
    [{ STRAT_MID_ENABLED: 'false' }, ['mid NOT_ENABLED']],
    [
      { STRATEGY_OVERRIDE: 'mid', STRAT_MID_ENABLED: 'false' },
      ['open OVERRIDDEN', 'mid NOT_ENABLED', 'close OVERRIDDEN'],
    ],
  ])('%j leaves out %j', (texts, expected) => {
    expect(leftOut(texts)).toEqual(expected);
    const runs = strategiesToRun(parseSettings(texts)).map(({ name }) => name);
    expect([...runs, ...strategiesLeftOut(parseSettings(texts)).map(({ strategy }) => strategy)].sort()).toEqual([
      'close',
      'mid',
      'open',
    ]);
  });

  test('once a session, before the first strategy begins', () => {
    const given: Given = (world) => {
      world.changeSettings({ STRATEGY_SEQUENCE: 'open' });
    };
    const drafts = draftsAt('13:31', given);
    expect(drafts.map(({ type, data }) => [type, data])).toEqual([
      ['StrategySkipped', { strategy: 'mid', code: 'NOT_IN_SEQUENCE', figures: { STRATEGY_SEQUENCE: 'open' } }],
      ['StrategySkipped', { strategy: 'close', code: 'NOT_IN_SEQUENCE', figures: { STRATEGY_SEQUENCE: 'open' } }],
    ]);
    const reported: Given = (world) => {
      for (const { data } of drafts) world.record('StrategySkipped', data as EventData<'StrategySkipped'>);
    };
    expect(draftsAt('13:31', given, reported).map(({ type }) => type)).toEqual(['PhaseStarted']);
    expect(draftsAt('13:59', given, reported, begun)).toEqual([]);
  });
});

describe('a filter that lacks what it judges by (TRD-31)', () => {
  const route = (...facts: readonly Given[]) =>
    ruleSpec(strategyRules).given(
      clock('14:00'),
      started('AIG'),
      signalled('AIG', 50),
      filterLacks('bsm', 'NO_CHAIN'),
      ...facts,
    );
  const said = blockReported('AIG', 'bsm', 'NO_CHAIN', 'FilterUndecided');
  ruleTable({
    'it says so, and the other filters are asked': route(filterBlocks('vix', 'VIX_HIGH'))
      .at('14:10')
      .then('filter bsm cannot judge AIG: NO_CHAIN', 'filter vix blocks AIG: VIX_HIGH'),
    'the other rules decide once it has said so': route(said)
      .at('14:10')
      .then('intend 1: buy 16 AIG to open long at 50.00'),
  });
});
