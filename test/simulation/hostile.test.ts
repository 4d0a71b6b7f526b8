import { describe, expect, test } from '@jest/globals';
import { faultsAfter } from './support/hostile/hostile-oracle.js';
import { brokenBy, failureOf } from './support/hostile/report-failure.js';
import { playScenario } from './support/hostile/play-scenario.js';
import type { HostileFault, Scenario } from './support/hostile/scenario.js';

/** `npm run soak -- hostile` plays a million of them. */
const SEEDS = 130;

const PLAIN: Scenario = {
  seed: 254,
  minutes: 8,
  symbols: ['AAA', 'BBB'],
  volatility: 0.0015,
  volume: 2_000_000,
  partialFills: 0,
  rejects: 0,
  sharedIds: false,
  findableAfterMs: 0,
  restingStops: false,
  bulk: false,
  settings: { API_TIMEOUT: '5', BOOKS_COMPARE_MINUTES: '2', FRACTIONAL: 'true' },
  faults: [],
};

const QUICK = { API_TIMEOUT: '2', BOOKS_COMPARE_MINUTES: '1', FRACTIONAL: 'true' };
const SLOW = { ...QUICK, API_TIMEOUT: '30' };
const RESTING = { restingStops: true, settings: { ...QUICK, BOOKS_COMPARE_MINUTES: '15' } };
const LATE = {
  findableAfterMs: 60_000,
  settings: { ...QUICK, BOOKS_COMPARE_MINUTES: '15', FRACTIONAL: 'false' },
};
const LATE_ANSWER = { API_TIMEOUT: '30', BOOKS_COMPARE_MINUTES: '2', FRACTIONAL: 'false' };
const LIMITED = { ...QUICK, DAILY_LOSS_LIMIT: '0.0001' };

