import { describe, expect, test } from '@jest/globals';
import { planOf } from '../../../src/app/provisioning/setup-form.js';
import { parseEnvBot } from '../../../src/domain/config/env-bot.js';
import { parseSettings, SETTING_TABLE, settingsSha256 } from '../../../src/domain/config/settings.js';
import { setupForm, TEST_VERSION } from '../../support/provision.js';
import { failureOf } from '../support/failure.js';

const faultsOf = (over: Parameters<typeof setupForm>[0]): Readonly<Record<string, unknown>> =>
  failureOf(() => planOf(setupForm(over), TEST_VERSION)).details;

describe('a valid form', () => {
  test('it becomes identity, settings with every key, and secrets without empty fields', () => {
    const plan = planOf(
      setupForm({
        openingFloat: ' 1000.5 ',
        symbols: [' SPY '],
        smtp: { SMTP_HOST: 'mail.example.com', SMTP_FROM: 'bot@example.com', SMTP_USERNAME: '', SMTP_PASSWORD: '' },
        settings: { MAX_TRADES: '2', WEIGHTS: '0.5,0.5' },
      }),
      TEST_VERSION,
    );
    expect(plan.identity).toBe('DEMO_US_SIM_B01');
    expect([plan.openingFloat, plan.symbols, plan.broker]).toEqual(['1000.50', ['SPY'], 'SIM']);
    const texts = parseEnvBot(plan.envBot.reveal());
    expect(Object.keys(texts).sort()).toEqual(Object.keys(SETTING_TABLE).sort());
    expect([texts['VERSION_TAG'], texts['MAX_TRADES'], texts['TRAIL_PCT_OPEN']]).toEqual([TEST_VERSION, '2', '']);
    const settings = parseSettings(texts, { versionTag: TEST_VERSION, whole: true });
    expect(settingsSha256(settings)).toBe(settingsSha256(plan.settings));
    expect(Object.keys(plan.secrets.smtp ?? {})).toEqual(['SMTP_HOST', 'SMTP_FROM']);
    expect(plan.secrets.bot_identity?.['BOT_ID']?.reveal()).toBe('B01');
    expect(JSON.stringify(plan.secrets)).not.toContain('example');
  });
});

describe('faults are reported at once, by field', () => {
  test('one fault of every part', () => {
    const faults = faultsOf({
      identity: { entityCode: 'demo', jurisdictionCode: '', brokerCode: 'SIM', botId: 'THIRTEENCHARS' },
      broker: 'ETRADE',
      brokerCredentials: { BROKER_URL: 'ftp://x', API_KEY: 'hunter2' },
      openingFloat: '0',
      symbols: ['SPY', 'no symbol'],
      smtp: { SMTP_PORT: '70000', SMTP_USERNAME: 'u' },
      settings: { MAX_TRADES: '0', MAX_TRADE: '3', TEST_MODE: 'true' },
    });
    expect(Object.keys(faults).sort()).toEqual([
      'broker',
      'brokerCredentials.API_KEY',
      'brokerCredentials.BROKER_URL',
      'identity.botId',
      'identity.entityCode',
      'identity.jurisdictionCode',
      'openingFloat',
      'settings.MAX_TRADE',
      'settings.MAX_TRADES',
      'settings.TEST_MODE',
      'smtp.SMTP_FROM',
      'smtp.SMTP_HOST',
      'smtp.SMTP_PASSWORD',
      'smtp.SMTP_PORT',
      'symbols',
    ]);
    expect(JSON.stringify(faults)).not.toContain('hunter2');
    expect(faults['settings.MAX_TRADE']).toContain('did you mean MAX_TRADES?');
  });

  test.each(['', '-1', '1e3', '1.005', '0.00', 'NaN', '1000000000.01', '25,000'])(
    'openingFloat "%s"',
    (openingFloat) => {
      expect(Object.keys(faultsOf({ openingFloat }))).toEqual(['openingFloat']);
    },
  );

  test.each([[[]], [['SPY', 'SPY']], [['spy']], [Array.from({ length: 51 }, (_, n) => `A${n}`)]])(
    'symbols %j',
    (symbols) => {
      expect(Object.keys(faultsOf({ symbols }))).toEqual(['symbols']);
    },
  );

  test('user and password in the address of a journal server become secrets', () => {
    const plan = planOf(setupForm({ settings: { JOURNAL_URL: 'esdb://u:hunter2@host:2113' } }), '0.1.0');
    expect(plan.settings.JOURNAL_URL).toBe('esdb://host:2113');
    expect(plan.envBot.reveal()).not.toContain('hunter2');
    expect(plan.secrets.journal_server?.['JOURNAL_PASSWORD']?.reveal()).toBe('hunter2');
    expect(plan.journal.credentials?.user).toBe('u');
  });

  test('a version other than the running one is refused', () => {
    expect(planOf(setupForm({ settings: { VERSION_TAG: '9.9.9' } }), TEST_VERSION).settings.VERSION_TAG).toBe(
      TEST_VERSION,
    );
  });
});
