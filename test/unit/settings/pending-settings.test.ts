import { describe, expect, test } from '@jest/globals';
import { parseEnvBot, parseStored, renderEnvBot } from '../../../src/domain/config/env-bot.js';
import { settingsInForce, withPending, type PendingSetting } from '../../../src/domain/config/pending-settings.js';
import { planSettings, type SettingsRequest } from '../../../src/domain/config/settings-change.js';
import { DEFAULT_SETTINGS, describeSettings } from '../../../src/domain/config/settings.js';
import { parseDateText, parseUtcText, toUtcText } from '../../../src/kernel/time.js';
import { failureOf } from '../support/failure.js';

const MONDAY = parseDateText('2026-03-02');
const TUESDAY = parseDateText('2026-03-03');
const TEXTS = { ...describeSettings(DEFAULT_SETTINGS), VERSION_TAG: '0.2.0' };
const BY = { since: toUtcText(parseUtcText('2026-03-02T16:00:00.000Z')), actor: 'user:ann', reason: 'calmer' };

function pendingOf(key: string, value: string): PendingSetting {
  return { key, value, session: MONDAY, ...BY };
}

function asked(changes: Readonly<Record<string, string>>, more: Partial<SettingsRequest> = {}): SettingsRequest {
  return { changes, withdraw: [], open: MONDAY, versionTag: '0.2.0', float: undefined, by: BY, ...more };
}

const NOTHING = { texts: TEXTS, pending: [] };

describe('pending changes in .env_bot (RUN-30)', () => {
  const odd = { ...pendingOf('HUB_URL', 'https://u:p"\\#\u2028@hub'), reason: 'line one\nline two # "quoted"' };

  test('they are read as they were written, and an older version reads the values in force', () => {
    const text = renderEnvBot(TEXTS, [odd, pendingOf('MAX_TRADES', '3')]);
    expect(parseStored(text)).toEqual({ texts: parseEnvBot(text), pending: [odd, pendingOf('MAX_TRADES', '3')] });
    expect(parseEnvBot(text)).toEqual(parseEnvBot(renderEnvBot(TEXTS)));
  });

  test.each([['{'], ['null'], ['{"key":"MAX_TRADES"}'], ['{"key":1,"value":"3"}']])(
    'a damaged one is refused with its line and without its value: %s',
    (json) => {
      const failure = failureOf(() => parseStored(`VERSION_TAG=0.2.0\n#@pending ${json}\n`));
      expect(failure.code).toBe('SETTINGS_TEXT_INVALID');
      expect(failure.message).toBe('line 2 of .env_bot is not a pending change');
    },
  );

  test('a change waits for the end of its session, and is in force in every other', () => {
    const stored = { texts: TEXTS, pending: [pendingOf('MAX_TRADES', '3')] };
    expect(settingsInForce(stored, MONDAY)).toEqual(stored);
    const after = { texts: { ...TEXTS, MAX_TRADES: '3' }, pending: [] };
    expect(settingsInForce(stored, undefined)).toEqual(after);
    expect(settingsInForce(stored, TUESDAY)).toEqual(after);
  });
});

describe('a plan of changes during a session (RUN-30)', () => {
  const three = { MAX_TRADES: '3', WEIGHTS: '0.4,0.3,0.3' };

  test('hot keys change now, cold ones wait for the next session', () => {
    const plan = planSettings(NOTHING, asked({ ...three, MAX_SPREAD_PCT: '0.01' }));
    expect(plan).toMatchObject({ now: ['MAX_SPREAD_PCT'], deferred: ['MAX_TRADES', 'WEIGHTS'], withdrawn: [] });
    expect(plan.faults).toEqual([]);
    expect(plan.after.texts).toMatchObject({ MAX_TRADES: '4', MAX_SPREAD_PCT: '0.01' });
    expect(withPending(plan.after.texts, plan.after.pending)).toMatchObject(three);
  });

  test('without a session all of them change now', () => {
    const plan = planSettings(NOTHING, asked(three, { open: undefined }));
    expect(plan).toMatchObject({ now: ['MAX_TRADES', 'WEIGHTS'], deferred: [], after: { pending: [] } });
  });

  test('the cross-key rules hold for what is in force, and for all that waits together', () => {
    const alone = planSettings(NOTHING, asked({ MAX_TRADES: '3' }));
    expect(alone.faults.map(({ key }) => key)).toEqual(['WEIGHTS']);
    expect(alone.faults[0]?.problem).toContain('in the next session, with the changes that are pending');
    const waiting = planSettings(NOTHING, asked(three)).after;
    expect(planSettings(waiting, asked({ MAX_TRADES: '5' })).faults.map(({ key }) => key)).toEqual(['WEIGHTS']);
    expect(planSettings(waiting, asked({}, { withdraw: ['WEIGHTS'] })).faults.map(({ key }) => key)).toEqual([
      'WEIGHTS',
    ]);
    expect(planSettings(waiting, asked({}, { withdraw: ['WEIGHTS', 'MAX_TRADES'] }))).toMatchObject({
      faults: [],
      withdrawn: ['MAX_TRADES', 'WEIGHTS'],
      after: NOTHING,
    });
  });

  test('saving the value in force again withdraws what waits, in whatever notation', () => {
    const waiting = planSettings(NOTHING, asked({ TOTAL_ALLOCATION: '0.03' })).after;
    const plan = planSettings(waiting, asked({ TOTAL_ALLOCATION: ' 0.020 ' }));
    expect(plan).toMatchObject({ now: [], deferred: [], withdrawn: ['TOTAL_ALLOCATION'], after: { pending: [] } });
  });

  test('a change is overwritten while it waits; one that is the same keeps its author', () => {
    const waiting = planSettings(NOTHING, asked({ TOTAL_ALLOCATION: '0.03' })).after;
    const bob = { ...BY, actor: 'user:bob' };
    const other = planSettings(waiting, asked({ TOTAL_ALLOCATION: '0.04' }, { by: bob }));
    expect(other.deferred).toEqual(['TOTAL_ALLOCATION']);
    expect(other.after.pending).toMatchObject([{ value: '0.04', actor: 'user:bob' }]);
    const same = planSettings(waiting, asked({ TOTAL_ALLOCATION: '0.030' }, { by: bob }));
    expect(same.deferred).toEqual([]);
    expect(same.after.pending).toEqual(waiting.pending);
  });

  test('what does not wait cannot be withdrawn', () => {
    expect(planSettings(NOTHING, asked({}, { withdraw: ['MAX_TRADES'] })).faults).toEqual([
      { key: 'MAX_TRADES', problem: 'has no pending change that could be withdrawn' },
    ]);
  });

  test('the journal stays locked, during a session too', () => {
    const plan = planSettings(NOTHING, asked({ JOURNAL_URL: 'esdb://host:2113' }));
    expect(plan.locked.map(({ key }) => key)).toEqual(['JOURNAL_URL']);
    expect(plan.deferred).toEqual([]);
  });

  test('an invalid value and an unknown key are refused, held or not', () => {
    const { faults } = planSettings(NOTHING, asked({ MAX_TRADES: '0', MAX_PRIC: '1' }));
    expect(faults.map(({ key }) => key).sort()).toEqual(['MAX_PRIC', 'MAX_TRADES']);
  });
});
