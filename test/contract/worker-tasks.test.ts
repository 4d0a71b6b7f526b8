import { afterEach, describe, expect, test } from '@jest/globals';
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { FernetKey } from '../../src/adapters/fernet/key.js';
import { FileVault } from '../../src/adapters/vault/file-vault.js';
import { loadSettings, settingTexts } from '../../src/app/settings/load-settings.js';
import { STREAMS } from '../../src/events/streams.js';
import { renderEnvBot } from '../../src/domain/config/env-bot.js';
import { settingsSha256 } from '../../src/domain/config/settings.js';
import { secret } from '../../src/kernel/secret.js';
import type { WorkerTask } from '../../src/processes/ipc/messages.js';
import { runTask } from '../../src/processes/worker/tasks.js';
import { provisionTestHome, setupForm, TEST_PARTS, TEST_VERSION } from '../support/provision.js';
import { filesUnder, removeTemporaryHomes, temporaryHome } from '../unit/support/home.js';
import { appendSessionOpened } from './support/session-opened.js';
import {
  ACTOR,
  clock,
  eventsOf,
  initOf,
  passTime,
  run,
  secretTask,
  settingsTask,
  setUp,
  vaultOf,
  withJournal,
} from './support/worker-home.js';
import { refusalOf } from '../support/refusal.js';

afterEach(removeTemporaryHomes);

const CANARY = 'canary-91ee';
const LATER_VERSION = '99.0.0';

describe('master key (SEC-4)', () => {
  test('the first start with one wraps every key; the second changes nothing', async () => {
    const made = await setUp();
    const masterKeyFile = `${made.home}-master.key`;
    writeFileSync(masterKeyFile, FernetKey.generate().text().reveal());
    expect(vaultOf(made).hasMasterKey).toBe(false);
    expect(await run(made, { task: 'reconcile' }, { masterKeyFile })).toEqual({ generation: 2 });
    const wrapped = new FileVault({ paths: made.base.storage, clock, masterKeyFile });
    expect([wrapped.hasMasterKey, wrapped.needsWrapping(), wrapped.check()]).toEqual([true, false, []]);
    expect(await run(made, { task: 'reconcile' }, { masterKeyFile })).toEqual({ generation: 2 });
    expect((await eventsOf(made)).map(({ type, data }) => [type, data])).toEqual([
      [
        'SecretsRotated',
        expect.objectContaining({ reason: 'the master key wraps all keys', generation: 2, earliestKept: 1 }),
      ],
    ]);
    rmSync(masterKeyFile);
  });
});

