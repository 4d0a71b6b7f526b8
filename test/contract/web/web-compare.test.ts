import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { eventOf } from '../../../src/app/journal/envelope.js';
import type { Draft } from '../../../src/events/draft.js';
import type { StreamName } from '../../../src/events/event.js';
import { STREAMS } from '../../../src/events/streams.js';
import { parseDateText, parseUtcText } from '../../../src/kernel/time.js';
import { provisionTestHome } from '../../support/provision.js';
import { firstAdmin, startTestWeb, userOf, type TestWeb, type WebClient } from '../../support/web.js';
import { BOT } from '../../unit/support/events.js';
import { removeTemporaryHomes, temporaryHome } from '../../unit/support/home.js';

let web: TestWeb;
let admin: WebClient;

beforeEach(async () => {
  const home = temporaryHome();
  await provisionTestHome(home);
  web = await startTestWeb({ home, answer: () => [] });
  admin = await firstAdmin(web);
});

afterEach(async () => {
  await web.stop();
  removeTemporaryHomes();
});

type Fact = readonly [type: string, data: object];

/** Appends facts to a stream, a minute apart from `from` on. */
async function append(stream: StreamName, from: string, facts: readonly Fact[], session?: string): Promise<void> {
  const { journal } = web.context.open();
  const before = await journal.readStream(stream, { direction: 'backwards', limit: 1 });
  const first = (before[0]?.revision ?? -1) + 1;
  const date = session === undefined ? null : parseDateText(session);
  const events = facts.map(([type, data], at) =>
    eventOf(
      { clock: { now: () => parseUtcText(from) }, identity: BOT },
      { stream, revision: first + at, actor: 'system:engine', sessionDate: date },
      { type, data, correlationId: 'test', causationId: null } as unknown as Draft,
    ),
  );
  await journal.append(stream, events, { expectedRevision: first === 0 ? 'noStream' : first - 1 });
}

const openedOn = (date: string): Fact => [
  'SessionOpened',
  {
    ...{ date, opensAt: `${date}T14:30:00.000Z`, closesAt: `${date}T21:00:00.000Z`, halfDay: false, broker: 'SIM' },
    feed: { kind: 'synthetic', description: 'test', seed: 1, symbols: ['AIG'], sha256: '0'.repeat(64) },
    ...{ brokerSeed: 1, floatAtStart: '100000.00', openingEquity: '100000.00', sessionCap: '2000.00' },
    ...{ settingsSha256: '0'.repeat(64), versionTag: 'test' },
  },
];
const skipped = (strategy: string, code: string): Fact => ['StrategySkipped', { strategy, code, figures: {} }];

/** A session in which `mid` and `close` were left out, for `reason`. */
const session = (date: string, reason: string): Promise<void> =>
  append(
    STREAMS.session(parseDateText(date)),
    `${date}T14:30:00.000Z`,
    [openedOn(date), skipped('mid', 'NOT_IN_SEQUENCE'), skipped('close', reason)],
    date,
  );

const compare = (a: string, b: string) => admin.get(`/api/compare/sessions?a=${a}&b=${b}`);

describe('two sessions', () => {
  test('show the first decision that differs, and how many were equal before it', async () => {
    await session('2026-01-05', 'NOT_IN_SEQUENCE');
    await session('2026-01-06', 'NOT_ENABLED');
    const answer = await compare('2026-01-05', '2026-01-06');
    expect(answer.status).toBe(200);
    expect([answer.at('a.date'), answer.at('b.date'), answer.at('equal')]).toEqual(['2026-01-05', '2026-01-06', 1]);
    expect(answer.at('first.a.data')).toMatchObject({ strategy: 'close', code: 'NOT_IN_SEQUENCE' });
    expect(answer.at('first.b.data')).toMatchObject({ strategy: 'close', code: 'NOT_ENABLED' });
  });

  test('that differ in dates and times of day alone have no first difference', async () => {
    await session('2026-01-05', 'NOT_ENABLED');
    await session('2026-01-06', 'NOT_ENABLED');
    const answer = await compare('2026-01-05', '2026-01-06');
    expect([answer.at('first'), answer.at('equal')]).toEqual([null, 2]);
  });

  test('one that ended earlier has no event where the other continues', async () => {
    await session('2026-01-05', 'NOT_ENABLED');
    const date = parseDateText('2026-01-06');
    await append(
      STREAMS.session(date),
      `${date}T14:30:00.000Z`,
      [openedOn(date), skipped('mid', 'NOT_IN_SEQUENCE')],
      date,
    );
    const answer = await compare('2026-01-05', '2026-01-06');
    expect([answer.at('first.a.type'), answer.at('first.b')]).toEqual(['StrategySkipped', null]);
  });

  test('a date without a session is refused at its field', async () => {
    await session('2026-01-05', 'NOT_ENABLED');
    const answer = await compare('2026-01-05', '2026-01-07');
    expect(answer.status).toBe(422);
    expect(answer.text).toContain('"field":"b"');
  });
});

describe('two configurations', () => {
  const change = (key: string, from: string, to: string): Promise<void> =>
    append(STREAMS.config, '2026-01-06T12:00:00.000Z', [
      [
        'ConfigChanged',
        { changes: [{ key, from, to, secret: false }], settingsSha256: '0'.repeat(64), reason: 'a test' },
      ],
    ]);
  const head = async (): Promise<string> => (await web.context.open().journal.head())?.position ?? '';

  test('show what differs, and the first change that matters', async () => {
    const a = await head();
    await change('MAX_PRICE', '300', '250');
    const between = await head();
    await change('MIN_PRICE', '2', '3');
    await change('MIN_PRICE', '3', '2');
    const answer = await admin.get(`/api/compare/settings?a=${a}`);
    expect(answer.status).toBe(200);
    expect(answer.at('changed')).toMatchObject([
      { key: 'MAX_PRICE', a: '300', b: '250', secret: false, event: { position: between } },
    ]);
    expect(answer.at('first.position')).toBe(between);
    const sinceSetUp = await admin.get('/api/compare/settings');
    expect(sinceSetUp.at('changed')).toEqual(answer.at('changed'));
    const same = await admin.get(`/api/compare/settings?a=${between}`);
    expect([same.at('changed'), same.at('first')]).toEqual([[], null]);
  });

  test('are for those who may read settings', async () => {
    const viewer = await userOf(web, admin, 'viewer');
    expect((await viewer.get('/api/compare/settings?a=1')).status).toBe(403);
  });

  test('a position that the journal does not have is refused at its field', async () => {
    const answer = await admin.get('/api/compare/settings?a=1&b=999999');
    expect([answer.status, answer.text.includes('"field":"b"')]).toEqual([422, true]);
  });
});
