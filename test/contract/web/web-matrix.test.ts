import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { BotState } from '../../../src/domain/lifecycle/bot-state.js';
import type { Role } from '../../../src/domain/access/roles.js';
import { sha256Hex } from '../../../src/kernel/hash.js';
import { epochMs, MINUTE_MS } from '../../../src/kernel/time.js';
import type { Endpoint } from '../../../src/processes/web/common/catalogue.js';
import { isServed } from '../../../src/processes/web/common/route-availability.js';
import { provisionTestHome } from '../../support/provision.js';
import { RIGHTS, ROLES } from '../../support/rights.js';
import { firstAdmin, moveTo, PASSWORD, startTestWeb, userOf, type TestWeb, type WebClient } from '../../support/web.js';
import { removeTemporaryHomes, temporaryHome } from '../../unit/support/home.js';

/** The part of the web, the permission of every endpoint, and whether it needs a fresh proof. Each new endpoint needs a line here. */
const EXPECTED: Readonly<Record<string, string>> = {
  'DELETE /api/auth/sessions': 'dashboard account proof',
  'DELETE /api/auth/sessions/:ref': 'dashboard account proof',
  'DELETE /api/auth/tokens/:id': 'dashboard account proof',
  'DELETE /api/users/:id/second-factor': 'dashboard users proof',
  'DELETE /api/users/:id/sessions': 'dashboard users proof',
  'DELETE /api/users/:id/tokens/:tokenId': 'dashboard users proof',
  'GET /': 'always public',
  'GET /app': 'always public',
  'GET /app/*path': 'always public',
  'GET /api/books/tasks': 'dashboard verify',
  'GET /api/books/tasks/:id': 'dashboard verify',
  'GET /api/exports': 'dashboard exports',
  'GET /api/exports/:format/:name': 'dashboard exports',
  'POST /api/backups': 'dashboard maintenance',
  'POST /api/universe/build': 'dashboard maintenance',
  'GET /api/universe/why': 'dashboard read',
  'POST /api/books/check': 'dashboard verify',
  'POST /api/books/rebuild': 'dashboard maintenance',
  'POST /api/books/seal': 'dashboard maintenance',
  'POST /api/books/verify': 'dashboard verify',
  'POST /api/exports': 'dashboard exports',
  'POST /api/float': 'dashboard float',
  'POST /api/adjustments': 'dashboard adjusting-entries',
  'GET /api/auth/session': 'dashboard account',
  'GET /api/auth/sessions': 'dashboard account',
  'GET /api/auth/tokens': 'dashboard account',
  'GET /api/conditions': 'dashboard read',
  'GET /api/compare/sessions': 'dashboard read',
  'GET /api/compare/settings': 'dashboard settings',
  'GET /api/control': 'dashboard read',
  'GET /api/docs': 'always public',
  'GET /api/docs/files/:name': 'always public',
  'GET /api/docs/openapi.json': 'always public',
  'GET /api/decisions': 'dashboard read',
  'GET /api/explain': 'dashboard read',
  'GET /api/explain/fields': 'dashboard read',
  'GET /api/events/live': 'dashboard read',
  'GET /api/health': 'always public',
  'GET /api/journal/event': 'dashboard read',
  'GET /api/journal/between': 'dashboard read',
  'GET /api/journal/events': 'dashboard read',
  'GET /api/journal/events/:id/frame': 'dashboard read',
  'GET /api/days': 'dashboard read',
  'GET /api/days/:date': 'dashboard read',
  'GET /api/ledger/accounts': 'dashboard read',
  'GET /api/ledger/balances': 'dashboard read',
  'GET /api/ledger/entries': 'dashboard read',
  'GET /api/ledger/lots': 'dashboard read',
  'GET /api/logs': 'dashboard read',
  'GET /api/logs/:name': 'dashboard read',
  'GET /api/logs/:name/download': 'dashboard read',
  'GET /api/market/chart': 'dashboard read',
  'GET /api/market/days': 'dashboard read',
  'GET /api/now': 'dashboard read',
  'GET /api/orders': 'dashboard read',
  'GET /api/orders/:id': 'dashboard read',
  'GET /api/trades': 'dashboard read',
  'GET /api/performance': 'dashboard read',
  'GET /api/risk': 'dashboard read',
  'GET /api/processes': 'dashboard read',
  'GET /api/roles': 'dashboard read',
  'GET /api/secrets': 'dashboard secrets',
  'GET /api/settings': 'dashboard settings',
  'GET /api/settings/history': 'dashboard settings',
  'GET /api/setup': 'setup public',
  'GET /api/state': 'always public',
  'GET /api/status': 'dashboard read',
  'GET /api/strategies/inverse-etfs': 'dashboard read',
  'GET /api/strategies/own': 'dashboard read',
  'GET /api/strategies/tuning': 'dashboard read',
  'GET /api/tests': 'dashboard test-mode',
  'GET /api/users': 'dashboard users',
  'GET /api/users/:id': 'dashboard users',
  'GET /api/users/:id/sessions': 'dashboard users',
  'GET /api/users/:id/tokens': 'dashboard users',
  'GET /login': 'always public',
  'GET /register': 'always public',
  'GET /setup': 'always public',
  'POST /api/auth/close': 'dashboard account proof',
  'POST /api/auth/login': 'dashboard public',
  'POST /api/auth/logout': 'dashboard account',
  'POST /api/auth/password': 'dashboard account',
  'POST /api/auth/password-reset': 'dashboard public',
  'POST /api/auth/password-reset/confirm': 'dashboard public',
  'POST /api/auth/proof': 'dashboard account',
  'POST /api/auth/second-factor': 'dashboard account proof',
  'POST /api/auth/second-factor/confirm': 'dashboard account proof',
  'POST /api/auth/second-factor/disable': 'dashboard account proof',
  'POST /api/auth/tokens': 'dashboard account proof',
  'POST /api/control/kill': 'dashboard control',
  'POST /api/control/reset': 'dashboard reset-protections',
  'GET /api/confirmations': 'dashboard read',
  'POST /api/confirmations/decide': 'dashboard confirm-trades',
  'GET /api/mismatches': 'dashboard read',
  'GET /api/journal/state': 'dashboard read',
  'GET /api/journal/streams': 'dashboard read',
  'POST /api/journal/streams/acknowledge': 'dashboard streams proof',
  'POST /api/mismatches/resolve': 'dashboard adjusting-entries',
  'POST /api/control/start': 'dashboard control',
  'POST /api/control/stop': 'dashboard control',
  'POST /api/registration': 'registration setup-token',
  'POST /api/secrets/destroy-earlier': 'dashboard secrets proof',
  'POST /api/secrets/rotate': 'dashboard secrets proof',
  'POST /api/setup': 'setup setup-token',
  'POST /api/setup/check': 'setup setup-token',
  'POST /api/setup/journal-check': 'setup setup-token',
  'POST /api/tests/:test': 'dashboard test-mode',
  'POST /api/users': 'dashboard users proof',
  'POST /api/users/:id/disable': 'dashboard users proof',
  'POST /api/users/:id/enable': 'dashboard users proof',
  'POST /api/users/:id/password-reset': 'dashboard users proof',
  'POST /api/users/:id/unlock': 'dashboard users proof',
  'PUT /api/secrets/:name': 'dashboard secrets proof',
  'PUT /api/settings': 'dashboard settings',
  'PUT /api/strategies/inverse-etfs': 'dashboard settings',
  'PUT /api/users/:id/password': 'dashboard users proof',
  'PUT /api/users/:id/role': 'dashboard users proof',
};