describe('save-settings (RUN-30)', () => {
  test('settings are validated, encrypted under new keys and journaled with user, keys, old and new values', async () => {
    const made = await setUp();
    const answer = await run(made, settingsTask({ MAX_SPREAD_PCT: ' 0.02 ', ADX_MAX: '25.0' }));
    expect(answer).toMatchObject({ generation: 2, changed: ['MAX_SPREAD_PCT'] });
    const events = await eventsOf(made);
    expect(events.map(({ type, meta }) => [type, meta.actor])).toEqual([
      ['ConfigChanged', ACTOR],
      ['SecretsRotated', ACTOR],
    ]);
    const settings = loadSettings(vaultOf(made), TEST_VERSION);
    expect(events[0]?.data).toEqual({
      changes: [{ key: 'MAX_SPREAD_PCT', from: '0.015', to: '0.02', secret: false }],
      settingsSha256: settingsSha256(settings),
      reason: 'by hand',
    });
    expect(events[1]?.data).toMatchObject({ initiator: ACTOR, reason: 'by hand', generation: 2 });
  });

  test('without a change nothing is done', async () => {
    const made = await setUp();
    expect(await run(made, settingsTask({ MAX_TRADES: '4', HUB_URL: '***' }))).toMatchObject({
      generation: 1,
      changed: [],
    });
    expect(await eventsOf(made)).toEqual([]);
  });

  test('a secret is reported by name and digest, and `***` keeps it', async () => {
    const made = await setUp();
    const url = `https://${CANARY}@hub.example.com`;
    await run(made, settingsTask({ HUB_URL: url }));
    await run(made, settingsTask({ HUB_URL: '***', MIN_PRICE: '3' }));
    await run(made, settingsTask({ HUB_URL: `${url}/2` }));
    const reported = (await eventsOf(made)).flatMap((event) =>
      event.type === 'ConfigChanged' ? event.data.changes : [],
    );
    const digest = vaultOf(made).digestOf(secret(url));
    expect(reported[0]).toEqual({ key: 'HUB_URL', from: null, to: null, secret: true, digest });
    expect(reported.map(({ key }) => key)).toEqual(['HUB_URL', 'MIN_PRICE', 'HUB_URL']);
    expect(reported[2]?.digest).not.toBe(digest);
    expect(loadSettings(vaultOf(made), TEST_VERSION).HUB_URL).toBe(`${url}/2`);
    const found = Object.entries(filesUnder(made.home)).filter(([, bytes]) => bytes.includes(CANARY));
    expect(found.map(([name]) => name)).toEqual([]);
  });

  test('faults are reported at once, nothing changes, and no secret value is shown', async () => {
    const made = await setUp();
    const changes = {
      MAX_TRADES: '0',
      LOG_FORMAT: 'xml',
      NO_KEY: 'x',
      HUB_URL: `gopher://${CANARY}`,
      VERSION_TAG: '9',
    };
    const error = await refusalOf(run(made, settingsTask(changes)));
    expect(error.code).toBe('SETTINGS_INVALID');
    expect(Object.keys(error.details).sort()).toEqual(['HUB_URL', 'LOG_FORMAT', 'MAX_TRADES', 'NO_KEY', 'VERSION_TAG']);
    expect(JSON.stringify([error.line, error.details])).not.toContain(CANARY);
    expect(vaultOf(made).generation()).toBe(1);
    expect(await eventsOf(made)).toEqual([]);
  });

  test('the journal of a bot cannot be changed', async () => {
    const made = await setUp();
    const error = await refusalOf(run(made, settingsTask({ JOURNAL_URL: `esdb://u:${CANARY}@h:1` })));
    expect([error.code, Object.keys(error.details)]).toEqual(['SETTINGS_LOCKED', ['JOURNAL_URL']]);
    expect(JSON.stringify([error.line, error.details])).not.toContain(CANARY);
  });

  test('after an update the first save sets the version, removes obsolete keys and adds new ones', async () => {
    const made = await setUp();
    const texts = { ...settingTexts(vaultOf(made)) };
    const { ADX_MAX: _, ...older } = texts;
    vaultOf(made).rotate({ envBot: secret(`${renderEnvBot(older).replace(/^ADX_MAX=.*$/m, '')}OLD_KEY=7\n`) });
    expect(
      (await refusalOf(Promise.resolve().then(() => loadSettings(vaultOf(made), LATER_VERSION)))).details,
    ).toMatchObject({
      OLD_KEY: expect.stringContaining('is an unknown setting'),
      VERSION_TAG: expect.stringContaining('must be 99.0.0'),
    });
    const answer = await run(made, settingsTask({}), { versionTag: LATER_VERSION });
    expect(answer).toMatchObject({ changed: expect.arrayContaining(['VERSION_TAG', 'ADX_MAX']) });
    expect(loadSettings(vaultOf(made), LATER_VERSION).ADX_MAX).toBe(25);
  });
});

describe('save-secret', () => {
  test('it sets fields, removes empty ones and keeps others; changes are reported by digest', async () => {
    const made = await setUp();
    await run(made, secretTask('smtp', { SMTP_HOST: 'a.example.com', SMTP_PASSWORD: CANARY }));
    await run(made, secretTask('smtp', { SMTP_HOST: '', SMTP_PORT: '25' }));
    const record = vaultOf(made).secret('smtp');
    expect(Object.keys(record).sort()).toEqual(['SMTP_PASSWORD', 'SMTP_PORT']);
    const events = await eventsOf(made);
    expect(events.map(({ type }) => type)).toEqual([
      'SecretChanged',
      'SecretsRotated',
      'SecretChanged',
      'SecretsRotated',
    ]);
    const vault = vaultOf(made);
    expect(events[2]?.data).toEqual({
      category: 'smtp',
      fields: [
        { field: 'SMTP_HOST', digest: vault.digestOf(secret('')) },
        { field: 'SMTP_PORT', digest: vault.digestOf(secret('25')) },
      ],
    });
    expect(JSON.stringify(events)).not.toContain(CANARY);
  });

  test('second factors are fields of login by user id', async () => {
    const made = await setUp();
    await run(made, secretTask('login', { 'u-0a1b': CANARY }));
    expect(vaultOf(made).secret('login')['u-0a1b']?.reveal()).toBe(CANARY);
    await run(made, secretTask('login', { 'u-0a1b': '' }));
    expect(vaultOf(made).secret('login')).toEqual({});
  });

  test.each<[string, Readonly<Record<string, string>>, string]>([
    ['nothing', { A: 'x' }, 'VAULT_BAD_NAME'],
    ['smtp', { PASSWORD: CANARY }, 'SECRET_INVALID'],
    ['smtp', { SMTP_PORT: CANARY }, 'SECRET_INVALID'],
    ['bot_identity', { BOT_ID: 'B02' }, 'SECRET_LOCKED'],
  ])('%s %j is refused', async (name, fields, code) => {
    const made = await setUp();
    const error = await refusalOf(run(made, secretTask(name, fields)));
    expect(error.code).toBe(code);
    expect(JSON.stringify([error.line, error.details])).not.toContain(CANARY);
    expect(vaultOf(made).generation()).toBe(1);
  });

  test('broker credentials cannot change until the session ends', async () => {
    const made = await setUp();
    await withJournal(made, (journal) => appendSessionOpened(journal, made.identity, clock.now() + 3_600_000));
    const task = secretTask('broker_credentials', { BROKER_API_KEY: CANARY });
    expect((await refusalOf(run(made, task))).code).toBe('SECRET_LOCKED');
    passTime(3_700_000);
    expect(await run(made, task)).toMatchObject({ changed: ['BROKER_API_KEY'] });
  });
});

