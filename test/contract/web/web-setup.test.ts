import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { brokerError, configError } from '../../../src/kernel/errors.js';
import type { Ask } from '../../../src/processes/ipc/messages.js';
import {
  BY_SETUP_TOKEN as BY_TOKEN,
  SETUP_TOKEN as TOKEN,
  startTestWeb,
  type Answered,
  type TestWeb,
} from '../../support/web.js';
import { removeTemporaryHomes, temporaryHome } from '../../unit/support/home.js';
import { answersOf } from './support/worker-answers.js';
import { EsdbDouble } from '../../support/esdb-double/double.js';
import { eventually } from '../../support/eventually.js';

let web: TestWeb;
let home: string;

async function begin(answer?: (ask: Ask) => unknown): Promise<void> {
  home = temporaryHome();
  web = await startTestWeb({ home, answer: answer ?? answersOf(home) });
}

async function until(wanted: (answered: Answered) => boolean): Promise<Answered> {
  let answered = await web.client().get('/api/setup');
  await eventually('the set-up at that point', async () => {
    if (!wanted(answered)) answered = await web.client().get('/api/setup');
    return wanted(answered);
  });
  return answered;
}

afterEach(async () => {
  await web.stop();
  removeTemporaryHomes();
});

describe('a new home', () => {
  beforeEach(() => begin());

  test('it shows state, progress, brokers and defaults to everybody, but no value', async () => {
    const answered = await web.client().get('/api/setup');
    expect([answered.status, answered.at('state'), answered.at('progress.percent')]).toEqual([200, 'initialize', 0]);
    expect(answered.at('brokers.0.code')).toBe('SIM');
    expect(answered.at('defaults.openingFloat')).toBe('25000.00');
    expect(answered.text).not.toContain(TOKEN);
  });

  test.each([
    ['no token', {}, 401, 'SETUP_TOKEN_NEEDED'],
    ['a wrong one', { 'X-Setup-Token': 'one-time-5f1c0f' }, 401, 'SETUP_TOKEN_WRONG'],
    ['a part of it', { 'X-Setup-Token': TOKEN.slice(0, -1) }, 401, 'SETUP_TOKEN_WRONG'],
  ])('%s is refused', async (_, headers: Readonly<Record<string, string>>, status, code) => {
    for (const path of ['/api/setup', '/api/setup/check', '/api/setup/journal-check']) {
      const answered = await web.client().post(path, {}, { headers });
      expect([answered.status, answered.at('code')]).toEqual([status, code]);
    }
    expect(web.asked).toEqual([]);
  });

  test('after ten wrong tokens in a minute further wrong ones are refused at once, and the right one never is', async () => {
    const wrong = { headers: { 'X-Setup-Token': 'x' } };
    for (let n = 0; n < 10; n += 1) expect((await web.client().post('/api/setup/check', {}, wrong)).status).toBe(401);
    const answered = await web.client().post('/api/setup/check', {}, wrong);
    expect([answered.status, answered.at('code')]).toEqual([429, 'TOO_MANY_TOKENS']);
    expect(Number(answered.headers['retry-after'])).toBeGreaterThan(0);
    expect((await web.client().post('/api/setup/check', {}, BY_TOKEN)).status).toBe(200);
  });

  test('a page of another site is refused with the right token', async () => {
    const headers = { ...BY_TOKEN.headers, Origin: 'http://evil.example' };
    expect((await web.client().post('/api/setup', {}, { headers })).at('code')).toBe('FOREIGN_ORIGIN');
  });

  test('a directory outside the home for the seals is proposed to the holder of the token only', async () => {
    const proposed = `${web.context.base.home}-seals`;
    expect((await web.client().post('/api/setup/check', {}, BY_TOKEN)).at('sealAnchor')).toBe(proposed);
    expect(JSON.stringify(await web.client().get('/api/setup'))).not.toContain(web.context.base.home);
  });

  test('all faults of the form are reported at once by field, and nothing is started', async () => {
    const form = {
      identity: { entityCode: 'a b', jurisdictionCode: 'US', brokerCode: 'SIM', botId: '' },
      openingFloat: '-1',
      symbols: [],
      smtp: { SMTP_PORT: '0' },
      settings: { MAX_TRADES: 'many', NO_SUCH_KEY: '1' },
    };
    const checked = await web.client().post('/api/setup/check', form, BY_TOKEN);
    const fields = ['identity.botId', 'identity.entityCode', 'openingFloat', 'settings.MAX_TRADES', 'smtp.SMTP_PORT'];
    const named = (checked.at('faults') as { field: string }[]).map(({ field }) => field);
    expect(named).toEqual(expect.arrayContaining([...fields, 'settings.NO_SUCH_KEY', 'symbols']));
    const sent = await web.client().post('/api/setup', form, BY_TOKEN);
    expect([sent.status, sent.at('code')]).toEqual([422, 'INVALID_INPUT']);
    expect((sent.at('errors') as { field: string }[]).map(({ field }) => field).sort()).toEqual(named.sort());
    expect(web.asked).toEqual([]);
  });

  test.each([
    'identity',
    'broker',
    'brokerCredentials',
    'openingFloat',
    'symbols',
    'smtp',
    'journalServer',
    'settings',
  ])('null is not a value: %s', async (member) => {
    const checked = await web.client().post('/api/setup/check', { [member]: null }, BY_TOKEN);
    expect([checked.status, checked.at('errors.0.field')]).toEqual([422, member]);
  });

  test('a script sets up the simulator with an empty form and polls until setup is done', async () => {
    const sent = await web.client().post('/api/setup', {}, BY_TOKEN);
    expect([sent.status, sent.at('look')]).toEqual([202, '/api/setup']);
    const gone = await until(({ status }) => status !== 200);
    expect([gone.status, gone.at('code')]).toEqual([404, 'SETUP_IS_OVER']);
    expect((await web.client().get('/api/state')).at('state')).toBe('registration');
    const again = await web.client().post('/api/setup', {}, BY_TOKEN);
    expect([again.status, again.at('code')]).toEqual([404, 'SETUP_IS_OVER']);
    expect(JSON.parse(readFileSync(web.context.base.output.provisioningStatus, 'utf8'))).toMatchObject({
      percent: 100,
    });
  });

  test('the journal server of the form is looked at, and nothing is started; the file of the home needs no look', async () => {
    const path = '/api/setup/journal-check';
    const double = await EsdbDouble.start({ batchAppend: true });
    const server = { settings: { JOURNAL_URL: double.url } };
    const looked = await web.client().post(path, server, BY_TOKEN);
    double.stop();
    expect([looked.status, looked.at('ok')]).toEqual([200, true]);
    const login = { JOURNAL_USER: 'bot', JOURNAL_PASSWORD: 'canary-hunter2' };
    const away = await web.client().post(path, { ...server, journalServer: login }, BY_TOKEN);
    expect([away.at('ok'), away.at('findings.1.result'), away.at('findings.9.result')]).toEqual([
      false,
      'failed',
      'open',
    ]);
    expect(away.at('findings.1.text')).toContain('no program accepts connections');
    expect((await web.client().post(path, {}, BY_TOKEN)).at('findings')).toEqual([]);
    const half = await web.client().post(path, { ...server, journalServer: { JOURNAL_USER: 'bot' } }, BY_TOKEN);
    expect([half.status, half.at('errors.0.field')]).toEqual([422, 'journalServer.JOURNAL_PASSWORD']);
    expect(`${away.text}${half.text}${JSON.stringify([web.log.requests, web.log.failures])}`).not.toContain('canary');
    expect(web.asked).toEqual([]);
  });

  test('nothing else is served before setup', async () => {
    for (const path of ['/api/control', '/api/settings', '/api/status', '/api/logs', '/api/secrets']) {
      const answered = await web.client().get(path);
      expect([path, answered.status, answered.at('code')]).toEqual([path, 409, 'NOT_SET_UP']);
    }
  });
});

