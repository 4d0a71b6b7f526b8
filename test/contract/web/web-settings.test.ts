import { eventually } from '../../support/eventually.js';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { readdirSync, readFileSync, realpathSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SETTING_TABLE } from '../../../src/domain/config/settings.js';
import type { Draft } from '../../../src/events/draft.js';
import { STREAMS } from '../../../src/events/streams.js';
import { epochMs, MINUTE_MS, parseDateText, plusMs, toUtcText } from '../../../src/kernel/time.js';
import { provisionTestHome } from '../../support/provision.js';
import {
  firstAdmin,
  PASSWORD,
  startTestWeb,
  userOf,
  type Answered,
  type TestWeb,
  type WebClient,
} from '../../support/web.js';
import { SECRET_FILES } from '../../../src/ports/vault.js';
import { failureOf } from '../../unit/support/failure.js';
import { removeTemporaryHomes, temporaryHome } from '../../unit/support/home.js';
import { answersOf } from './support/worker-answers.js';

const CANARY = 'canary-hunter2-4711';

let web: TestWeb;
let admin: WebClient;
/** Ahead of the time at which the admin logged in, for the persons. */
let laterMs = 0;

const HOUR_MS = 60 * MINUTE_MS;

beforeEach(async () => {
  const home = temporaryHome();
  await provisionTestHome(home);
  laterMs = 0;
  const personalClock = { now: () => epochMs(Date.now() + laterMs) };
  web = await startTestWeb({ home, personalClock, answer: answersOf(home) });
  admin = await firstAdmin(web);
});

afterEach(async () => {
  await web.stop();
  removeTemporaryHomes();
});

async function etag(): Promise<string> {
  return String((await admin.get('/api/settings')).headers.etag);
}

async function save(changes: Readonly<Record<string, string>>, query = '', more: object = {}): Promise<Answered> {
  return admin.put(`/api/settings${query}`, { changes, ...more }, { headers: { 'If-Match': await etag() } });
}

function setting(answered: Answered, key: string): Readonly<Record<string, unknown>> | undefined {
  const groups = answered.at('groups') as { settings: Readonly<Record<string, unknown>>[] }[];
  return groups.flatMap(({ settings }) => settings).find((one) => one['key'] === key);
}

/** A session of 6.5 hours without a closing event, as a process that died leaves it. */
async function openSession(closesInMs: number): Promise<void> {
  const closes = plusMs(web.context.clock.now(), closesInMs);
  const [opensAt, closesAt] = [toUtcText(plusMs(closes, -6.5 * HOUR_MS)), toUtcText(closes)];
  const date = parseDateText(opensAt.slice(0, 10));
  const data = {
    ...{ date, opensAt, closesAt, halfDay: false },
    ...{ broker: 'SIM', brokerSeed: 1, floatAtStart: '25000.00', openingEquity: '25000.00', sessionCap: '500.00' },
    feed: { kind: 'synthetic', description: 'made up', seed: 1, symbols: ['SPY'], sha256: '0'.repeat(64) },
    ...{ settingsSha256: '0'.repeat(64), versionTag: '0.1.0' },
  };
  const opened = { type: 'SessionOpened', data, correlationId: 'session', causationId: null } as unknown as Draft;
  await web.context.open().appender.append(STREAMS.session(date), [opened]);
}

