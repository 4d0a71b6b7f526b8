import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { provisionTestHome } from '../../support/provision.js';
import { BY_SETUP_TOKEN, moveTo, PASSWORD, SETUP_TOKEN, startTestWeb, type TestWeb } from '../../support/web.js';
import { removeTemporaryHomes, temporaryHome } from '../../unit/support/home.js';

const PATH = '/api/registration';
const ANNA = { name: 'Anna', password: PASSWORD };
const EVE = { name: 'eve', password: PASSWORD };

let web: TestWeb;

async function begin(setupToken: string | null = SETUP_TOKEN): Promise<void> {
  const home = temporaryHome();
  await provisionTestHome(home);
  web = await startTestWeb({ home, web: { setupToken } });
}

afterEach(async () => {
  await web.stop();
  removeTemporaryHomes();
});

const users = async (): Promise<readonly string[]> =>
  (await web.context.open().journal.readAll({ filter: { types: ['UserRegistered', 'AccessDenied'] } })).map(
    ({ type, data }) => `${type} ${'role' in data ? data.role : 'code' in data ? data.code : ''}`,
  );

describe('the first account', () => {
  beforeEach(() => begin());

  test('it is created once, by the holder of the token, in state registration only', async () => {
    const client = web.client();
    const made = await client.post(PATH, ANNA, BY_SETUP_TOKEN);
    expect([made.status, made.at('name'), made.at('role')]).toEqual([201, 'anna', 'admin']);
    const again = await client.post(PATH, EVE, BY_SETUP_TOKEN);
    expect([again.status, again.at('code')]).toEqual([409, 'REGISTRATION_OVER']);
    await moveTo(web, 'started');
    const late = await client.post(PATH, EVE, BY_SETUP_TOKEN);
    expect([late.status, late.at('code')]).toEqual([404, 'REGISTRATION_IS_OVER']);
    expect(await users()).toEqual(['UserRegistered admin']);
  });

  test.each([
    ['no token', {}, 'SETUP_TOKEN_NEEDED', []],
    ['an empty one', { 'X-Setup-Token': '' }, 'SETUP_TOKEN_NEEDED', []],
    ['a wrong one', { 'X-Setup-Token': 'guessed' }, 'SETUP_TOKEN_WRONG', ['AccessDenied SETUP_TOKEN_WRONG']],
    [
      'a part of it',
      { 'X-Setup-Token': SETUP_TOKEN.slice(1) },
      'SETUP_TOKEN_WRONG',
      ['AccessDenied SETUP_TOKEN_WRONG'],
    ],
  ])('%s creates no account, and the right token still does', async (_name, headers, code, reported) => {
    const refused = await web.client().post(PATH, EVE, { headers: { ...headers } });
    expect([refused.status, refused.at('code')]).toEqual([401, code]);
    expect(refused.headers['www-authenticate']).toContain('Setup-Token');
    expect(refused.at('remedy')).toContain('was printed where the bot was started');
    expect(await users()).toEqual(reported);
    expect((await web.client().post(PATH, ANNA, BY_SETUP_TOKEN)).status).toBe(201);
  });

  test('the token is checked before the form', async () => {
    expect((await web.client().post(PATH, { nonsense: 1 })).at('code')).toBe('SETUP_TOKEN_NEEDED');
    expect((await web.client().post(PATH, { nonsense: 1 }, BY_SETUP_TOKEN)).at('code')).toBe('INVALID_INPUT');
  });

  test.each([
    ['all of them', { name: '-', email: 'nobody', password: 'short', more: 1 }, ['email', 'more', 'name', 'password']],
    [
      'one of its shape, two of the rules',
      { name: 5, email: 'nobody', password: 'short' },
      ['email', 'name', 'password'],
    ],
    ['a common password', { name: 'a b', password: 'password1234' }, ['name', 'password']],
    ['a password made of the name', { name: 'annabelle-smith', password: 'annabelle-smith' }, ['password']],
    ['nothing', {}, ['name', 'password']],
  ])('every fault of the form is answered at once, each with its field: %s', async (_, form, fields) => {
    const answered = await web.client().post(PATH, form, BY_SETUP_TOKEN);
    const errors = answered.at('errors') as { readonly field: string; readonly message: string }[];
    expect(answered.status).toBe(422);
    expect([...new Set(errors.map(({ field }) => field))].sort()).toEqual(fields);
    expect(web.context.users().users.isEmpty).toBe(true);
    expect((await web.client().post(PATH, ANNA, BY_SETUP_TOKEN)).status).toBe(201);
  });

  test('after ten wrong tokens further wrong ones are refused at once, and the right one never is', async () => {
    const wrong = { headers: { 'X-Setup-Token': 'guessed' } };
    for (let n = 0; n < 10; n += 1) expect((await web.client().post(PATH, EVE, wrong)).status).toBe(401);
    const answered = await web.client().post(PATH, EVE, wrong);
    expect([answered.status, answered.at('code')]).toEqual([429, 'TOO_MANY_TOKENS']);
    expect(Number(answered.headers['retry-after'])).toBeGreaterThan(0);
    expect((await web.client().post(PATH, ANNA, BY_SETUP_TOKEN)).status).toBe(201);
  });

  test('of many requests with the right token exactly one creates the admin', async () => {
    const names = ['anna', 'ben', 'cleo', 'dora', 'emil', 'fred'];
    const answers = await Promise.all(
      names.map((name) => web.client().post(PATH, { name, password: PASSWORD }, BY_SETUP_TOKEN)),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409, 409, 409]);
    expect(await users()).toEqual(['UserRegistered admin']);
    expect(web.context.users().users.list().length).toBe(1);
  });

  test('the token is in no response, log or event', async () => {
    const client = web.client();
    const wrong = { headers: { 'X-Setup-Token': `${SETUP_TOKEN}x` } };
    const answers = [
      await client.post(PATH, EVE, wrong),
      await client.post(PATH, ANNA, BY_SETUP_TOKEN),
      await client.get('/api/state'),
    ];
    const { requests, failures, notes } = web.log;
    const events = await web.context.open().journal.readAll({});
    const said = JSON.stringify([requests, failures, notes, answers.map(({ text }) => text), events]);
    expect(said).not.toContain(SETUP_TOKEN);
  });
});

test('a web process without a token creates no account for any request', async () => {
  await begin(null);
  for (const token of ['null', 'undefined', SETUP_TOKEN]) {
    const answered = await web.client().post(PATH, EVE, { headers: { 'X-Setup-Token': token } });
    expect([answered.status, answered.at('code')]).toEqual([401, 'SETUP_TOKEN_WRONG']);
  }
  expect(web.context.users().users.isEmpty).toBe(true);
});