/** A body that every endpoint refuses, so an accepted user changes nothing. */
const BODY = { thisIsNoMember: 1 };
const PARTS_OF_PATHS: Readonly<Record<string, string>> = {
  ':id': 'U-0123456789abcdef',
  ':ref': 'S-0123456789abcdef',
  ':tokenId': 'P-0123456789abcdef',
  ':name': 'nothing.of.this.name',
  ':test': 'no_such_test',
  ':format': 'ofx',
  ':date': '2026-01-05',
  '*path': 'nothing.mjs',
};

function addressOf({ path }: Endpoint): string {
  return path
    .split('/')
    .map((part) => PARTS_OF_PATHS[part] ?? part)
    .join('/');
}

/** Status, and the code of a problem. Streams are left as soon as they begin. */
async function ask(client: WebClient, endpoint: Endpoint): Promise<string> {
  if (endpoint.path.endsWith('/live')) return openStream(client, endpoint);
  const body = endpoint.method === 'GET' || endpoint.method === 'DELETE' ? {} : { body: BODY };
  const answered = await client.call(endpoint.method, addressOf(endpoint), body);
  const code = answered.at('code');
  return `${answered.status}${typeof code === 'string' ? ` ${code}` : ''}`;
}

async function openStream(client: WebClient, { path }: Endpoint): Promise<string> {
  const response = await fetch(`${client.server.address}${path}`, {
    headers: { Cookie: client.cookie ?? '', 'X-CSRF-Token': client.csrf ?? '' },
  });
  const text = response.ok ? '' : ` ${((await response.json()) as { code: string }).code}`;
  if (response.ok) await response.body?.cancel();
  return `${response.status}${text}`;
}