/** Seeds that failed, with the least plan that made them fail. */
const CASES: readonly (readonly [string, Scenario])[] = [
  [
    'a deposit while the books are opened is a part of the opening cash, and is not booked once more',
    plan({ seed: 701_498, minutes: 5, symbols: ['AAA'], volatility: 0.0058, findableAfterMs: 10_000, settings: SLOW }, [
      { kind: 'cash', at: 23_615, amount: '65.78', direction: 'in' },
      { kind: 'call', call: 'account', nth: 1, does: 'silent', ms: 3_969 },
    ]),
  ],
  [
    'a request of a process that is gone reaches the exchange at its own time, not at the open of the session that is played again',
    plan({ seed: 702_169, minutes: 10, volatility: 0.0022, volume: 20_000, findableAfterMs: 60_000, ...RESTING }, [
      { kind: 'order', nth: 2, does: 'reject', ms: 467 },
      { kind: 'order', nth: 1, does: 'bust', ms: 130_483 },
      { kind: 'call', call: 'asset', nth: 4, does: 'limited', ms: 968 },
      { kind: 'death in call', call: 'submit', nth: 4, ms: 4_603, arrives: 'after', downMs: 150_000 },
    ]),
  ],
  [
    'a request that comes late, while its process waits for the answer, comes at its own time',
    plan(
      {
        seed: 742_222,
        minutes: 8,
        volatility: 0.001,
        findableAfterMs: 10_000,
        restingStops: true,
        settings: LATE_ANSWER,
      },
      [
        { kind: 'call', call: 'submit', nth: 4, does: 'late arrival', ms: 8_796 },
        { kind: 'hidden', nth: 4, ms: 8_796 },
        { kind: 'order', nth: 4, does: 'fill before ack', ms: 8_796 },
      ],
    ),
  ],
  [
    'cash that moves while a process waits to begin is at the exchange once that plays the session again',
    plan({ seed: 738_045, minutes: 6, symbols: ['AAA'], volatility: 0.001, volume: 20_000, ...LATE }, [
      { kind: 'storm', from: 260_884, to: 349_890 },
      { kind: 'cash', at: 330_686, amount: '333.83', direction: 'out' },
      { kind: 'death', at: 297_918, downMs: 700 },
    ]),
  ],
  [
    'a journal that goes away while the machine stands still over the close is waited for',
    plan({ seed: 717_239, minutes: 7, symbols: ['AAA'], volatility: 0.0041, settings: SLOW }, [
      { kind: 'freeze', at: 302_403, ms: 130_838 },
      { kind: 'journal away', at: 304_893, ms: 167, how: 'silent', loses: false, keeps: 10_000 },
    ]),
  ],
  [
    'a first booking that was lost and busted does not count the second one twice (P2)',
    plan({}, [
      { kind: 'order', nth: 1, does: 'correct', ms: 11_910 },
      { kind: 'report', nth: 4, does: 'garble', ms: 1 },
      { kind: 'order', nth: 1, does: 'rebook', ms: 500 },
    ]),
  ],
  [
    'a bust that comes after the second booking does not end that one',
    plan({}, [
      { kind: 'order', nth: 1, does: 'correct', ms: 11_910 },
      { kind: 'report', nth: 4, does: 'garble', ms: 1 },
      { kind: 'order', nth: 1, does: 'rebook', ms: 500 },
      { kind: 'report', nth: 5, does: 'swap', ms: 500 },
      { kind: 'report', nth: 6, does: 'delay', ms: 500 },
    ]),
  ],
  [
    'an order that is filled at the broker ends, although a bust took a part of it and its last fill was lost',
    plan({ seed: 521, partialFills: 0.7, volume: 20_000, symbols: ['AAA'] }, [
      { kind: 'order', nth: 1, does: 'bust', ms: 837 },
      { kind: 'report', nth: 3, does: 'delay', ms: 1_309 },
    ]),
  ],
  [
    'an exit that the broker shows late is not sent twice',
    plan({ findableAfterMs: 60_000, settings: { ...PLAIN.settings, API_TIMEOUT: '2' } }, [
      { kind: 'call', call: 'submit', nth: 3, does: 'silent', ms: 1 },
      { kind: 'hidden', nth: 3, ms: 55_000 },
      { kind: 'order', nth: 3, does: 'drop ack', ms: 1 },
      { kind: 'order', nth: 3, does: 'drop fill', ms: 1 },
    ]),
  ],
  [
    'an order that a process sent right before its end is not sent again while the broker does not show it',
    plan({ seed: 375, volume: 200, findableAfterMs: 10_000 }, [
      { kind: 'crash', nth: 27, when: 'after', downMs: 500 },
      { kind: 'call', call: 'submit', nth: 2, does: 'late answer', ms: 8_128 },
      { kind: 'hidden', nth: 2, ms: 8_128 },
    ]),
  ],
  [
    'a correction whose report is lost is no further fill, although the activities of the account name it as one',
    plan({ seed: 184, minutes: 6, volatility: 0.002, findableAfterMs: 10_000, symbols: ['AAA', 'BBB', 'CCC'] }, [
      { kind: 'order', nth: 1, does: 'correct', ms: 3_331 },
      { kind: 'report', nth: 4, does: 'garble', ms: 1 },
      { kind: 'by hand', at: 54_873, symbol: 'AAA', side: 'sell', shares: '2', reported: true },
    ]),
  ],
  [
    'a send that fails late does not let a later send of the same order go out twice',
    plan({ seed: 10_160, volatility: 0.0006, settings: { ...PLAIN.settings, API_TIMEOUT: '2' } }, [
      { kind: 'call', call: 'submit', nth: 3, does: 'late limit', ms: 4_500 },
      { kind: 'call', call: 'submit', nth: 5, does: 'silent', ms: 1 },
      { kind: 'order', nth: 4, does: 'drop ack', ms: 1 },
      { kind: 'order', nth: 4, does: 'drop fill', ms: 1 },
      { kind: 'command', at: 123_617, command: 'kill' },
    ]),
  ],
  [
    'a second booking whose bust was lost does not stand next to the correction that replaced it (P2)',
    plan({ seed: 32_986, partialFills: 0.7, volume: 20_000, settings: SLOW }, [
      { kind: 'order', nth: 1, does: 'rebook', ms: 757 },
      { kind: 'order', nth: 1, does: 'correct', ms: 8_496 },
      { kind: 'report', nth: 4, does: 'garble', ms: 8_496 },
    ]),
  ],
  [
    'an old answer with a bust does not take back the booking that followed it',
    plan({ seed: 41_166, minutes: 10, volatility: 0.0045798, volume: 200, symbols: ['AAA'], settings: QUICK }, [
      { kind: 'order', nth: 1, does: 'timeout accepted', ms: 2_624 },
      { kind: 'order', nth: 1, does: 'rebook', ms: 3_524 },
      { kind: 'call', call: 'orderByClientId', nth: 2, does: 'late answer', ms: 8_799 },
      { kind: 'report', nth: 2, does: 'delay', ms: 8_799 },
    ]),
  ],
  [
    'an exit that waited to be sent again does not leave once the stop that it replaced has traded',
    plan(
      {
        seed: 1_007_444,
        minutes: 9,
        symbols: ['AAA'],
        volatility: 0.001944204363389872,
        volume: 20_000,
        restingStops: true,
        settings: { ...PLAIN.settings, API_TIMEOUT: '2', BOOKS_COMPARE_MINUTES: '15' },
      },
      [
        { kind: 'order', nth: 2, does: 'fill after cancel', ms: 375 },
        { kind: 'call', call: 'submit', nth: 3, does: 'limited', ms: 501 },
      ],
    ),
  ],
  [
    'a send that is refused late does not let the next send of the order, whose answer is lost, go out again',
    plan(
      {
        seed: 1_000_234,
        minutes: 4,
        volatility: 0.0038311246862867843,
        volume: 200,
        restingStops: true,
        settings: { ...PLAIN.settings, API_TIMEOUT: '2', BOOKS_COMPARE_MINUTES: '15', FRACTIONAL: 'false' },
      },
      [
        { kind: 'order', nth: 4, does: 'fill before ack', ms: 3_951 },
        { kind: 'call', call: 'submit', nth: 4, does: 'late limit', ms: 3_396 },
        { kind: 'order', nth: 4, does: 'timeout accepted', ms: 4_296 },
      ],
    ),
  ],
  [
    'closing orders of a kill that waited for the account too long do not leave as second orders',
    plan({ seed: 44_013, minutes: 10, symbols: ['AAA', 'BBB', 'CCC'], bulk: true, settings: LIMITED }, [
      { kind: 'call', call: 'closeAll', nth: 1, does: 'late limit', ms: 6_467 },
    ]),
  ],
];