describe('a failed setup', () => {
  test('it shows cause and remedy and can be started again', async () => {
    let refuse = true;
    home = temporaryHome();
    const answers = answersOf(home);
    const fault = { code: 'HOME_NOT_WRITABLE', message: 'nothing can be written', remedy: 'Free some space.' };
    await begin((ask) => {
      if (refuse) throw configError(fault);
      return answers(ask);
    });
    await web.client().post('/api/setup', {}, BY_TOKEN);
    const failed = await until((answered) => answered.at('error') !== null);
    expect(failed.at('error')).toEqual(fault);
    expect(failed.at('running')).toBe(false);
    refuse = false;
    expect((await web.client().post('/api/setup', {}, BY_TOKEN)).status).toBe(202);
    expect((await until((answered) => answered.at('running') === false)).at('error')).toBeNull();
  });

  test('a second one waits for the first', async () => {
    let finish = (): void => undefined;
    await begin(() => new Promise<void>((resolve) => (finish = resolve)));
    expect((await web.client().post('/api/setup', {}, BY_TOKEN)).status).toBe(202);
    const second = await web.client().post('/api/setup', {}, BY_TOKEN);
    expect([second.status, second.at('code')]).toEqual([409, 'SETUP_RUNS']);
    finish();
  });

  test('entered values are in no response and no log', async () => {
    await begin(() => {
      throw brokerError('retry', { code: 'WORKER_LOST', message: 'the worker ended', remedy: 'Try again.' });
    });
    const canary = 'canary-4711-hunter2';
    const smtp = {
      SMTP_HOST: 'mail.example',
      SMTP_PORT: '587',
      SMTP_FROM: 'bot@mail.example',
      SMTP_USERNAME: 'bot',
      SMTP_PASSWORD: canary,
    };
    const form = { smtp, openingFloat: '0' };
    const answers = [
      await web.client().post('/api/setup/check', form, BY_TOKEN),
      await web.client().post('/api/setup', form, BY_TOKEN),
      await web.client().post('/api/setup', { smtp, openingFloat: '100' }, BY_TOKEN),
      await until((answered) => answered.at('error') !== null),
    ];
    const { requests, failures, notes } = web.log;
    expect(`${answers.map(({ text }) => text).join()}${JSON.stringify([requests, failures, notes])}`).not.toContain(
      canary,
    );
  });
});
