import { afterEach, describe, expect, test } from '@jest/globals';
import { openSessionDate } from '../../src/app/journal/open-session.js';
import { loadSettings } from '../../src/app/settings/load-settings.js';
import { parseStored } from '../../src/domain/config/env-bot.js';
import { settingsSha256 } from '../../src/domain/config/settings.js';
import { secret } from '../../src/kernel/secret.js';
import type { WorkerTask } from '../../src/processes/ipc/messages.js';
import { TEST_VERSION } from '../support/provision.js';
import { refusalOf } from '../support/refusal.js';
import { filesUnder, removeTemporaryHomes } from '../unit/support/home.js';
import { appendSessionOpened } from './support/session-opened.js';
import {
  ACTOR,
  clock,
  eventsOf,
  passTime,
  run,
  settingsTask,
  setUp,
  typesOf,
  vaultOf,
  withJournal,
} from './support/worker-home.js';

afterEach(removeTemporaryHomes);

const CANARY = 'canary-91ef';

describe('settings that are pending (RUN-30)', () => {
  test('in a session cold keys are pending and hot keys accepted; after its hours all are in force, recorded once', async () => {
    const made = await setUp();
    const opened = clock.now();
    const open = await withJournal(made, async (journal) => {
      await appendSessionOpened(journal, made.identity, opened + 3_600_000);
      return openSessionDate(journal, clock);
    });
    const late = { START_TIME_MID: '12:30@America/New_York', HUB_URL: `https://${CANARY}@hub` };
    expect(await run(made, settingsTask({ ...late, MIN_PRICE: '3' }))).toMatchObject({
      generation: 2,
      changed: ['MIN_PRICE', 'START_TIME_MID', 'HUB_URL'],
    });
    const inForce = loadSettings(vaultOf(made), TEST_VERSION, open);
    expect([inForce.MIN_PRICE.text(), inForce.START_TIME_MID.minute, inForce.HUB_URL]).toEqual(['3', 0, '']);
    await run(made, { task: 'rotate', actor: ACTOR, reason: 'keys' });
    expect(loadSettings(vaultOf(made), TEST_VERSION, open)).toEqual(inForce);
    expect((await typesOf(made)).filter((type) => type.startsWith('Config'))).toEqual([
      'ConfigChanged',
      'ConfigChangeDeferred',
    ]);
    const waiting = (await eventsOf(made)).find(({ type }) => type === 'ConfigChangeDeferred');
    expect(waiting?.data).toMatchObject({ session: open, reason: 'by hand' });
    expect(waiting?.meta.actor).toBe(ACTOR);
    passTime(3_700_000);
    for (let again = 0; again < 2; again += 1) await run(made, { task: 'reconcile' });
    const next = loadSettings(vaultOf(made), TEST_VERSION);
    expect([next.START_TIME_MID.minute, next.HUB_URL]).toEqual([30, late.HUB_URL]);
    const changed = (await eventsOf(made)).filter((event) => event.type === 'ConfigChanged');
    expect(changed.length).toBe(2);
    expect(changed[1]?.data).toMatchObject({
      changes: [
        { key: 'HUB_URL', secret: true },
        { key: 'START_TIME_MID', to: '12:30@America/New_York' },
      ],
      reason: expect.stringContaining(`saved by ${ACTOR} at `),
      settingsSha256: settingsSha256(next),
    });
    await run(made, settingsTask({ MIN_PRICE: '4' }));
    expect(parseStored(vaultOf(made).envBot().reveal())).toMatchObject({
      texts: { START_TIME_MID: '12:30@America/New_York', MIN_PRICE: '4' },
      pending: [],
    });
    const files = Object.entries(filesUnder(made.home)).filter(([, bytes]) => bytes.includes(CANARY));
    expect(files.map(([name]) => name)).toEqual([]);
  });

  test('a worker that dies between vault and journal leaves what the next one records, by the same person', async () => {
    const made = await setUp();
    await withJournal(made, (journal) => appendSessionOpened(journal, made.identity, clock.now() + 3_600_000));
    await run(made, settingsTask({ TRADING_DAYS: 'mon' }));
    const text = vaultOf(made).envBot().reveal().replace('"value":"mon"', '"value":"tue"');
    vaultOf(made).rotate({ envBot: secret(text) });
    for (let again = 0; again < 2; again += 1) await run(made, { task: 'reconcile' });
    const waiting = (await eventsOf(made)).filter((event) => event.type === 'ConfigChangeDeferred');
    expect(waiting.map(({ data, meta }) => [data.changes[0]?.to, meta.actor])).toEqual([
      ['mon', ACTOR],
      ['tue', ACTOR],
    ]);
  });

  test('a pending change is withdrawn, and never takes effect', async () => {
    const made = await setUp();
    await withJournal(made, (journal) => appendSessionOpened(journal, made.identity, clock.now() + 3_600_000));
    await run(made, settingsTask({ TRADING_DAYS: 'mon', LOT_METHOD: 'FIFO' }));
    await run(made, { ...settingsTask({}), withdraw: ['TRADING_DAYS'] } as WorkerTask);
    const withdrawn = (await eventsOf(made)).find(({ type }) => type === 'ConfigChangeWithdrawn');
    expect(withdrawn?.data).toEqual({ keys: ['TRADING_DAYS'], reason: 'by hand' });
    passTime(3_700_000);
    await run(made, { task: 'reconcile' });
    expect(await typesOf(made)).not.toContain('ConfigChanged');
    expect(loadSettings(vaultOf(made), TEST_VERSION).TRADING_DAYS.length).toBe(5);
  });

  test('an end of all trading needs a confirmation, which the event names', async () => {
    const made = await setUp();
    const off = { STRAT_OPEN_ENABLED: 'false', STRAT_MID_ENABLED: 'false', STRAT_CLOSE_ENABLED: 'false' };
    const error = await refusalOf(run(made, settingsTask(off)));
    expect([error.code, error.remedy]).toEqual(['SETTINGS_END_TRADING', expect.stringContaining('confirmation')]);
    expect(await eventsOf(made)).toEqual([]);
    await run(made, { ...settingsTask(off), confirmNoTrading: true } as WorkerTask);
    const [event] = await eventsOf(made);
    expect(event?.data).toMatchObject({ reason: expect.stringMatching(/^by hand \(confirmed: .*none is enabled/) });
  });
});