function plan(changes: Partial<Scenario>, faults: readonly HostileFault[]): Scenario {
  return { ...PLAIN, ...changes, faults };
}

describe('sessions against a hostile broker: no order twice, no fill lost or doubled, books equal its account', () => {
  test.each(CASES)('%s', async (_name, scenario) => {
    expect(await brokenBy(scenario)).toEqual([]);
  });

  test('a bust that overtakes its fill counts as soon as the fill has come', async () => {
    const settings = { ...PLAIN.settings, API_TIMEOUT: '30' };
    const { live } = await playScenario(
      plan({ symbols: ['AAA'], settings }, [
        { kind: 'order', nth: 1, does: 'bust', ms: 500 },
        { kind: 'report', nth: 2, does: 'delay', ms: 5_000 },
      ]),
    );
    const executions = (await live.events()).filter(({ type }) => type.startsWith('OrderFill'));
    expect(executions.map(({ type }) => type)).toEqual(['OrderFilled', 'OrderFillBusted']);
    expect(executions[1]?.recordedAt).toBe(executions[0]?.recordedAt);
  });

  test('a second booking that overtakes the bust of the first one is asked for at once, and counts', async () => {
    const settings = { ...PLAIN.settings, API_TIMEOUT: '30' };
    const played = await playScenario(
      plan({ symbols: ['AAA'], settings }, [
        { kind: 'order', nth: 1, does: 'rebook', ms: 500 },
        { kind: 'report', nth: 3, does: 'delay', ms: 5_000 },
      ]),
    );
    expect(await faultsAfter(played)).toEqual([]);
    const executions = (await played.live.events()).filter(({ type }) => type.startsWith('OrderFill')).slice(0, 3);
    expect(executions.map(({ type }) => type)).toEqual(['OrderFilled', 'OrderFillBusted', 'OrderFilled']);
    expect(executions[2]?.recordedAt).toBe(executions[2]?.occurredAt);
  });

  test.each([
    ['', false, 'submit', 3],
    [' together with others', true, 'closeAll', 1],
  ] as const)('an exit of a kill whose send is lost%s is sent again within seconds', async (_how, bulk, call, nth) => {
    const settings = { ...PLAIN.settings, API_TIMEOUT: '2' };
    const lost = plan({ seed: 10_160, minutes: 6, volatility: 0.0006, bulk, settings }, [
      { kind: 'call', call, nth, does: 'silent lost', ms: 1 },
      { kind: 'command', at: 123_617, command: 'kill' },
    ]);
    const played = await playScenario(lost);
    expect(await faultsAfter(played)).toEqual([]);
    const events = await played.live.events();
    const doubted = events.filter(({ type }) => type === 'OrderUnresolved');
    expect(doubted).toHaveLength(bulk ? 2 : 1);
    const closed = events
      .filter(({ type }) => type === 'PositionClosed')
      .map(({ recordedAt }) => recordedAt.slice(0, 16));
    expect(closed).toEqual(['2026-01-06T14:32', '2026-01-06T14:32']);
  });

  test(`${SEEDS} seeds`, async () => {
    const failures: string[] = [];
    for (let seed = 1; seed <= SEEDS; seed += 1) {
      const failure = await failureOf(seed);
      if (failure !== undefined) failures.push(failure);
    }
    expect(failures).toEqual([]);
  });
});
