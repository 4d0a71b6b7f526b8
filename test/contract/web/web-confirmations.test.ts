import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { parseStrategyName } from '../../../src/events/names.js';
import { STREAMS } from '../../../src/events/streams.js';
import { parseDateText } from '../../../src/kernel/time.js';
import { provisionTestHome } from '../../support/provision.js';
import { firstAdmin, moveTo, startTestWeb, userOf, type TestWeb, type WebClient } from '../../support/web.js';
import { removeTemporaryHomes, temporaryHome } from '../../unit/support/home.js';

const SIGNAL = '2026-11-30/open/AIG';
const DONE = { signalId: SIGNAL, take: 'confirmed', repeated: false };
const BODY = { signalId: SIGNAL, take: 'confirmed', reason: 'looks right' };

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

async function asked(): Promise<void> {
  const { appender } = web.context.open();
  const data = {
    ...{ signalId: SIGNAL, strategy: 'open', symbol: 'AIG', side: 'long', quantity: '16', price: '50.00' },
    ...{ cost: '800.00', expiresAt: '2026-11-30T14:53:00.000Z' },
  } as const;
  const stream = STREAMS.strategy(parseStrategyName('open'), parseDateText('2026-11-30'));
  await appender.append(stream, [
    { type: 'EntryConfirmationRequested', data: data as never, correlationId: SIGNAL, causationId: null },
  ]);
}

describe('entries that wait for an operator, over REST (TRD-53)', () => {
  test('everyone who may read sees them; an operator decides by a worker, with a reason', async () => {
    expect((await admin.get('/api/confirmations')).at('waiting')).toEqual([]);
    await asked();
    const viewer = await userOf(web, admin, 'viewer');
    expect((await viewer.get('/api/confirmations')).at('waiting.0')).toMatchObject({
      signalId: SIGNAL,
      cost: '800.00',
    });
    expect((await viewer.post('/api/confirmations/decide', BODY)).at('code')).toBe('ROLE');
    const operator = await userOf(web, admin, 'operator');
    const who = String((await operator.get('/api/auth/session')).at('user.userId'));
    const done = await operator.post('/api/confirmations/decide', BODY);
    expect([done.status, done.at('take')]).toEqual([200, 'confirmed']);
    const task = web.asked.find((one) => one.ask === 'worker' && one.task.task === 'confirm-entry');
    expect(task).toMatchObject({ task: { request: BODY, actor: `user:${who}` } });
    const accountant = await userOf(web, admin, 'accountant');
    expect((await accountant.post('/api/confirmations/decide', BODY)).at('code')).toBe('ROLE');
    expect((await operator.post('/api/confirmations/decide', { ...BODY, take: 'perhaps' })).status).toBe(422);
    expect((await operator.post('/api/confirmations/decide', { ...BODY, reason: '' })).status).toBe(422);
  });
});