describe('a crash between vault and journal', () => {
  test('the next worker records what the vault holds, once, before its own task', async () => {
    const made = await setUp();
    const texts = { ...settingTexts(vaultOf(made)), MIN_PRICE: '3' };
    vaultOf(made).rotate({ envBot: secret(renderEnvBot(texts)), secrets: { hub: { TOKEN: secret(CANARY) } } });
    await run(made, { task: 'reconcile' });
    await run(made, { task: 'rotate', actor: ACTOR, reason: 'asked for' });
    await run(made, { task: 'reconcile' });
    expect((await eventsOf(made)).map(({ type, meta }) => [type, meta.actor])).toEqual([
      ['ConfigChanged', 'system:worker'],
      ['SecretChanged', 'system:worker'],
      ['SecretsRotated', 'system:worker'],
      ['SecretsRotated', ACTOR],
    ]);
  });

  test('a setup that died after ProvisioningCompleted completes without its form', async () => {
    const home = temporaryHome();
    const form = setupForm();
    await expect(
      provisionTestHome(home, form, {
        onStep: (step) => {
          if (step === 'bootstrapping') throw new Error('died');
        },
      }),
    ).rejects.toThrow('died');
    expect(await runTask(initOf(home), { task: 'reconcile' }, clock)).toEqual({ generation: 1 });
    const again = await refusalOf(provisionTestHome(home));
    expect(again.code).toBe('ALREADY_PROVISIONED');
  });
});

describe('other tasks', () => {
  test('backup: a verified copy, recorded in the journal', async () => {
    const made = await setUp();
    const answer = (await run(made, { task: 'backup' })) as { path: string };
    expect(readdirSync(made.paths.sessionBackups).map((name) => `${made.paths.sessionBackups}/${name}`)).toContain(
      answer.path,
    );
    expect((await eventsOf(made)).map(({ type }) => type)).toEqual(['BackupCompleted']);
  });

  test('a backup that cannot be written is reported and recorded in the journal', async () => {
    const made = await setUp();
    rmSync(made.paths.sessionBackups, { recursive: true });
    writeFileSync(made.paths.sessionBackups, 'x');
    expect((await refusalOf(run(made, { task: 'backup' }))).code).toBe('BACKUP_NOT_WRITTEN');
    expect((await eventsOf(made)).map(({ type }) => type)).toEqual(['BackupFailed']);
  });

  test('a home that is not set up is refused', async () => {
    const home = temporaryHome();
    const tasks: readonly WorkerTask[] = [
      { task: 'reconcile' },
      { task: 'backup' },
      settingsTask({}),
      secretTask('hub', {}),
    ];
    for (const task of tasks) {
      for (const identityParts of [null, TEST_PARTS]) {
        const error = await refusalOf(runTask(initOf(home, { identityParts }), task, clock));
        expect([task.task, error.code]).toEqual([task.task, 'NOT_PROVISIONED']);
      }
    }
    expect(filesUnder(home)).toEqual({});
  });

  test('an unknown actor is refused', async () => {
    const made = await setUp();
    expect((await refusalOf(run(made, { task: 'rotate', actor: 'root', reason: 'x' }))).code).toBe('BAD_ACTOR');
  });

  test('streams: vault events are in the streams that readers expect', async () => {
    const made = await setUp();
    await run(made, { task: 'rotate', actor: ACTOR, reason: 'x' });
    const [last] = await withJournal(made, (journal) =>
      journal.readStream(STREAMS.secrets, { direction: 'backwards', limit: 1 }),
    );
    expect(last?.type).toBe('SecretsRotated');
  });
});