describe('the role matrix (SEC-12)', () => {
  let web: TestWeb;
  const clients: Partial<Record<Role, WebClient>> = {};
  /** Ahead of the time at which sessions prove their password. */
  let laterMs = 0;

  beforeAll(async () => {
    const home = temporaryHome();
    await provisionTestHome(home);
    const personalClock = { now: () => epochMs(Date.now() + laterMs) };
    web = await startTestWeb({ home, personalClock, answer: () => ({}) });
    clients.admin = await firstAdmin(web);
    for (const role of ['viewer', 'operator', 'accountant'] as const) {
      clients[role] = await userOf(web, clients.admin, role);
    }
  });

  afterAll(async () => {
    await web.stop();
    removeTemporaryHomes();
  });

  test('every endpoint is in the table with its part and its permission', () => {
    const found = web.server.endpoints.map(({ method, path, part, access, proof }) => [
      `${method} ${path}`,
      `${part} ${access.kind === 'needs' ? access.permission : access.kind}${proof ? ' proof' : ''}`,
    ]);
    expect(Object.fromEntries(found)).toEqual(EXPECTED);
  });

  test('the matrix that every user may see is the one that is enforced', async () => {
    const answered = await clients.viewer!.get('/api/roles');
    const shown = answered.at('permissions') as { readonly permission: string; readonly roles: readonly Role[] }[];
    const of = (role: Role) => shown.filter(({ roles }) => roles.includes(role)).map(({ permission }) => permission);
    for (const role of ROLES) expect([role, of(role).sort()]).toEqual([role, [...RIGHTS[role]].sort()]);
  });

  test('the server serves exactly the routes of the table', () => {
    const { router } = web.server.app.getHttpAdapter().getInstance() as unknown as {
      router: { stack: { route?: { path: string; methods: Record<string, boolean> } }[] };
    };
    const routes = router.stack.flatMap(({ route }) =>
      route === undefined ? [] : Object.keys(route.methods).map((method) => `${method.toUpperCase()} ${route.path}`),
    );
    expect(routes.sort()).toEqual(Object.keys(EXPECTED).sort());
  });

  test('no endpoint works without a session', async () => {
    const stranger = web.client();
    const let_in: string[] = [];
    for (const endpoint of web.server.endpoints.filter(({ access }) => access.kind === 'needs')) {
      const answer = await ask(stranger, endpoint);
      if (!answer.startsWith('401 ')) let_in.push(`${endpoint.name}: ${answer}`);
    }
    expect(let_in).toEqual([]);
  });

  const serving = (): readonly Endpoint[] =>
    web.server.endpoints.filter(({ access, part }) => access.kind === 'needs' && isServed(part, web.context.state));

  /** The permission and the need of a proof as the table above has them, not as the code has. */
  function expectedOf({ method, path }: Endpoint): { readonly permission: string; readonly proof: boolean } {
    const [, permission = '', proof] = (EXPECTED[`${method} ${path}`] ?? '').split(' ');
    return { permission, proof: proof === 'proof' };
  }

  /** What stands between a caller and an endpoint; '' for nothing. */
  const refusalIn = (answer: string): string =>
    /^(401|403 (ROLE|CSRF\w*|FRESH_PROOF_NEEDED|SESSION_NEEDED))/.exec(answer)?.[0] ?? '';

  /** An endpoint of the account may have ended the session; log-ins without need are paced. */
  async function haveSession(client: WebClient, role: Role): Promise<void> {
    if ((await client.get('/api/auth/session')).status !== 200) await client.login(role, PASSWORD);
  }

  test.each(ROLES)('a session of role %s with a proof may do exactly what the specification allows', async (role) => {
    const client = clients[role]!;
    const wrong: string[] = [];
    for (const endpoint of serving()) {
      await haveSession(client, role);
      const answer = await ask(client, endpoint);
      const wanted = RIGHTS[role].includes(expectedOf(endpoint).permission) ? '' : '403 ROLE';
      if (refusalIn(answer) !== wanted) wrong.push(`${endpoint.method} ${endpoint.path}: ${answer}`);
    }
    expect(wrong).toEqual([]);
  });

  test.each(ROLES)('a session of role %s whose proof is old may do the same, except what needs one', async (role) => {
    const client = clients[role]!;
    const wrong: string[] = [];
    for (const endpoint of serving()) {
      await haveSession(client, role);
      laterMs = 11 * MINUTE_MS;
      const answer = await ask(client, endpoint);
      laterMs = 0;
      const { permission, proof } = expectedOf(endpoint);
      const allowed = RIGHTS[role].includes(permission);
      const wanted = !allowed ? '403 ROLE' : proof ? '403 FRESH_PROOF_NEEDED' : '';
      if (refusalIn(answer) !== wanted) wrong.push(`${endpoint.method} ${endpoint.path}: ${answer}`);
    }
    expect(wrong).toEqual([]);
  });

  const TOKENS = ROLES.flatMap((role) => [
    ['its own', role, role] as const,
    ...(role === 'admin' ? [] : ([["an admin's narrowed", role, 'admin']] as const)),
  ]);

  test.each(TOKENS)('%s token of role %s may do neither account nor what needs a proof', async (_, role, owner) => {
    const issuer = clients[owner]!;
    await issuer.login(owner, PASSWORD);
    const made = await issuer.post('/api/auth/tokens', { label: role, role, days: 1 });
    expect(made.status).toBe(201);
    const script = web.client();
    const headers = { Authorization: `Bearer ${String(made.at('token'))}` };
    const wrong: string[] = [];
    for (const endpoint of serving()) {
      if (endpoint.path.endsWith('/live')) continue;
      const { method } = endpoint;
      const body = method === 'GET' || method === 'DELETE' ? {} : { body: BODY };
      const answered = await script.call(method, addressOf(endpoint), { headers, ...body });
      const { permission, proof } = expectedOf(endpoint);
      const allowed = permission !== 'account' && RIGHTS[role].includes(permission);
      const wanted = !allowed ? '403 ROLE' : proof ? '403 SESSION_NEEDED' : '';
      const answer = `${answered.status} ${String(answered.at('code'))}`;
      if (refusalIn(answer) !== wanted) wrong.push(`${method} ${endpoint.path}: ${answer}`);
    }
    expect(wrong).toEqual([]);
  });

  test('a session cookie alone, as any server on this machine gets it, neither reads nor changes', async () => {
    await clients.admin!.login('admin', PASSWORD);
    const thief = web.client();
    thief.cookie = clients.admin!.cookie;
    const wrong: string[] = [];
    for (const endpoint of serving()) {
      const answer = await ask(thief, endpoint);
      if (answer !== '403 CSRF_TOKEN_NEEDED') wrong.push(`${endpoint.method} ${endpoint.path}: ${answer}`);
    }
    expect(wrong).toEqual([]);
    // nor does a token of its own make, with a digest put at the end of the cookie
    thief.csrf = 'a'.repeat(43);
    expect((await thief.get('/api/auth/session')).at('code')).toBe('CSRF_TOKEN_NEEDED');
    thief.cookie = `${(clients.admin!.cookie ?? '').slice(0, -64)}${sha256Hex(`csrf:${thief.csrf}`)}`;
    expect((await thief.get('/api/auth/session')).at('code')).toBe('NO_SESSION');
  });

  test('no change below the path of a user is open to that user', async () => {
    const admin = clients.admin!;
    await admin.login('admin', PASSWORD);
    const self = String((await admin.get('/api/auth/session')).at('user.userId'));
    const changes = web.server.endpoints.filter(
      ({ method, path }) => method !== 'GET' && path.startsWith('/api/users/:id'),
    );
    expect(changes.length).toBeGreaterThan(7);
    const wrong: string[] = [];
    for (const { method, path } of changes) {
      const body = method === 'DELETE' ? {} : { body: BODY };
      const address = path.replace(':id', self).replace(/:\w+/, 'P-0123456789abcdef');
      const answered = await admin.call(method, address, body);
      if (answered.at('code') !== 'OWN_ACCOUNT') wrong.push(`${method} ${path}: ${answered.text}`);
    }
    expect(wrong).toEqual([]);
  });
});

