import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { Agent } from 'node:http';
import { connect } from 'node:net';
import { provisionTestHome } from '../../support/provision.js';
import { firstAdmin, PASSWORD, startTestWeb, userOf, type TestWeb, type WebClient } from '../../support/web.js';
import { removeTemporaryHomes, temporaryHome } from '../../unit/support/home.js';

let web: TestWeb;
let admin: WebClient;

beforeAll(async () => {
  const home = temporaryHome();
  await provisionTestHome(home, { settings: { LOGIN_ATTEMPT_LIMIT: '4' } });
  web = await startTestWeb({ home, answer: () => ({}) });
  admin = await firstAdmin(web);
});

afterAll(async () => {
  await web.stop();
  removeTemporaryHomes();
});

/** Raw bytes, for requests that a client library would not send. */
function raw(text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(web.server.port, '127.0.0.1', () => socket.end(text));
    let answer = '';
    socket.setTimeout(120_000, () => socket.destroy(new Error('no answer')));
    socket.on('data', (chunk) => (answer += chunk.toString('latin1')));
    socket.on('error', reject);
    socket.on('close', () => resolve(answer));
  });
}

/** What is answered to a sender that never ends, until the server closes the connection. */
function cutOff(text: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(web.server.port, '127.0.0.1', () => socket.write(text));
    const more = setInterval(() => socket.write('1\r\nx\r\n'), 50);
    let answer = '';
    socket.on('data', (chunk) => (answer += chunk.toString('latin1')));
    socket.on('error', () => undefined);
    socket.on('close', () => {
      clearInterval(more);
      resolve(answer);
    });
  });
}

describe('requests that the user did not intend', () => {
  test.each([
    ['no CSRF token', { 'X-CSRF-Token': '' }, 'CSRF_TOKEN_NEEDED'],
    ['a wrong CSRF token', { 'X-CSRF-Token': 'a'.repeat(64) }, 'CSRF_TOKEN_NEEDED'],
    ['a foreign origin', { Origin: 'https://evil.example' }, 'FOREIGN_ORIGIN'],
    ['the origin of another port', { Origin: 'http://127.0.0.1:1' }, 'FOREIGN_ORIGIN'],
    ['an opaque origin', { Origin: 'null' }, 'FOREIGN_ORIGIN'],
    ['another site by the browser', { 'Sec-Fetch-Site': 'cross-site' }, 'FOREIGN_ORIGIN'],
    ['another port by the browser', { 'Sec-Fetch-Site': 'same-site' }, 'FOREIGN_ORIGIN'],
  ])('%s', async (_name, headers, code) => {
    const answered = await admin.post('/api/control/stop', undefined, { headers });
    expect([answered.status, answered.at('code')]).toEqual([403, code]);
  });

  test('the CSRF token of another session is refused', async () => {
    const other = web.client();
    await other.login('admin', PASSWORD);
    const answered = await admin.post('/api/control/stop', undefined, {
      headers: { 'X-CSRF-Token': other.csrf ?? '' },
    });
    expect(answered.at('code')).toBe('CSRF_TOKEN_NEEDED');
  });

  test('another site cannot send the login request', async () => {
    const body = { name: 'admin', password: PASSWORD };
    const answered = await web.client().post('/api/auth/login', body, { headers: { Origin: 'https://evil.example' } });
    expect([answered.status, answered.headers['set-cookie']]).toEqual([403, undefined]);
  });

  test('the own origin is accepted', async () => {
    const headers = { Origin: web.server.address, 'Sec-Fetch-Site': 'same-origin' };
    expect((await admin.delete('/api/auth/sessions', { headers })).status).toBe(200);
  });

  test('a foreign host name pointing at this server is refused', async () => {
    const answered = await web.client().get('/api/health', { headers: { Host: 'evil.example' } });
    expect([answered.status, answered.at('code')]).toEqual([421, 'WRONG_HOST']);
  });

  test('no other site may read: no CORS', async () => {
    const answered = await admin.get('/api/auth/session', { headers: { Origin: 'https://evil.example' } });
    expect(answered.headers['access-control-allow-origin']).toBeUndefined();
    expect((await web.client().call('OPTIONS', '/api/control/kill')).status).toBe(405);
  });
});