describe('settings', () => {
  test('every key has its meaning, its value and its default', async () => {
    const answered = await admin.get('/api/settings');
    expect(setting(answered, 'MAX_OPEN_POSITIONS')).toMatchObject({
      ...{ value: '5', default: '5', kind: 'count', change: 'hot', locked: '', secret: false },
    });
    expect(setting(answered, 'VERSION_TAG')?.['locked']).not.toBe('');
    expect(setting(answered, 'JOURNAL_URL')).toMatchObject({ secret: true, value: 'sqlite:' });
  });

  test('a dry run shows the difference and changes nothing', async () => {
    const before = await etag();
    const preview = await save({ MAX_OPEN_POSITIONS: '3', MAX_TRADES: '4' }, '?dryRun=true');
    expect(preview.at('changes')).toEqual([
      { key: 'MAX_OPEN_POSITIONS', from: '5', to: '3', secret: false, takesEffectAt: 'at once' },
    ]);
    expect(preview.at('saved')).toBe(false);
    expect(await etag()).toBe(before);
    expect(web.asked).toEqual([]);
  });

  test('of concurrent changes of the same settings one succeeds, and the others are refused', async () => {
    const headers = { 'If-Match': await etag() };
    const answers = await Promise.all(
      ['3', '4', '6'].map((value) =>
        admin.put('/api/settings', { changes: { MAX_OPEN_POSITIONS: value } }, { headers }),
      ),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 412, 412]);
    expect(setting(await admin.get('/api/settings'), 'MAX_OPEN_POSITIONS')?.['value']).toBe(
      answers.find(({ status }) => status === 200)?.at('changes.0.to') ?? 'none won',
    );
  });

  test('a save is encrypted, journaled with user and reason, and shown; the key generation advances', async () => {
    const generation = Number((await admin.get('/api/settings')).at('generation'));
    const saved = await save({ MAX_OPEN_POSITIONS: '3' }, '', { reason: 'calmer' });
    expect([saved.status, saved.at('saved')]).toEqual([200, true]);
    const after = await admin.get('/api/settings');
    expect(setting(after, 'MAX_OPEN_POSITIONS')).toMatchObject({
      value: '3',
      changed: { byName: 'admin', reason: 'calmer', position: expect.any(String) },
    });
    expect(Number(after.at('generation'))).toBeGreaterThan(generation);
    const history = await admin.get('/api/settings/history?limit=1');
    expect(history.at('items.0')).toMatchObject({
      actorName: 'admin',
      reason: 'calmer',
      changes: [{ key: 'MAX_OPEN_POSITIONS', from: '5', to: '3', secret: false }],
    });
    expect(history.at('nextCursor')).toEqual(expect.any(String));
  });

  test('all faults are reported at once by key, and nothing is saved', async () => {
    const refused = await save({ MAX_TRADES: 'many', MAX_TRADS: '4', WEIGHTS: '0.9,0.9', VERSION_TAG: '9.9.9' });
    expect(refused.status).toBe(422);
    const fields = (refused.at('errors') as { field: string }[]).map(({ field }) => field);
    expect(fields).toEqual(expect.arrayContaining(['MAX_TRADES', 'MAX_TRADS', 'VERSION_TAG']));
    expect((await save({})).status).toBe(422);
    expect(web.asked).toEqual([]);
  });

  test('cross-key rules are among the faults', async () => {
    const refused = await save({ MIN_PRICE: '400' }, '?dryRun=true');
    expect(refused.at('errors.0')).toMatchObject({ field: 'MIN_PRICE' });
  });

  test('a change based on an outdated version, or on none, is refused', async () => {
    const old = await etag();
    await save({ MAX_OPEN_POSITIONS: '3' });
    const late = await admin.put(
      '/api/settings',
      { changes: { MAX_OPEN_POSITIONS: '7' } },
      { headers: { 'If-Match': old } },
    );
    expect([late.status, late.at('code')]).toEqual([412, 'CHANGED_MEANWHILE']);
    const blind = await admin.put('/api/settings', { changes: { MAX_OPEN_POSITIONS: '7' } });
    expect([blind.status, blind.at('code')]).toEqual([428, 'IF_MATCH_NEEDED']);
    expect(setting(await admin.get('/api/settings'), 'MAX_OPEN_POSITIONS')?.['value']).toBe('3');
  });

  test('while a session is open, a cold key is pending until the next one, with its author, and can be withdrawn', async () => {
    await openSession(HOUR_MS);
    const texts = { START_TIME_OPEN: '09:31@America/New_York', MAX_OPEN_POSITIONS: '3' };
    const dry = await save(texts, '?dryRun=true');
    expect(dry.at('changes')).toMatchObject([
      { key: 'START_TIME_OPEN', takesEffectAt: 'with the next session' },
      { key: 'MAX_OPEN_POSITIONS', takesEffectAt: 'at once' },
    ]);
    expect((await save(texts, '', { reason: 'later start' })).at('saved')).toBe(true);
    const shown = await admin.get('/api/settings');
    expect(shown.at('openSession')).toMatch(/^\d{4}-/);
    expect(setting(shown, 'MAX_OPEN_POSITIONS')).toMatchObject({ value: '3', pending: null, locked: '' });
    expect(setting(shown, 'START_TIME_OPEN')).toMatchObject({
      value: '09:30@America/New_York',
      locked: '',
      pending: { value: '09:31@America/New_York', byName: 'admin', reason: 'later start' },
    });
    const history = await admin.get('/api/settings/history');
    expect(history.at('items.0')).toMatchObject({ status: 'pending', changes: [{ key: 'START_TIME_OPEN' }] });
    const withdraw = { changes: {}, withdraw: ['START_TIME_OPEN'] };
    const back = await admin.put('/api/settings', withdraw, { headers: { 'If-Match': await etag() } });
    expect(back.at('changes')).toMatchObject([
      { key: 'START_TIME_OPEN', from: '09:31@America/New_York', takesEffectAt: 'pending change withdrawn' },
    ]);
    expect(setting(await admin.get('/api/settings'), 'START_TIME_OPEN')?.['pending']).toBeNull();
    const again = await admin.put('/api/settings', withdraw, { headers: { 'If-Match': await etag() } });
    expect([again.status, again.at('errors.0.field')]).toEqual([422, 'START_TIME_OPEN']);
  });

  test('an end of all trading is shown before, and needs the confirmation', async () => {
    const off = { STRAT_OPEN_ENABLED: 'false', STRAT_MID_ENABLED: 'false', STRAT_CLOSE_ENABLED: 'false' };
    expect((await save(off, '?dryRun=true')).at('endsTrading.0')).toContain('none is enabled');
    const refused = await save(off);
    expect([refused.status, refused.at('code')]).toEqual([409, 'SETTINGS_END_TRADING']);
    expect(refused.at('remedy')).toContain('confirmNoTrading=true');
    expect((await save(off, '', { confirmNoTrading: true })).status).toBe(200);
    expect((await save({ MAX_OPEN_POSITIONS: '3' })).status).toBe(200);
  });

  test('what decides who gets in is changed with a fresh proof, and by no token; everything else without', async () => {
    const made = await admin.post('/api/auth/tokens', { label: 'script', role: 'admin', days: 1 });
    const keys = Object.entries(SETTING_TABLE).flatMap(([key, { group }]) => (group === 'access' ? [key] : []));
    expect(keys).toEqual(expect.arrayContaining(['RBAC_ENABLED', 'LOGIN_ATTEMPT_LIMIT', 'SESSION_TIMEOUT_MINUTES']));
    const script = web.client();
    const headers = { Authorization: `Bearer ${String(made.at('token'))}`, 'If-Match': await etag() };
    for (const key of keys) {
      const texts = { changes: { [key]: 'true' } };
      const refused = await script.put('/api/settings', texts, { headers });
      expect([key, refused.status, refused.at('code')]).toEqual([key, 403, 'SESSION_NEEDED']);
    }
    const withdrawn = await script.put('/api/settings', { withdraw: ['RBAC_ENABLED'] }, { headers });
    expect(withdrawn.at('code')).toBe('SESSION_NEEDED');
    laterMs = 11 * MINUTE_MS;
    const stale = await save({ RBAC_ENABLED: 'false', MAX_OPEN_POSITIONS: '3' });
    expect([stale.status, stale.at('code')]).toEqual([403, 'FRESH_PROOF_NEEDED']);
    expect((await save({ RBAC_ENABLED: 'false' }, '?dryRun=true')).status).toBe(200);
    expect(web.asked).toEqual([]);
    const ordinary = await script.put('/api/settings', { changes: { MAX_OPEN_POSITIONS: '3' } }, { headers });
    expect(ordinary.status).toBe(200);
    expect((await save({ MAX_OPEN_POSITIONS: '4' })).status).toBe(200);
    expect((await admin.post('/api/auth/proof', { current: PASSWORD })).status).toBe(204);
    const rolesOf = async (permission: string): Promise<unknown> => {
      const found = (await admin.get('/api/roles')).at('permissions') as readonly {
        permission: string;
        roles: unknown;
      }[];
      return found.find((one) => one.permission === permission)?.roles;
    };
    expect(await rolesOf('settings')).toEqual(['admin']);
    expect((await save({ RBAC_ENABLED: 'false' })).at('saved')).toBe(true);
    await eventually('the matrix without roles', async () => (await admin.get('/api/roles')).at('enforced') === false);
    expect(await rolesOf('maintenance')).toEqual(['viewer', 'operator', 'accountant', 'admin']);
    expect(await rolesOf('users')).toEqual(['admin']);
    const denied = await web.context.open().journal.readAll({ filter: { types: ['AccessDenied'] } });
    expect(denied[0]?.data).toMatchObject({ code: 'SESSION_NEEDED', endpoint: 'PUT /api/settings' });
  });

  test('a session whose process died ends at its closing time, on the page and for a save', async () => {
    await openSession(-3 * HOUR_MS);
    expect(setting(await admin.get('/api/settings'), 'START_TIME_OPEN')?.['locked']).toBe('');
    expect((await save({ START_TIME_OPEN: '09:31@America/New_York' })).status).toBe(200);
  });

  test('only admins see or change settings', async () => {
    const operator = await userOf(web, admin, 'operator');
    for (const path of ['/api/settings', '/api/settings/history', '/api/secrets']) {
      expect((await operator.get(path)).at('code')).toBe('ROLE');
    }
  });
});