describe('routes served in each state (WEB-4)', () => {
  const STATES: Readonly<Record<string, readonly string[]>> = {
    initialize: ['always', 'setup'],
    registration: ['always', 'registration'],
    started: ['always', 'dashboard'],
    error: ['always', 'dashboard'],
  };

  async function served(web: TestWeb): Promise<readonly string[]> {
    const client = web.client();
    const parts = new Set<string>();
    for (const endpoint of web.server.endpoints) {
      const answer = await ask(client, endpoint);
      const refused = /^(404 (SETUP|REGISTRATION)_IS_OVER|409 (NOT_SET_UP|NO_USER_YET))$/.test(answer);
      if (!refused) parts.add(endpoint.part);
    }
    return [...parts].sort();
  }

  test.each(Object.keys(STATES))('in %s', async (state) => {
    const home = temporaryHome();
    if (state !== 'initialize') await provisionTestHome(home);
    const web = await startTestWeb({ home, answer: () => ({}) });
    const way: readonly BotState[] = state === 'error' ? ['started', 'error'] : ['started'];
    if (state === 'started' || state === 'error') await moveTo(web, ...way);
    expect(web.context.state).toBe(state);
    expect(await served(web)).toEqual([...(STATES[state] ?? [])].sort());
    await web.stop();
    removeTemporaryHomes();
  });
});