describe('forged and stale credentials', () => {
  test('unknown cookies are refused', async () => {
    const name = web.server.cookieName;
    const good = admin.cookie ?? '';
    const client = web.client();
    const forged = [
      `${name}=${randomBytes(32).toString('base64url')}`,
      `${name}=`,
      `${name}=' OR 1=1 --`,
      `${name}=../../etc/passwd`,
      `${good}; ${name}=x`,
      `${name}=x; ${good}`,
      `${good.slice(0, -1)}${good.endsWith('A') ? 'B' : 'A'}`,
      good.toUpperCase(),
      `${'x=y; '.repeat(2_000)}${good}`,
    ];
    for (const cookie of forged) {
      client.cookie = cookie;
      expect([cookie.slice(0, 60), (await client.get('/api/auth/session')).status]).toEqual([cookie.slice(0, 60), 401]);
    }
  });

  test('scripts cannot read the cookie, and other sites cannot send it', async () => {
    const answered = await web.client().login('admin', PASSWORD);
    const [cookie = ''] = answered.headers['set-cookie'] ?? [];
    expect(cookie).toMatch(/; Path=\/; HttpOnly; SameSite=Strict$/);
    expect(answered.headers['cache-control']).toBe('no-store');
  });

  test('login replaces the session cookie', async () => {
    const client = web.client();
    await client.login('admin', PASSWORD);
    const before = client.cookie;
    await client.login('admin', PASSWORD);
    expect(client.cookie).not.toBe(before);
    const old = web.client();
    old.cookie = before;
    expect((await old.get('/api/auth/session')).at('code')).toBe('NO_SESSION');
  });

  test('a password change ends other sessions and renews the own cookie', async () => {
    const user = await userOf(web, admin, 'operator');
    const elsewhere = web.client();
    await elsewhere.login('operator', PASSWORD);
    const before = user.cookie;
    const changed = await user.post('/api/auth/password', { current: PASSWORD, password: `${PASSWORD}-2` });
    expect(changed.status).toBe(200);
    expect(user.cookie).not.toBe(before);
    user.csrf = String(changed.at('csrfToken'));
    expect((await user.delete('/api/auth/sessions')).status).toBe(200);
    const stale = web.client();
    stale.cookie = before;
    expect([(await stale.get('/api/auth/session')).status, (await elsewhere.get('/api/auth/session')).status]).toEqual([
      ...[401, 401],
    ]);
  });

  test("a role change ends the user's sessions", async () => {
    const user = await userOf(web, admin, 'accountant');
    const id = String((await user.get('/api/auth/session')).at('user.userId'));
    expect((await admin.put(`/api/users/${id}/role`, { role: 'viewer' })).at('role')).toBe('viewer');
    expect((await user.get('/api/auth/session')).status).toBe(401);
    await user.login('accountant', PASSWORD);
    expect((await user.get('/api/auth/session')).at('user.role')).toBe('viewer');
  });

  test('a token is shown once, works, and is refused after it is revoked', async () => {
    const made = await admin.post('/api/auth/tokens', { label: 'script', role: 'viewer', days: 1 });
    const token = String(made.at('token'));
    const listed = await admin.get('/api/auth/tokens');
    expect(listed.text).not.toContain(token);
    const script = web.client();
    const headers = { Authorization: `Bearer ${token}` };
    expect((await script.get('/api/state', { headers })).status).toBe(200);
    expect((await script.get('/api/users', { headers })).at('code')).toBe('ROLE');
    expect((await script.post('/api/auth/tokens', { label: 'x', role: 'viewer', days: 1 }, { headers })).status).toBe(
      403,
    );
    expect((await admin.delete(`/api/auth/tokens/${String(made.at('tokenId'))}`)).status).toBe(204);
    expect((await script.get('/api/control', { headers })).at('code')).toBe('BAD_TOKEN');
    // a valid cookie does not replace a valid token
    expect((await admin.get('/api/control', { headers })).status).toBe(401);
  });

  test('a token above the own role is refused, and users cannot revoke tokens of others', async () => {
    const viewer = await userOf(web, admin, 'viewer');
    const above = await viewer.post('/api/auth/tokens', { label: 'x', role: 'admin', days: 1 });
    expect([above.status, above.at('code'), above.at('errors.0.field')]).toEqual([403, 'TOKEN_ABOVE_ROLE', 'role']);
    const made = await admin.post('/api/auth/tokens', { label: 'mine', role: 'viewer', days: 1 });
    expect((await viewer.delete(`/api/auth/tokens/${String(made.at('tokenId'))}`)).at('code')).toBe('NO_SUCH_TOKEN');
    const session = String((await admin.get('/api/auth/session')).at('sessionRef'));
    expect((await viewer.delete(`/api/auth/sessions/${session}`)).at('code')).toBe('NO_SUCH_SESSION');
    expect((await admin.get('/api/auth/session')).status).toBe(200);
  });
});

