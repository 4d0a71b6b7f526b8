import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { provisionTestHome } from '../../support/provision.js';
import { firstAdmin, moveTo, startTestWeb, type Answered, type TestWeb, type WebClient } from '../../support/web.js';
import { removeTemporaryHomes, temporaryHome } from '../../unit/support/home.js';

interface Description {
  readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly requestBody?: unknown }>>>>;
}

let web: TestWeb;
let admin: WebClient;
/** Operations of the description that take no body, such as `POST /api/books/seal`. */
let without: readonly string[];

beforeAll(async () => {
  const home = temporaryHome();
  await provisionTestHome(home);
  web = await startTestWeb({ home, answer: () => ({}) });
  admin = await firstAdmin(web);
  await moveTo(web, 'idle');
  const { paths } = JSON.parse((await admin.get('/api/docs/openapi.json')).text) as Description;
  without = Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item).flatMap(([method, { requestBody }]) =>
      requestBody === undefined && path !== '/api/setup' ? [`${method.toUpperCase()} ${path}`] : [],
    ),
  );
});

afterAll(async () => {
  await web.stop();
  removeTemporaryHomes();
});

const BODIES: readonly (readonly [string, string, string, readonly string[]])[] = [
  [
    'an object with unknown fields',
    'application/json',
    '{"force":true,"thisIsNoMember":1}',
    ['force', 'thisIsNoMember'],
  ],
  ['a list', 'application/json', '[1]', ['']],
  ['an empty list', 'application/json', '[]', ['']],
];

function send(operation: string, type: string, body: string): Promise<Answered> {
  const [method = '', path = ''] = operation.split(' ');
  const address = path.replaceAll(/\{\w+\}/g, 'U-0123456789abcdef');
  // Node announces no body of a GET by itself
  return admin.call(method, address, {
    body,
    headers: { 'Content-Type': type, 'Content-Length': String(body.length) },
  });
}

test.each(BODIES)('every operation without a body refuses %s by its fields', async (_, type, body, fields) => {
  expect(without.length).toBeGreaterThan(60);
  const wrong: string[] = [];
  for (const operation of without) {
    const answered = await send(operation, type, body);
    const found = (answered.at('errors') as { readonly field: string }[] | undefined)?.map(({ field }) => field);
    const refused = answered.status === 400 && answered.at('code') === 'BODY_NOT_TAKEN';
    if (!refused || found?.join() !== fields.join()) wrong.push(`${operation}: ${answered.status} ${answered.text}`);
  }
  expect(wrong).toEqual([]);
  expect(web.asked).toEqual([]);
});

test('text, and more than 100 kB of anything, is refused by every operation', async () => {
  const wrong: string[] = [];
  for (const operation of without) {
    const text = await send(operation, 'text/plain', 'a');
    const wanted = operation.startsWith('GET ') ? '400 BODY_NOT_TAKEN' : '415 NOT_JSON';
    const large = await send(operation, 'text/plain', 'a'.repeat(200_000));
    const found = [text, large].map((one) => `${one.status} ${String(one.at('code'))}`).join();
    if (found !== `${wanted},413 BODY_TOO_LARGE`) wrong.push(`${operation}: ${found}`);
  }
  expect(wrong).toEqual([]);
  expect(web.asked).toEqual([]);
});

test('an empty object, and no body at all, is none', async () => {
  for (const body of ['{}', ''])
    expect((await send('POST /api/universe/build', 'application/json', body)).status).toBe(202);
  expect(web.asked).toHaveLength(2);
});

test('an address that ends with a slash, as with an empty id, reaches no list', async () => {
  const userId = String((await admin.get('/api/auth/session')).at('user.userId'));
  const sessions = (): number => web.context.users().sessions.list(userId).length;
  const before = sessions();
  expect(before).toBeGreaterThan(0);
  const path = '/api/auth/sessions';
  for (const address of [`${path}/`, `${path}//`, `${path.toUpperCase()}/`, `${path}/?tokens=true`]) {
    const answered = await admin.delete(address);
    expect([address, answered.status, answered.at('code')]).toEqual([address, 404, 'NOT_FOUND']);
  }
  expect((await admin.get('/api/users/')).status).toBe(404);
  expect(sessions()).toBe(before);
});
