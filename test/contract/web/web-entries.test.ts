import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Ask } from '../../../src/processes/ipc/messages.js';
import { provisionTestHome } from '../../support/provision.js';
import { firstAdmin, moveTo, PASSWORD, startTestWeb, userOf, type TestWeb, type WebClient } from '../../support/web.js';
import { removeTemporaryHomes, temporaryHome } from '../../unit/support/home.js';

const FLOAT = { direction: 'inject', amount: '500.50', reason: 'more capital' };
const BOOKED = {
  ...{ adjustmentId: 'FA-2', direction: 'inject', amount: '500.50', float: '25500.50' },
  ...{ countsFrom: 'next session', repeated: false },
};
const ENTRY = { cash: '-0.35', account: '4055', reason: 'fee charged later' };
const MADE = { adjustmentId: 'AE-1', settles: null, repeated: false };

let home: string;
let web: TestWeb;
let admin: WebClient;

beforeEach(async () => {
  home = temporaryHome();
  await provisionTestHome(home);
  web = await startWeb();
  admin = await firstAdmin(web);
  await moveTo(web, 'idle');
});

afterEach(async () => {
  await web.stop();
  removeTemporaryHomes();
});

const startWeb = (): Promise<TestWeb> =>
  startTestWeb({
    home,
    answer: (ask: Ask) => (ask.ask === 'worker' && ask.task.task === 'float' ? BOOKED : MADE),
  });

const idsOf = (task: 'float' | 'adjust' | 'mismatch'): readonly string[] =>
  web.asked.flatMap((one) =>
    one.ask === 'worker' && one.task.task === task && 'request' in one.task ? [one.task.request.requestId] : [],
  );

describe('entries of a person over REST', () => {
  test('an admin changes the float by a worker, in her name; nobody else does', async () => {
    const who = String((await admin.get('/api/auth/session')).at('user.userId'));
    const answer = await admin.post('/api/float', FLOAT);
    expect([answer.status, answer.at('float'), answer.at('countsFrom')]).toEqual([201, '25500.50', 'next session']);
    const asked = web.asked.find((one) => one.ask === 'worker' && one.task.task === 'float');
    expect(asked).toMatchObject({ task: { request: FLOAT, actor: `user:${who}` } });
    for (const role of ['viewer', 'operator', 'accountant'] as const) {
      expect((await (await userOf(web, admin, role)).post('/api/float', FLOAT)).at('code')).toBe('ROLE');
    }
    for (const bad of [{ direction: 'both' }, { reason: '' }, { requestId: 'a b' }, { amount: '' }]) {
      expect((await admin.post('/api/float', { ...FLOAT, ...bad })).status).toBe(422);
    }
  });

  test('an accountant books an adjusting entry; an operator and a viewer do not', async () => {
    const accountant = await userOf(web, admin, 'accountant');
    const answer = await accountant.post('/api/adjustments', ENTRY);
    expect([answer.status, answer.at('adjustmentId')]).toEqual([201, 'AE-1']);
    const asked = web.asked.find((one) => one.ask === 'worker' && one.task.task === 'adjust');
    expect(asked).toMatchObject({ task: { request: { ...ENTRY, symbol: null, at: null, settles: null } } });
    for (const role of ['viewer', 'operator'] as const) {
      expect((await (await userOf(web, admin, role)).post('/api/adjustments', ENTRY)).at('code')).toBe('ROLE');
    }
    expect((await admin.post('/api/adjustments', { ...ENTRY, side: 'both' })).status).toBe(422);
  });

  test('the journal knows a repeated request also when the web has forgotten its key', async () => {
    const once = { headers: { 'idempotency-key': 'walrus-0001' } };
    await admin.call('POST', '/api/float', { body: FLOAT, ...once });
    await admin.call('POST', '/api/adjustments', { body: ENTRY, headers: { 'idempotency-key': 'walrus-0002' } });
    const [first] = idsOf('float');
    expect(first).toMatch(/^[0-9a-f]{40}$/);
    expect(idsOf('adjust')).not.toContain(first);

    await web.stop();
    web = await startWeb();
    admin = web.client();
    await admin.login('admin', PASSWORD);
    await admin.call('POST', '/api/float', { body: FLOAT, ...once });
    expect(idsOf('float')).toEqual([first]);

    await admin.post('/api/float', { ...FLOAT, requestId: 'of-the-script' });
    await admin.post('/api/float', FLOAT);
    const [, given, other] = idsOf('float');
    expect(given).toBe('of-the-script');
    expect(other).not.toBe(first);
  });
});