describe('guessing', () => {
  test('an unknown name and a wrong password give identical responses', async () => {
    const client = web.client();
    const wrong = await client.login('admin', 'not-the-password');
    const unknown = await client.login('nobody-at-all', 'not-the-password');
    const strip = (text: string): string => text.replace(/urn:tradebot:request:[0-9a-f]+/, '');
    expect([wrong.status, unknown.status]).toEqual([401, 401]);
    expect(strip(unknown.text)).toBe(strip(wrong.text));
    expect(Object.keys(unknown.headers).sort()).toEqual(Object.keys(wrong.headers).sort());
  });

  test('after failed attempts a new device waits half a minute at most, for unknown names too; a known one does not', async () => {
    const made = await admin.post('/api/users', { name: 'target', password: PASSWORD, role: 'viewer' });
    expect(made.status).toBe(201);
    const known = web.client('127.0.0.6');
    expect((await known.login('target', PASSWORD)).status).toBe(200);
    for (const name of ['target', 'no-such-target']) {
      let last = await web.client('127.0.0.7').login(name, 'guess-0-of-many');
      for (let attempt = 1; attempt < 40 && last.status === 401; attempt += 1) {
        last = await web.client(`127.0.${attempt}.7`).login(name, `guess-${attempt}-of-many`);
      }
      expect([last.status, last.at('code')]).toEqual([429, 'DELAYED']);
      expect(Number(last.headers['retry-after'])).toBeGreaterThan(0);
      expect(Number(last.headers['retry-after'])).toBeLessThanOrEqual(30);
    }
    expect((await known.login('target', PASSWORD)).status).toBe(200);
    const id = String(made.at('userId'));
    expect((await admin.post(`/api/users/${id}/unlock`, { reason: 'it was the user' })).at('lockedUntil')).toBeNull();
    expect((await web.client('127.0.0.8').login('target', PASSWORD)).status).toBe(200);
  });

  test('wrong attempts at any names delay nobody at another name', async () => {
    expect((await admin.post('/api/users', { name: 'calm', password: PASSWORD, role: 'viewer' })).status).toBe(201);
    for (let attempt = 0; attempt < 15; attempt += 1) {
      expect((await web.client('127.0.0.9').login(`name-${attempt}`, 'wrong-password')).status).toBe(401);
    }
    expect((await web.client('127.0.0.9').login('calm', PASSWORD)).status).toBe(200);
  });

  test('a password reset request gives everybody the same response', async () => {
    const client = web.client();
    const known = await client.post('/api/auth/password-reset', { email: 'a@example.org' });
    const unknown = await client.post('/api/auth/password-reset', { email: 'b@example.org' });
    expect([unknown.status, unknown.at('code')]).toEqual([known.status, known.at('code')]);
    const guessed = await client.post('/api/auth/password-reset/confirm', {
      token: randomBytes(32).toString('base64url'),
      password: `${PASSWORD}-3`,
    });
    expect([guessed.status, guessed.at('code')]).toEqual([422, 'BAD_RESET_TOKEN']);
  });

  test('nobody demotes or disables the own account', async () => {
    const id = String((await admin.get('/api/auth/session')).at('user.userId'));
    for (const answered of [
      await admin.put(`/api/users/${id}/role`, { role: 'viewer' }),
      await admin.post(`/api/users/${id}/disable`, { reason: 'a mistake' }),
    ]) {
      expect([answered.status, answered.at('code')]).toEqual([403, 'OWN_ACCOUNT']);
    }
  });
});

