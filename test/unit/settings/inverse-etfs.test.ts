import { beforeEach, expect, test } from '@jest/globals';
import { MemoryJournal } from '../../../src/adapters/journal-memory/memory-journal.js';
import { EventAppender } from '../../../src/app/journal/event-appender.js';
import { changeInverseEtfs, readInverseEtfs } from '../../../src/app/settings/inverse-etfs.js';
import { homeFacts } from '../../../src/app/settings/own-strategies.js';
import { saveFaults } from '../../../src/domain/config/save-rules.js';
import { parseSettings } from '../../../src/domain/config/settings.js';
import { composeBotIdentity } from '../../../src/kernel/identity.js';
import { epochMs } from '../../../src/kernel/time.js';

const clock = { now: () => epochMs(Date.parse('2026-01-05T12:00:00Z')) };
const identity = composeBotIdentity({ entityCode: 'T', jurisdictionCode: 'US', brokerCode: 'SIM', botId: 'B' });
let journal: MemoryJournal;
let appender: EventAppender;

beforeEach(() => {
  journal = new MemoryJournal({ clock });
  appender = new EventAppender({ journal, clock, identity, actor: 'system:test' });
});

const change = (version: string, entries: Readonly<Record<string, string>>, reason = 'for the test') =>
  changeInverseEtfs(appender, { version, entries, reason }, 'user:U-1');

test('each list has the next version, its author and its reason; an equal one is not recorded', async () => {
  expect(await readInverseEtfs(journal)).toMatchObject({ version: 0, entries: {}, by: null });
  expect(await change('0', { SPY: 'SH', QQQ: 'PSQ' })).toEqual({ version: 1 });
  expect(await change('0', { QQQ: 'PSQ', SPY: 'SH' })).toEqual({ version: 1 });
  expect(await change('1', { SPY: 'SH' })).toEqual({ version: 2 });
  expect(await readInverseEtfs(journal)).toEqual({
    version: 2,
    entries: { SPY: 'SH' },
    changedAt: '2026-01-05T12:00:00.000Z',
    by: 'user:U-1',
    reason: 'for the test',
  });
  expect(await journal.readAll({})).toHaveLength(2);
});

test.each([
  ['0', { SPY: 'SPY' }, 'cannot be its own inverse ETF'],
  ['0', { SPY: 'SH', SH: 'SPY' }, 'has one itself'],
  ['0', { SPY: 'sh' }, 'is not a ticker symbol'],
  ['3', { SPY: 'SH' }, 'was changed meanwhile: it has version 0 now'],
])('version %s with %j is refused', async (version, entries, why) => {
  await expect(change(version, entries as unknown as Readonly<Record<string, string>>)).rejects.toThrow(why);
  expect(await journal.readAll({})).toEqual([]);
});

test('a list without a reason is refused', async () => {
  await expect(change('0', { SPY: 'SH' }, ' ')).rejects.toThrow('a reason of 3');
});

test('InverseETF can be saved as soon as the list has an entry', async () => {
  const settings = parseSettings({ SHORT_TYPE_OPEN: 'InverseETF' });
  const faults = async () => saveFaults(settings, await homeFacts(journal)).map(({ key }) => key);
  expect(await faults()).toEqual(['SHORT_TYPE_OPEN']);
  await change('0', { SPY: 'SH' });
  expect(await faults()).toEqual([]);
  await change('1', {});
  expect(await faults()).toEqual(['SHORT_TYPE_OPEN']);
});
