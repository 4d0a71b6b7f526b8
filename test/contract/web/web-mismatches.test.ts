import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { STREAMS } from '../../../src/events/streams.js';
import { provisionTestHome } from '../../support/provision.js';
import { firstAdmin, moveTo, startTestWeb, userOf, type TestWeb, type WebClient } from '../../support/web.js';
import { removeTemporaryHomes, temporaryHome } from '../../unit/support/home.js';

const DONE = { mismatchId: 'BM-1', take: 'broker', entryId: 'AE-7', expiresAt: null, repeated: false };
const BODY = { mismatchId: 'BM-1', take: 'broker', against: 'cash', reason: 'bought by hand' };

let web: TestWeb;
let admin: WebClient;

beforeEach(async () => {
  const home = temporaryHome();
  await provisionTestHome(home);
  web = await startTestWeb({ home, answer: () => DONE });
  admin = await firstAdmin(web);
  await moveTo(web, 'idle');
});

afterEach(async () => {
  await web.stop();
  removeTemporaryHomes();
});

async function found(): Promise<void> {
  const { appender } = web.context.open();
  const data = {
    ...{ mismatchId: 'BM-1', subject: 'position', kind: 'unknown_position', symbol: 'AIG', brokerSymbol: null },
    ...{ books: '0', broker: '5', delta: '5', brokerPrice: '20.50', occasion: 'schedule', replaces: null },
    firstSeenAt: '2026-01-06T15:00:00.000Z',
  } as const;
  await appender.append(STREAMS.accounting, [
    { type: 'BooksMismatchFound', data: data as never, correlationId: 'BM-1', causationId: null },
  ]);
}

describe('differences between books and broker over REST (ACC-62)', () => {
  test('everyone who may read sees them in words; an open one stays in the list', async () => {
    expect((await admin.get('/api/mismatches')).at('mismatches')).toEqual([]);
    await found();
    const viewer = await userOf(web, admin, 'viewer');
    const answer = await viewer.get('/api/mismatches');
    expect(answer.at('mismatches.0')).toMatchObject({
      mismatchId: 'BM-1',
      symbol: 'AIG',
      difference: '5',
      text: 'the broker holds AIG, which the bot has not bought: books 0, broker 5, difference 5',
    });
  });

  test('an accountant resolves one by a worker, with a reason; an operator and a viewer do not', async () => {
    await found();
    const accountant = await userOf(web, admin, 'accountant');
    const who = String((await accountant.get('/api/auth/session')).at('user.userId'));
    const done = await accountant.post('/api/mismatches/resolve', BODY);
    expect([done.status, done.at('entryId')]).toEqual([200, 'AE-7']);
    const asked = web.asked.find((one) => one.ask === 'worker' && one.task.task === 'mismatch');
    expect(asked).toMatchObject({ task: { request: { ...BODY, price: null, until: null }, actor: `user:${who}` } });
    for (const role of ['viewer', 'operator'] as const) {
      expect((await (await userOf(web, admin, role)).post('/api/mismatches/resolve', BODY)).at('code')).toBe('ROLE');
    }
    expect((await admin.post('/api/mismatches/resolve', { ...BODY, reason: '' })).status).toBe(422);
    expect((await admin.post('/api/mismatches/resolve', { ...BODY, take: 'both' })).status).toBe(422);
  });
});
