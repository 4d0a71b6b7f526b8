import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { provisionTestHome } from '../../support/provision.js';
import { firstAdmin, moveTo, PASSWORD, startTestWeb, userOf, type TestWeb } from '../../support/web.js';
import { removeTemporaryHomes, temporaryHome } from '../../unit/support/home.js';

let web: TestWeb;

beforeEach(async () => {
  const home = temporaryHome();
  await provisionTestHome(home);
  web = await startTestWeb({ home });
});

afterEach(async () => {
  await web.stop();
  removeTemporaryHomes();
});

describe('registration and log-in', () => {
  test('the first account is made once, in state registration only', async () => {
    const client = web.client();
    const made = await client.post('/api/registration', { name: 'Anna', password: PASSWORD });
    expect([made.status, made.at('name'), made.at('role')]).toEqual([201, 'anna', 'admin']);
    const again = await client.post('/api/registration', { name: 'eve', password: PASSWORD });
    expect([again.status, again.at('code')]).toEqual([409, 'REGISTRATION_OVER']);
    await moveTo(web, 'started');
    const late = await client.post('/api/registration', { name: 'eve', password: PASSWORD });
    expect([late.status, late.at('code')]).toEqual([404, 'REGISTRATION_IS_OVER']);
  });

  test('a session begins with the cookie and ends with log-out', async () => {
    const admin = await firstAdmin(web);
    const who = await admin.get('/api/auth/session');
    expect([who.status, who.at('user.name'), who.at('user.role')]).toEqual([200, 'admin', 'admin']);
    expect(who.at('csrfToken')).toBe(admin.csrf);
    const cookie = admin.cookie;
    expect((await admin.post('/api/auth/logout')).status).toBe(204);
    expect(admin.cookie).toBeUndefined();
    const stolen = web.client();
    stolen.cookie = cookie;
    expect((await stolen.get('/api/auth/session')).at('code')).toBe('NO_SESSION');
  });

  test('a role is made, and it changes', async () => {
    const admin = await firstAdmin(web);
    const viewer = await userOf(web, admin, 'viewer');
    expect((await viewer.get('/api/users')).at('code')).toBe('ROLE');
  });
});
