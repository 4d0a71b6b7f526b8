import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { provisionTestHome } from '../../support/provision.js';
import { firstAdmin, moveTo, startTestWeb, userOf, type TestWeb, type WebClient } from '../../support/web.js';
import { removeTemporaryHomes, temporaryHome } from '../../unit/support/home.js';

const SHA256 = 'ab'.repeat(32);
const HELD = [
  { kind: 'blocked', stream: 'orders', message: 'revision 3', remedy: 'Acknowledge it.', sha256: SHA256, from: 3 },
  { kind: 'cut', stream: 'risk', message: 'stream risk hides events', remedy: 'Undo it.' },
];
const BODY = { stream: 'orders', sha256: SHA256, reason: 'a test of the server' };

let web: TestWeb;
let admin: WebClient;
beforeEach(async () => {
  const home = temporaryHome();
  await provisionTestHome(home);
  web = await startTestWeb({ home, answer: ({ ask }) => (ask === 'held-streams' ? HELD : 'Acknowledged.') });
  admin = await firstAdmin(web);
  await moveTo(web, 'idle');
});
afterEach(async () => {
  await web.stop();
  removeTemporaryHomes();
});

test('JRN-8: everyone who may read sees the held streams; an admin acknowledges what was shown', async () => {
  const viewer = await userOf(web, admin, 'viewer');
  expect((await viewer.get('/api/journal/streams')).at('streams')).toEqual([
    { kind: 'blocked', stream: 'orders', text: 'revision 3', remedy: 'Acknowledge it.', sha256: SHA256 },
    { kind: 'cut', stream: 'risk', text: 'stream risk hides events', remedy: 'Undo it.', sha256: null },
  ]);
  expect((await viewer.post('/api/journal/streams/acknowledge', BODY)).at('code')).toBe('ROLE');
  expect((await admin.post('/api/journal/streams/acknowledge', { ...BODY, reason: '' })).status).toBe(422);
  const done = await admin.post('/api/journal/streams/acknowledge', BODY);
  expect([done.status, done.at('effect')]).toEqual([200, 'Acknowledged.']);
  const who = String((await admin.get('/api/auth/session')).at('user.userId'));
  expect(web.asked.filter(({ ask }) => ask === 'acknowledge-stream')).toEqual([
    { ask: 'acknowledge-stream', decision: BODY, actor: `user:${who}` },
  ]);
});
