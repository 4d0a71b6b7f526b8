import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { mkdirSync, symlinkSync, writeFileSync, rmSync } from 'node:fs';
import { provisionTestHome } from '../../support/provision.js';
import { firstAdmin, startTestWeb, userOf, type TestWeb, type WebClient } from '../../support/web.js';
import { removeTemporaryHomes, temporaryHome } from '../../unit/support/home.js';

let web: TestWeb;
let admin: WebClient;
let viewer: WebClient;

const LINES = Array.from(
  { length: 500 },
  (_, n) => `{"n":${n},"msg":"line ${n % 100 === 0 ? 'Alarm' : 'calm'} \u00fc"}`,
);

beforeAll(async () => {
  const home = temporaryHome();
  await provisionTestHome(home);
  web = await startTestWeb({ home });
  admin = await firstAdmin(web);
  viewer = await userOf(web, admin, 'viewer');
  mkdirSync(web.context.base.output.systemLogs, { recursive: true });
  writeFileSync(web.context.base.output.systemLog('main_bot'), `${LINES.join('\n')}\n`);
  writeFileSync(web.context.base.output.systemLog('security_users'), 'somebody logged in\n');
});

afterAll(async () => {
  await web.stop();
  removeTemporaryHomes();
});

describe('logs', () => {
  test('logs are listed by name, size and time; user logs for admins only', async () => {
    const names = async (client: WebClient): Promise<readonly string[]> =>
      ((await client.get('/api/logs')).at('logs') as { name: string }[]).map(({ name }) => name);
    expect(await names(viewer)).toEqual(expect.arrayContaining(['main_bot', 'heartbeat', 'open', 'provisioning']));
    expect(await names(viewer)).not.toContain('security_users');
    expect(await names(admin)).toContain('security_users');
    expect((await viewer.get('/api/logs/security_users')).status).toBe(404);
    expect((await admin.get('/api/logs/security_users')).at('lines')).toEqual(['somebody logged in']);
  });

  test('a log is read from its end back to its beginning', async () => {
    const end = await viewer.get('/api/logs/main_bot?tail=200');
    expect(end.at('lines')).toEqual(LINES.slice(300));
    const middle = await viewer.get(`/api/logs/main_bot?tail=200&cursor=${String(end.at('older'))}`);
    expect(middle.at('lines')).toEqual(LINES.slice(100, 300));
    const begin = await viewer.get(`/api/logs/main_bot?tail=200&cursor=${String(middle.at('older'))}`);
    expect([begin.at('lines'), begin.at('older')]).toEqual([LINES.slice(0, 100), null]);
  });

  test('lines are searched by text', async () => {
    const found = await viewer.get('/api/logs/main_bot?search=alarm');
    expect(found.at('lines')).toEqual(LINES.filter((line) => line.includes('Alarm')));
    expect((await viewer.get('/api/logs/main_bot?search=nothing')).at('lines')).toEqual([]);
  });

  test('the whole file is downloaded as an attachment', async () => {
    const file = await viewer.get('/api/logs/main_bot/download');
    expect(file.text).toBe(`${LINES.join('\n')}\n`);
    expect(file.headers['content-disposition']).toBe('attachment; filename="main_bot.log"');
    expect(file.headers['content-type']).toContain('text/plain');
    const empty = await viewer.get('/api/logs/heartbeat/download');
    expect([empty.status, empty.text]).toEqual([200, '']);
  });

  test.each([
    '/api/logs/..%2Fhome.json',
    '/api/logs/..%2F..%2Fstorage%2Fhome.json',
    '/api/logs/%2Fetc%2Fpasswd',
    '/api/logs/main_bot%00.log',
    '/api/logs/main_bot.log',
    '/api/logs/../../storage/home.json',
    '/api/logs/%2e%2e/%2e%2e/storage/home.json/download',
    '/api/logs/__proto__',
    '/api/logs/constructor/download',
  ])('%s is not a log', async (path) => {
    const answered = await admin.get(path);
    expect(answered.status).toBe(404);
    expect(answered.text).not.toContain('layout');
  });

  test.each(['tail=0', 'tail=1001', 'tail=x', 'cursor=-1', 'cursor=1e3', `search=${'x'.repeat(201)}`, 'path=/etc'])(
    'a query of %s is refused',
    async (query) => {
      expect((await viewer.get(`/api/logs/main_bot?${query}`)).status).toBe(422);
    },
  );

  test('a folder in place of a log gives one clear problem', async () => {
    const path = web.context.base.output.systemLog('router');
    mkdirSync(path);
    expect((await admin.get('/api/logs/router')).at('code')).toBe('LOG_UNREADABLE');
    rmSync(path, { recursive: true });
    symlinkSync(`${path}.gone`, path);
    expect((await admin.get('/api/logs/router')).text).toContain('"lines":[]');
    rmSync(path);
  });
});
