import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { eventOf } from '../../../src/app/journal/envelope.js';
import type { Draft } from '../../../src/events/draft.js';
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

describe('the decision record', () => {
  const OPENED = {
    date: '2026-01-05',
    opensAt: '2026-01-05T14:30:00.000Z',
    closesAt: '2026-01-05T21:00:00.000Z',
    halfDay: false,
    broker: 'SIM',
    feed: { kind: 'synthetic', description: 'test', seed: 1, symbols: ['AIG', 'BAC', 'KO'], sha256: '0'.repeat(64) },
    brokerSeed: 1,
    floatAtStart: '100000.00',
    openingEquity: '100000.00',
    sessionCap: '2000.00',
    settingsSha256: '0'.repeat(64),
    versionTag: 'test',
  };
  const skipped = (strategy: string) => ({ strategy, code: 'NOT_IN_SEQUENCE', figures: { STRATEGY_SEQUENCE: 'open' } });

  test('is read page by page, by strategy and by symbol, by a user of any role', async () => {
    const { journal } = web.context.open();
    const date = parseDateText(OPENED.date);
    const stream = STREAMS.session(date);
    const at = { clock: { now: () => parseUtcText(OPENED.opensAt) }, identity: BOT };
    const event = (type: string, data: object, revision: number) =>
      eventOf(at, { stream, revision, actor: 'system:engine', sessionDate: date }, {
        type,
        data,
        correlationId: 'test',
        causationId: null,
      } as unknown as Draft);
    const events = [
      event('SessionOpened', OPENED, 0),
      event('StrategySkipped', skipped('mid'), 1),
      event('StrategySkipped', skipped('close'), 2),
    ];
    await journal.append(stream, events, { expectedRevision: 'noStream' });
    const viewer = await userOf(web, admin, 'viewer');
    const rows: string[] = [];
    let cursor = '';
    for (let page = 0; page < 5; page += 1) {
      const answer = await viewer.get(`/api/decisions?date=2026-01-05&limit=2${cursor}`);
      expect(answer.status).toBe(200);
      for (const row of answer.at('items') as { strategy: string; symbol: string; ended: { code: string } }[]) {
        rows.push(`${row.strategy} ${row.symbol} ${row.ended.code}`);
      }
      if (answer.at('nextCursor') === null) break;
      cursor = `&cursor=${String(answer.at('nextCursor'))}`;
    }
    expect(rows).toEqual(
      ['open', 'mid', 'close'].flatMap((name) =>
        OPENED.feed.symbols.map(
          (symbol) => `${name} ${symbol} ${name === 'open' ? 'NEVER_STARTED' : 'NOT_IN_SEQUENCE'}`,
        ),
      ),
    );
    const one = await viewer.get('/api/decisions?date=2026-01-05&strategy=mid&symbol=KO');
    expect(one.at('items')).toMatchObject([{ strategy: 'mid', symbol: 'KO', traded: false, rank: null }]);
    expect(one.at('strategies')).toMatchObject([{ strategy: 'mid', outcome: 'skipped' }]);

    const byRule = await viewer.get('/api/decisions?date=2026-01-05&rule=NEVER_STARTED');
    expect(byRule.at('rules')).toEqual([
      { stage: 'strategy', code: 'NOT_IN_SEQUENCE', symbols: 6 },
      { stage: 'strategy', code: 'NEVER_STARTED', symbols: 3 },
    ]);
    expect((byRule.at('items') as { strategy: string }[]).map(({ strategy }) => strategy)).toEqual(
      Array(3).fill('open'),
    );

    const [, second] = await journal.readStream(stream);
    const early = await viewer.get(`/api/decisions?date=2026-01-05&asof=${second?.position ?? ''}`);
    expect(early.at('strategies')).toMatchObject([
      { strategy: 'open', outcome: 'never started' },
      { strategy: 'mid', outcome: 'skipped' },
      { strategy: 'close', outcome: 'never started' },
    ]);
    const until = await viewer.get(`/api/journal/events?stream=${stream}&asof=${second?.position ?? ''}`);
    expect((until.at('items') as { type: string }[]).map(({ type }) => type)).toEqual([
      'StrategySkipped',
      'SessionOpened',
    ]);
    expect((await viewer.get('/api/journal/events?asof=yesterday')).status).toBe(422);
    const before = await viewer.get('/api/decisions?date=2026-01-05&asof=1');
    expect([before.status, before.at('detail')]).toEqual([404, expect.stringContaining('at this position')]);
  });

  test.each([
    ['date=2026-01-06', 404],
    ['date=yesterday', 422],
    ['', 422],
    ['date=2026-01-06&limit=201', 422],
    ['date=2026-01-06&x=1', 422],
    ['date=2026-01-05&asof=yesterday', 422],
  ])('%s is %d', async (query, status) => {
    expect((await admin.get(`/api/decisions?${query}`)).status).toBe(status);
  });
});
