import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { FileVault } from '../../../src/adapters/vault/file-vault.js';
import { provisionTestHome, setupForm } from '../../support/provision.js';
import { firstAdmin, startTestWeb, type TestWeb, type WebClient } from '../../support/web.js';
import { removeTemporaryHomes, temporaryHome } from '../../unit/support/home.js';
import { SECRET_FILES } from '../../../src/ports/vault.js';
import { answersOf } from './support/worker-answers.js';

/** Names that every object has without having been given them: `toString`, `constructor`, `__proto__` and the others. */
const NAMES = Object.getOwnPropertyNames(Object.prototype);

let web: TestWeb;
let admin: WebClient;
let unset: TestWeb;
const vault = (): FileVault =>
  new FileVault({ paths: web.context.base.storage, clock: web.context.clock, masterKeyFile: null });

beforeAll(async () => {
  const home = temporaryHome();
  await provisionTestHome(home);
  web = await startTestWeb({ home, answer: answersOf(home) });
  admin = await firstAdmin(web);
  unset = await startTestWeb({ home: temporaryHome(), answer: () => ({}), init: {} });
});

afterAll(async () => {
  await web.stop();
  await unset.stop();
  removeTemporaryHomes();
});

describe('names of an object that nobody gave it (ASVS 15.3.6)', () => {
  test('as a field of a secret they are stored like any name, or refused', async () => {
    const secrets = Object.keys(SECRET_FILES).filter((name) => !['bot_identity', 'login'].includes(name));
    for (const secret of secrets) {
      for (const name of NAMES) {
        const { status, text } = await admin.put(`/api/secrets/${secret}`, { fields: { [name]: 'x' } });
        expect([secret, name, status < 500 ? 'answered' : text]).toEqual([secret, name, 'answered']);
      }
    }
    const shown = await admin.get('/api/secrets');
    const hub = (shown.at('secrets') as { name: string; fields: { name: string; set: boolean }[] }[]).find(
      ({ name }) => name === 'hub',
    );
    expect(hub?.fields).toContainEqual(expect.objectContaining({ name: 'toString', set: true }));
    expect(vault().secret('hub')['toString']?.reveal()).toBe('x');
    expect(vault().secret('hub')['isPrototypeOf']?.reveal()).toBe('x');
    expect((await admin.put('/api/secrets/hub', { fields: { toString: '' } })).status).toBe(200);
    expect(Object.keys(vault().secret('hub'))).not.toContain('toString');
  });

  test('as settings they are unknown', async () => {
    const etag = String((await admin.get('/api/settings')).headers.etag);
    for (const name of NAMES) {
      for (const query of ['', '?dryRun=true']) {
        const headers = { 'If-Match': etag };
        const answered = await admin.put(`/api/settings${query}`, { changes: { [name]: 'x' } }, { headers });
        expect([name, [400, 422].includes(answered.status)]).toEqual([name, true]);
      }
    }
  });

  test('as members of the set-up form they are refused', async () => {
    const { settings, smtp, brokerCredentials, ...form } = setupForm();
    for (const name of NAMES) {
      for (const record of [
        { settings: { [name]: 'x' } },
        { smtp: { [name]: 'x' } },
        { brokerCredentials: { [name]: 'x' } },
      ]) {
        const body = { ...form, settings, smtp, brokerCredentials, ...record };
        const { status, text } = await unset.client().post('/api/setup', body);
        expect([name, status < 500 ? 'answered' : text]).toEqual([name, 'answered']);
      }
    }
  });

  test('as members of any body they never end in an internal error', async () => {
    const bodies = web.server.endpoints.filter(({ method, path }) => method !== 'GET' && path.startsWith('/api/'));
    expect(bodies.length).toBeGreaterThan(20);
    for (const { method, path } of bodies) {
      for (const name of NAMES) {
        // No session: what is checked before the access, and then the body by the endpoints that need none.
        const at = path.replaceAll(/:[A-Za-z]+/g, 'hub');
        const { status, text } = await web.client().call(method, at, { body: { [name]: 'x' } });
        expect([method, path, name, status < 500 ? 'answered' : text]).toEqual([method, path, name, 'answered']);
      }
    }
    const harmless = bodies.filter(({ path }) => !/control|logout|sessions|tokens/.test(path));
    for (const { method, path } of harmless) {
      for (const name of ['toString', 'hasOwnProperty', 'valueOf']) {
        const { status, text } = await admin.call(method, path.replaceAll(/:[A-Za-z]+/g, 'nobody'), {
          body: { [name]: 'x' },
        });
        expect([method, path, name, status < 500 ? 'answered' : text]).toEqual([method, path, name, 'answered']);
      }
    }
  });
});