function everyFile(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile() === true);
}

describe('secrets', () => {
  const mail = { SMTP_HOST: 'mail.example', SMTP_PORT: '587', SMTP_FROM: 'bot@mail.example', SMTP_USERNAME: 'bot' };

  test('secrets can be written but never read, in a response, a log or a file', async () => {
    const saved = await admin.put('/api/secrets/smtp', { fields: { ...mail, SMTP_PASSWORD: CANARY } });
    expect([saved.status, saved.at('generation')]).toEqual([200, expect.any(Number)]);
    expect(Object.keys(JSON.parse(saved.text) as object).sort()).toEqual(['categories', 'generation']);
    expect(web.context.open().vault.secret('smtp')['SMTP_PASSWORD']?.reveal()).toBe(CANARY);
    expect(Object.keys(web.context.open().vault)).toEqual([]);
    const shown = await admin.get('/api/secrets');
    const fields = (shown.at('secrets') as { name: string; fields: { name: string; set: boolean }[] }[])
      .find(({ name }) => name === 'smtp')
      ?.fields.filter(({ set }) => set);
    expect(fields?.map(({ name }) => name).sort()).toEqual([...Object.keys(mail), 'SMTP_PASSWORD'].sort());
    const events = await admin.get('/api/journal/events?limit=200');
    const { requests, failures, notes } = web.log;
    const everything =
      [saved, shown, events].map(({ text }) => text).join() + JSON.stringify([requests, failures, notes]);
    expect(everything).not.toContain(CANARY);
    const leaks = everyFile(web.context.base.home).filter((path) => readFileSync(path).includes(CANARY));
    expect(leaks).toEqual([]);
  });

  test('faults name the field, never the value; secrets created elsewhere are not shown here', async () => {
    const refused = await admin.put('/api/secrets/smtp', { fields: { SMTP_PORT: CANARY, NO_FIELD: CANARY } });
    expect(refused.status).toBe(422);
    expect((refused.at('errors') as { field: string }[]).map(({ field }) => field).sort()).toEqual([
      'fields.NO_FIELD',
      'fields.SMTP_PORT',
    ]);
    expect(refused.text).not.toContain(CANARY);
    for (const name of ['bot_identity', 'login', 'nothing', '..%2F..%2Fhome']) {
      expect((await admin.put(`/api/secrets/${name}`, { fields: { A: 'b' } })).status).toBe(404);
    }
    expect(web.asked).toEqual([]);
  });

  test('the web reads settings, second factors and mail; other secrets are out of its reach (ASVS 13.3.2)', async () => {
    await admin.put('/api/secrets/hub', { fields: { TOKEN: CANARY } });
    const { vault } = web.context.open();
    for (const name of Object.keys(SECRET_FILES)) {
      const read = (): unknown => vault.secret(name as 'smtp');
      if (['login', 'smtp'].includes(name)) expect(read).not.toThrow();
      else expect([name, failureOf(read).code]).toEqual([name, 'VAULT_NOT_FOR_WEB']);
    }
    for (const change of ['rotate', 'create', 'destroyEarlier', 'removeMasterKey', 'check']) {
      expect([change, change in vault]).toEqual([change, false]);
    }
  });

  test('facts come from the journal: they are the same when a secret can be decrypted by nobody', async () => {
    await admin.put('/api/secrets/hub', { fields: { TOKEN: CANARY, OTHER: 'x' } });
    await admin.put('/api/secrets/hub', { fields: { OTHER: '' } });
    const before = await admin.get('/api/secrets');
    writeFileSync(`${realpathSync(web.context.base.storage.vaultCurrent)}/secrets/hub.json.enc`, 'garbled');
    writeFileSync(`${realpathSync(web.context.base.storage.vaultCurrent)}/keys/hub.key`, 'garbled');
    const after = await admin.get('/api/secrets');
    expect([after.status, after.text]).toEqual([200, before.text]);
    const all = after.at('secrets') as { name: string; changedAt: string | null; fields: { name: string }[] }[];
    const hub = all.find(({ name }) => name === 'hub');
    expect(hub?.fields.map(({ name }) => name)).toEqual(['TOKEN']);
    expect(hub?.changedAt).toMatch(/Z$/);
    expect(all.find(({ name }) => name === 'acct_api')?.changedAt).toBeNull();
  });

  test('each says what uses it; what nothing uses says so and takes no new value', async () => {
    const all = (await admin.get('/api/secrets')).at('secrets') as { name: string; used: boolean; use: string }[];
    const unused = all.filter(({ used }) => !used).map(({ name }) => name);
    expect(unused).toEqual(['alert_channels', 'acct_api', 'holdings_config', 'hub']);
    expect(all.every(({ used, use }) => used !== use.startsWith('Not used in this version.'))).toBe(true);
    const remote = await admin.put('/api/secrets/network_config', {
      fields: { REMOTE_PORT: '80', LOCAL_PORT: '8421' },
    });
    expect([remote.status, remote.at('errors')]).toEqual([
      422,
      [{ field: 'fields.REMOTE_PORT', message: 'is not used in this version; leave it empty' }],
    ]);
    expect((await admin.put('/api/secrets/network_config', { fields: { REMOTE_PORT: '' } })).status).toBe(200);
  });

  test('an address beyond this machine is not set for the pages of a bot without TLS', async () => {
    const put = (LOCAL_IP: string): Promise<Answered> =>
      admin.put('/api/secrets/network_config', { fields: { LOCAL_IP } });
    const refused = await put('0.0.0.0');
    expect([refused.status, refused.at('errors.0.field')]).toEqual([422, 'fields.LOCAL_IP']);
    expect(refused.at('errors.0.message')).toContain('--tls-cert');
    expect((await put('127.0.0.1')).status).toBe(200);
    expect((await put('')).status).toBe(200);
  });

  test('earlier generations are destroyed at once, with a reason', async () => {
    await admin.put('/api/secrets/hub', { fields: { TOKEN: CANARY } });
    await admin.put('/api/secrets/hub', { fields: { TOKEN: '' } });
    expect((await admin.post('/api/secrets/destroy-earlier', {})).status).toBe(422);
    const before = await admin.get('/api/secrets');
    expect(before.at('earliestKept')).toBeLessThan(Number(before.at('generation')));
    const answered = await admin.post('/api/secrets/destroy-earlier', { reason: 'the token leaked' });
    expect([answered.status, answered.at('generation')]).toEqual([200, Number(before.at('generation')) + 1]);
    const after = await admin.get('/api/secrets');
    expect(after.at('earliestKept')).toBe(after.at('generation'));
    expect(readdirSync(web.context.base.storage.vaultBackups)).toEqual([]);
    const events = await web.context
      .open()
      .journal.readAll({ direction: 'backwards', limit: 1, filter: { types: ['SecretsRotated'] } });
    expect(events[0]?.data).toMatchObject({
      reason: 'the token leaked',
      generation: after.at('generation'),
      earliestKept: after.at('generation'),
    });
  });

  test('a reason that holds a credential is refused before anything is done', async () => {
    const generation = (await admin.get('/api/secrets')).at('generation');
    const reason = `password=${CANARY}`;
    for (const answered of [
      await admin.post('/api/secrets/destroy-earlier', { reason }),
      await admin.post('/api/control/reset', { what: 'kill-switch', reason }),
      await save({ MIN_PRICE: '3' }, '', { reason }),
    ]) {
      expect([answered.status, answered.at('errors.0.field')]).toEqual([422, 'reason']);
      expect(answered.text).not.toContain(CANARY);
    }
    expect((await admin.get('/api/secrets')).at('generation')).toBe(generation);
  });

  test('a name that cannot be a field is refused as such', async () => {
    const refused = await admin.put('/api/secrets/hub', { fields: { '0.name': 'x' } });
    expect([refused.status, refused.at('errors.0.message')]).toEqual([422, expect.stringContaining('underscores')]);
  });

  test('keys are rotated on request; without a master key there is a warning', async () => {
    const before = await admin.get('/api/secrets');
    expect([before.at('masterKey'), before.at('warning')]).toEqual([false, expect.stringContaining('next to')]);
    const rotated = await admin.post('/api/secrets/rotate');
    expect(Number(rotated.at('generation'))).toBe(Number(before.at('generation')) + 1);
  });
});
