import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { STREAMS } from '../../../src/events/streams.js';
import { sha256Hex } from '../../../src/kernel/hash.js';
import { provisionTestHome } from '../../support/provision.js';
import { firstAdmin, startTestWeb, userOf, type TestWeb, type WebClient } from '../../support/web.js';
import { removeTemporaryHomes, temporaryHome } from '../../unit/support/home.js';

const EVENTS = '/api/journal/events?limit=5';

let web: TestWeb;
let admin: WebClient;

beforeAll(async () => {
  const home = temporaryHome();
  await provisionTestHome(home);
  web = await startTestWeb({ home });
  admin = await firstAdmin(web);
});

afterAll(async () => {
  await web.stop();
  removeTemporaryHomes();
});

function writeStatus(status: object): void {
  const path = web.context.open().paths.output.statusJson;
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.new`, JSON.stringify(status));
  renameSync(`${path}.new`, path);
}

async function changeConfig(to: string): Promise<void> {
  const changes = [{ key: 'API_TIMEOUT', from: '1', to, secret: false }];
  const data = { changes, settingsSha256: sha256Hex('settings'), reason: 'test' };
  await web.context
    .open()
    .appender.append(STREAMS.config, [{ type: 'ConfigChanged', data, correlationId: 'config', causationId: null }]);
}

const again = (client: WebClient, path: string, etag: string | undefined) =>
  client.get(path, { headers: { 'If-None-Match': etag ?? '' } });

describe('answers that are made again only when what they are made of changes (WEB-2)', () => {
  test('a page of the journal is 304 until there is another event', async () => {
    const first = await admin.get(EVENTS);
    expect([first.status, first.headers['content-type']]).toEqual([200, 'application/json; charset=utf-8']);
    const same = await again(admin, EVENTS, first.headers['etag']);
    expect([same.status, same.text]).toEqual([304, '']);
    expect((await admin.get(EVENTS)).text).toBe(first.text);
    await changeConfig('2');
    const changed = await again(admin, EVENTS, first.headers['etag']);
    expect([changed.status, changed.at('items.0.type')]).toEqual([200, 'ConfigChanged']);
  });

  test('what is kept for an admin is shown to nobody of another role', async () => {
    const viewer = await userOf(web, admin, 'viewer');
    const whole = await admin.get(EVENTS);
    const part = await again(viewer, EVENTS, whole.headers['etag']);
    expect(part.status).toBe(200);
    expect(part.text).not.toContain('ConfigChanged');
    expect((await admin.get(EVENTS)).text).toContain('ConfigChanged');
  });

  test('the status is 304 until its file is replaced, and is refused with its reason while there is none', async () => {
    expect((await admin.get('/api/status')).at('code')).toBe('NO_STATUS_YET');
    writeStatus({ state: 'first' });
    const first = await admin.get('/api/status');
    expect(first.at('state')).toBe('first');
    expect((await again(admin, '/api/status', first.headers['etag'])).status).toBe(304);
    writeStatus({ state: 'other' });
    const other = await again(admin, '/api/status', first.headers['etag']);
    expect([other.status, other.at('state')]).toEqual([200, 'other']);
  });

  test('a refusal of the endpoint has no tag by which it could be taken for an answer', async () => {
    const tag = (await admin.get(EVENTS)).headers['etag'];
    const refused = await again(admin, '/api/journal/events?limit=none', tag);
    expect([refused.status, refused.headers['etag']]).toEqual([422, undefined]);
  });

  test('who may no longer read gets no kept answer', async () => {
    const { headers } = await admin.get(EVENTS);
    const stranger = web.client();
    expect((await again(stranger, EVENTS, headers['etag'])).status).toBe(401);
  });
});
