import { describe, expect, test } from '@jest/globals';
import { newBody } from '../../../projections/status/status-state.js';
import { universeFields, universeFindings, universeHandlers } from '../../../projections/status/universe.js';
import type { StatusState } from '../../../projections/status/status-state.js';
import type { EventData, EventType, RecordedEvent } from '../../../src/events/event.js';
import { sha256Hex } from '../../../src/kernel/hash.js';
import { parseDateText, parseUtcText, toUtcText } from '../../../src/kernel/time.js';

type UniverseEvent = Extract<EventType, keyof typeof universeHandlers>;
type Step = { [T in UniverseEvent]: readonly [T, EventData<T>] }[UniverseEvent];

const DATE = parseDateText('2026-01-06');
const HASH = sha256Hex('x');
const AS_OF = toUtcText(parseUtcText('2026-01-06T23:00:00.000Z'));
const STARTED: Step = ['UniverseBuildStarted', { buildId: 'b', date: DATE, providers: ['alpaca'], resumed: false }];
const FAILED: Step = [
  'UniverseBuildFailed',
  { buildId: 'b', date: DATE, code: 'X', message: 'no key', remedy: 'Enter it.' },
];
const PUBLISHED: Step = [
  'UniversePublished',
  {
    ...{ buildId: 'b', date: DATE, asOf: AS_OF, symbols: 1840, listed: 11204 },
    ...{ sha256: HASH, unfilteredSha256: HASH, excluded: [], notes: [] },
  },
];

/** The line of the status and its conditions after these events, the last one recorded at `at`. */
function after(
  steps: readonly Step[],
  at = '2026-01-07T01:00:00.000Z',
): { readonly line: unknown; readonly codes: readonly string[] } {
  let state = { body: newBody() } as StatusState;
  for (const [type, data] of steps) {
    const event = { type, data, recordedAt: at, occurredAt: at, position: '1', meta: { botIdentity: 'x' } };
    const handler = universeHandlers[type] as (state: StatusState, event: RecordedEvent) => StatusState;
    state = handler(state, event as unknown as RecordedEvent);
  }
  return {
    line: (universeFields(state) as { readonly universe_status: unknown }).universe_status,
    codes: universeFindings(state, []).map(({ code, severity }) => `${severity} ${code}`),
  };
}

describe('the universe in the status (TRD-11)', () => {
  const progress: Step = [
    'UniverseBuildProgressed',
    { buildId: 'b', stage: 'figures', done: 600, total: 6000, etaSeconds: 5400 },
  ];

  test.each<[string, readonly Step[], string | null, readonly string[]]>([
    ['no build was asked for', [], null, []],
    [
      'credentials are missing',
      [['UniverseBuildSkipped', { date: DATE, reason: 'waiting_for_credentials' }]],
      'waiting_for_credentials',
      [],
    ],
    ['a build runs', [STARTED, progress], 'building 2026-01-06: figures 600 of 6000, 90 min left in this stage', []],
    ['it is published', [STARTED, progress, PUBLISHED], 'published 2026-01-06, 1840 symbols, 1 day old', []],
    ['the first build failed', [STARTED, FAILED], 'last build failed: no key', ['Critical UNIVERSE_MISSING']],
    [
      'a later build failed',
      [PUBLISHED, STARTED, FAILED],
      'published 2026-01-06, 1840 symbols, 1 day old; last build failed: no key',
      ['Warning UNIVERSE_BUILD_FAILED'],
    ],
  ])('%s', (_what, steps, line, codes) => {
    expect(after(steps)).toEqual({ line, codes });
  });

  test('it is stale the day after its last day', () => {
    expect(after([PUBLISHED], '2026-01-09T01:00:00.000Z').codes).toEqual([]);
    expect(after([PUBLISHED], '2026-01-10T01:00:00.000Z').codes).toEqual(['Warning UNIVERSE_STALE']);
  });
});