describe('malicious bodies and lines', () => {
  const deep = (depth: number): string => `${'['.repeat(depth)}${']'.repeat(depth)}`;

  test.each([
    ['too large', JSON.stringify({ name: 'x'.repeat(110_000) }), 413, 'BODY_TOO_LARGE'],
    ['cut off', '{"name":"a"', 400, 'MALFORMED_REQUEST'],
    ['no JSON', 'name=a&password=b', 400, 'MALFORMED_REQUEST'],
    ['a bare word', 'true', 400, 'MALFORMED_REQUEST'],
    ['nested thirteen deep', `{"name":${deep(13)}}`, 400, 'MALFORMED_REQUEST'],
    ['nested forty thousand deep', `{"name":${deep(40_000)}}`, 400, 'MALFORMED_REQUEST'],
    ['a prototype', '{"__proto__":{"role":"admin"},"name":"a","password":"b"}', 400, 'MALFORMED_REQUEST'],
    [
      'eight thousand members',
      JSON.stringify(Object.fromEntries([...Array(8_000).keys()].map((n) => [`m${n}`, 1]))),
      400,
      'MALFORMED_REQUEST',
    ],
    ['unknown members', '{"name":"a","password":"b","role":"admin"}', 422, 'INVALID_INPUT'],
    ['half a character in a name', '{"name":"a\\ud800","password":"b"}', 422, 'ILL_FORMED_TEXT'],
    ['half a character in a password', '{"name":"a","password":"long \\uDFFF password"}', 422, 'ILL_FORMED_TEXT'],
    ['half a character in a member name', '{"\\ud83d":"a"}', 422, 'ILL_FORMED_TEXT'],
    ['half a character deep down', `{"a":${'['.repeat(9)}"\\ud83d"${']'.repeat(9)}}`, 422, 'ILL_FORMED_TEXT'],
    ['a whole symbol', '{"name":"a\\ud83d\\udd11","password":"b"}', 401, 'BAD_CREDENTIALS'],
    ['an object for a text', '{"name":{"$ne":null},"password":"b"}', 422, 'INVALID_INPUT'],
    ['a constructor', '{"constructor":{"prototype":{"a":1}},"name":"a","password":"b"}', 400, 'MALFORMED_REQUEST'],
  ])('%s', async (_name, body, status, code) => {
    const answered = await web.client().post('/api/auth/login', body);
    expect([answered.status, answered.at('code')]).toEqual([status, code]);
  });

  test.each([
    ['of an announced length', 'Content-Length: 999999999', ''],
    ['in chunks', 'Transfer-Encoding: chunked', `1b000\r\n${'x'.repeat(0x1b000)}\r\n`],
  ])('a body that is too large and never ends, %s, is refused and cut off', async (_what, length, start) => {
    const head = `POST /api/auth/login HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n${length}\r\n\r\n`;
    expect(await cutOff(head + start)).toMatch(/^HTTP\/1\.1 413 /);
    expect((await web.client().get('/api/state')).status).toBe(200);
  });

  test.each([
    ['text/plain', '{"name":"a","password":"b"}'],
    ['application/x-www-form-urlencoded', 'name=a&password=b'],
    ['multipart/form-data; boundary=x', '--x--'],
    ['application/json; charset=latin1', '{}'],
  ])('a body as %s is not read', async (type, body) => {
    const answered = await web.client().post('/api/auth/login', body, { headers: { 'Content-Type': type } });
    expect([answered.status, answered.at('code')]).toEqual([415, 'NOT_JSON']);
  });

  test('a compressed body is refused because its real size is unknown', async () => {
    const headers = { 'Content-Encoding': 'gzip', 'Content-Type': 'application/json' };
    expect((await web.client().post('/api/auth/login', 'x', { headers })).status).toBe(415);
  });

  test.each([
    ['/api/logs/..%2f..%2fstorage%2fsecrets', 404],
    ['/api/logs/..%5c..%5cx/download', 404],
    ['/api/logs/%2e%2e/download', 404],
    ['/api/docs/files/..%2fpackage.json', 404],
    ['/app/assets/..%2f..%2f..%2fpackage.json', 404],
    ['/app/assets/../../../package.json', 404],
    ['/assets/..%2f..%2f..%2fpackage.json', 404],
    ['/api/users/U-1%00', 404],
    ['/api/users/%ff', 400],
    ['/api/users/U-1%0d%0aSet-Cookie:%20a=b', 404],
  ])('the address %s is not found', async (path, status) => {
    const answered = await admin.get(path);
    expect([answered.status, answered.headers['set-cookie']]).toEqual([status, undefined]);
    expect(answered.text).not.toMatch(/"dependencies"|gAAAA/);
  });

  test('lines that are not HTTP are answered or cut off, and the server continues', async () => {
    const host = `Host: 127.0.0.1:${web.server.port}\r\n`;
    expect(await raw(`GET / HTTP/1.1\r\n${host}X: ${'a'.repeat(40_000)}\r\n\r\n`)).toMatch(/^HTTP\/1.1 431/);
    expect(await raw('GARBAGE\r\n\r\n')).toMatch(/^HTTP\/1.1 400/);
    expect(await raw(`GET /api/health HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n`)).toMatch(/^HTTP\/1.1 4/);
    expect(
      await raw(
        `POST /api/auth/login HTTP/1.1\r\n${host}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
      ),
    ).toMatch(/^HTTP\/1.1 400/);
    expect(await raw(`TRACE / HTTP/1.1\r\n${host}Connection: close\r\n\r\n`)).toMatch(/^HTTP\/1.1 405/);
    expect((await web.client().get('/api/health')).status).toBe(200);
  });

  test('every response carries the headers of SEC-15 and names no product', async () => {
    for (const path of ['/', '/api/health', '/api/nothing', '/api/users']) {
      const { headers } = await web.client().get(path);
      expect(headers['content-security-policy']).toContain("default-src 'none'");
      expect(headers['content-security-policy']).not.toContain('unsafe');
      expect([headers['x-frame-options'], headers['x-content-type-options']]).toEqual(['DENY', 'nosniff']);
      expect([headers['x-powered-by'], headers['server'], headers['strict-transport-security']]).toEqual([
        ...[undefined, undefined, undefined],
      ]);
    }
  });
});

describe('many requests at once', () => {
  test('1,000 parallel requests are all answered', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1_000 });
    const client = web.client();
    client.cookie = admin.cookie;
    client.csrf = admin.csrf;
    const answers = await Promise.all(
      Array.from({ length: 1_000 }, (_, n) => client.get(n % 2 === 0 ? '/api/auth/session' : '/api/health', { agent })),
    );
    agent.destroy();
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  });

  test('of many requests with one Idempotency-Key exactly one does the work', async () => {
    const headers = { 'Idempotency-Key': 'e0a7a8f0-parallel' };
    const body = { label: 'once', role: 'viewer', days: 1 };
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => admin.post('/api/auth/tokens', body, { headers })),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 10 }, () => 201));
    expect(new Set(answers.map((answered) => answered.at('tokenId'))).size).toBe(1);
    const tokens = JSON.parse((await admin.get('/api/auth/tokens')).text) as { label: string }[];
    expect(tokens.filter(({ label }) => label === 'once')).toHaveLength(1);
    const other = await admin.post('/api/auth/tokens', { ...body, days: 2 }, { headers });
    expect([other.status, other.at('code')]).toEqual([422, 'IDEMPOTENCY_KEY_REUSED']);
    const bad = await admin.post('/api/auth/tokens', body, { headers: { 'Idempotency-Key': 'short' } });
    expect(bad.at('code')).toBe('BAD_IDEMPOTENCY_KEY');
  });
});

test('none of this is in the log, and no stack trace was sent', () => {
  const log = JSON.stringify([web.log.requests, web.log.notes]);
  expect(log).not.toContain(PASSWORD);
  expect(log).not.toContain(admin.cookie?.split('=')[1]);
  expect(log).not.toMatch(/tbp_|guess-/);
  expect(web.log.failures).toEqual([]);
});
