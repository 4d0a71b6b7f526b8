import { afterEach, describe, expect, test } from '@jest/globals';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { request as httpsRequest } from 'node:https';
import { createServer, type AddressInfo } from 'node:net';
import type { WebInit } from '../../../src/processes/ipc/messages.js';
import { provisionTestHome } from '../../support/provision.js';
import { BY_SETUP_TOKEN, moveTo, startTestWeb, type TestWeb } from '../../support/web.js';
import { removeTemporaryHomes, temporaryHome } from '../../unit/support/home.js';
import { OTHER_KEY, TEST_CERTIFICATE, TEST_KEY } from './support/certificate.js';

const PASSWORD = 'plum-Orbit-77-lantern';
const running: TestWeb[] = [];

afterEach(async () => {
  for (const web of running.splice(0)) await web.stop();
  removeTemporaryHomes();
});

async function start(home: string, web: Partial<WebInit>): Promise<TestWeb> {
  const started = await startTestWeb({ home, web, features: [] });
  running.push(started);
  return started;
}

describe('addresses and certificates (SEC-16)', () => {
  test('a port in use is named', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    await expect(start(temporaryHome(), { port })).rejects.toMatchObject({
      code: 'PORT_IN_USE',
      message: `another program listens on 127.0.0.1:${port} already`,
    });
    server.close();
  });

  test.each([
    [{ host: '0.0.0.0' }, 'PLAIN_REMOTE_REFUSED'],
    [{ host: '::' }, 'PLAIN_REMOTE_REFUSED'],
    [{ host: 'bot.example' }, 'PLAIN_REMOTE_REFUSED'],
    [{ host: '203.0.113.9', allowPlainRemote: true }, 'ADDRESS_NOT_HERE'],
  ])('%p is refused', async (web, code) => {
    await expect(start(temporaryHome(), web)).rejects.toMatchObject({ code });
  });

  test('another address without TLS is served only when it is explicitly allowed', async () => {
    const web = await start(temporaryHome(), { host: '0.0.0.0', allowPlainRemote: true });
    const answered = await web.client().get('/api/nothing', { headers: { Host: 'bot.example:8420' } });
    expect(answered.status).toBe(404);
  });

  function tlsFiles(certificate: string, key: string): { certFile: string; keyFile: string } {
    const folder = temporaryHome();
    const files = { certFile: `${folder}/cert.pem`, keyFile: `${folder}/key.pem` };
    writeFileSync(files.certFile, certificate);
    writeFileSync(files.keyFile, key, { mode: 0o600 });
    return files;
  }

  test.each([
    ['not there', () => ({ certFile: '/nowhere/cert.pem', keyFile: '/nowhere/key.pem' })],
    ['a folder', () => ({ certFile: temporaryHome(), keyFile: temporaryHome() })],
    ['garbage', () => tlsFiles('garbage', 'garbage')],
    ['of two pairs', () => tlsFiles(TEST_CERTIFICATE, OTHER_KEY)],
  ])('certificate files that are %s', async (_name, files) => {
    const refusal: unknown = await start(temporaryHome(), { tls: files() }).catch((error: unknown) => error);
    expect(refusal).toMatchObject({ code: 'TLS_FILES_UNUSABLE' });
    expect((refusal as Error).message).not.toContain('PRIVATE KEY');
  });

  test.each([0o644, 0o640, 0o620, 0o604, 0o666])(
    'a private key of mode %o is refused, with the remedy',
    async (mode) => {
      const tls = tlsFiles(TEST_CERTIFICATE, TEST_KEY);
      chmodSync(tls.keyFile, mode);
      const refusal: unknown = await start(temporaryHome(), { tls }).catch((error: unknown) => error);
      expect(refusal).toMatchObject({
        code: 'TLS_KEY_OPEN',
        remedy: expect.stringContaining(`chmod go= ${tls.keyFile}`),
      });
    },
  );

  test('a certificate enables HTTPS, HSTS and a cookie for this host only', async () => {
    const home = temporaryHome();
    await provisionTestHome(home);
    const web = await startTestWeb({ home, web: { tls: tlsFiles(TEST_CERTIFICATE, TEST_KEY) } });
    running.push(web);
    expect(web.server.address).toMatch(/^https:/);
    const body = { name: 'anna', password: PASSWORD };
    expect((await secure(web.server.address, '/api/registration', body)).status).toBe(201);
    await moveTo(web, 'started');
    const login = await secure(web.server.address, '/api/auth/login', body);
    expect(login.cookie).toMatch(/^__Host-tradebot_session_\d+=[\w-]+; Path=\/; HttpOnly; SameSite=Strict; Secure$/);
    expect(login.hsts).toBe('max-age=31536000');
  });
});

describe('a damaged home', () => {
  test('a damaged users database disables login with one clear message and is left unchanged', async () => {
    const home = temporaryHome();
    const { base } = await provisionTestHome(home);
    writeFileSync(base.storage.usersDb, 'garbage'.repeat(1_000));
    const web = await startTestWeb({ home });
    running.push(web);
    await moveTo(web, 'started');
    const login = await web.client().login('anna', PASSWORD);
    expect([login.status, login.at('code')]).toEqual([503, 'USERS_DB_DAMAGED']);
    expect(login.text).not.toContain(home);
    expect((await web.client().get('/api/state')).at('state')).toBe('started');
    expect(readFileSync(base.storage.usersDb, 'utf8')).toBe('garbage'.repeat(1_000));
  });

  test('login works although this version refuses the settings (RUN-12)', async () => {
    const home = temporaryHome();
    await provisionTestHome(home);
    const web = await startTestWeb({ home, init: { versionTag: '9.9.9' } });
    running.push(web);
    const client = web.client();
    const account = { name: 'anna', password: PASSWORD };
    expect((await client.post('/api/registration', account, BY_SETUP_TOKEN)).status).toBe(201);
    await moveTo(web, 'started');
    expect((await client.login('anna', PASSWORD)).status).toBe(200);
    expect(web.log.notes.join()).toContain('logging in goes by the defaults');
  });
});

interface SecureReply {
  readonly status: number;
  readonly cookie: string;
  readonly hsts: string | undefined;
}

function secure(address: string, path: string, body: unknown): Promise<SecureReply> {
  return new Promise((resolve, reject) => {
    const headers = { 'Content-Type': 'application/json', ...BY_SETUP_TOKEN.headers };
    const options = { method: 'POST', headers, ca: TEST_CERTIFICATE };
    const request = httpsRequest(`${address}${path}`, options, (response) => {
      response.resume();
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          cookie: response.headers['set-cookie']?.[0] ?? '',
          hsts: response.headers['strict-transport-security'],
        }),
      );
    });
    request.on('error', reject);
    request.end(JSON.stringify(body));
  });
}
