import { expect, test } from '@jest/globals';
import { fieldsOf } from '../../../src/ui/pages/events/fields.js';
import { reportsText } from '../../../src/ui/pages/health/reports.js';
import {
  changesOf,
  matching,
  startText,
  withoutEffect,
  type Setting,
  type Settings,
} from '../../../src/ui/pages/settings/model.js';
import { changesOfList, entriesOf, linesOf } from '../../../src/ui/pages/strategies/entries.js';

const setting = (key: string, more: Partial<Setting> = {}): Setting => ({
  ...{ key, label: key.toLowerCase(), help: '', unit: '', kind: 'text', choices: null, mustBe: 'a text' },
  ...{ inherits: null, default: '5', value: '5', secret: false, change: 'hot', takesEffect: true, locked: '' },
  ...{ pending: null, changed: null },
  ...more,
});

const GROUPS: Settings['groups'] = [
  {
    group: 'risk',
    settings: [setting('MAX_OPEN', { value: '7', help: 'Open positions at once.' }), setting('MAX_TRADES')],
  },
  {
    group: 'journal',
    settings: [
      setting('JOURNAL_URL', { secret: true, value: '***', default: 'sqlite:' }),
      setting('MID_LIMIT', { inherits: 'MAX_OPEN', value: '', default: '' }),
    ],
  },
];

test('settings are found by every word of name, key and help, in a group, and by what differs from the default', () => {
  const keysOf = (find: string, group = '', changedOnly = false) =>
    matching(GROUPS, { find, group, changedOnly, idle: false }).flatMap(({ settings }) =>
      settings.map(({ key }) => key),
    );
  expect(keysOf('')).toHaveLength(4);
  expect(keysOf('positions max')).toEqual(['MAX_OPEN']);
  expect(keysOf('', 'journal')).toEqual(['JOURNAL_URL', 'MID_LIMIT']);
  expect(keysOf('', '', true)).toEqual(['MAX_OPEN', 'JOURNAL_URL']);
  expect(matching(GROUPS, { find: 'no such', group: '', changedOnly: false, idle: true })).toEqual([]);
});

test('settings without an effect are shown when they are asked for, or when a search finds them', () => {
  const groups = [{ group: 'risk', settings: [setting('MAX_OPEN'), setting('LATER', { takesEffect: false })] }];
  const keysOf = (find: string, idle: boolean) =>
    matching(groups, { find, group: '', changedOnly: false, idle }).flatMap(({ settings }) =>
      settings.map((one) => one.key),
    );
  expect([keysOf('', false), keysOf('', true), keysOf('late', false)]).toEqual([
    ...[['MAX_OPEN'], ['MAX_OPEN', 'LATER'], ['LATER']],
  ]);
  expect(withoutEffect(groups)).toBe(1);
});

test('only what differs from the stored text is a change; a secret is left as it is until it is typed', () => {
  expect(changesOf(GROUPS, { MAX_OPEN: ' 7 ', MAX_TRADES: '6', JOURNAL_URL: '', GONE: '1' })).toEqual({
    MAX_TRADES: '6',
  });
  expect(changesOf(GROUPS, { JOURNAL_URL: 'esdb://a' })).toEqual({ JOURNAL_URL: 'esdb://a' });
  const numbers = [{ group: 'risk', settings: [setting('CAP', { kind: 'count', value: '5000' }), setting('LIST')] }];
  expect(changesOf(numbers, { CAP: '10,000,000', LIST: '1,000' })).toEqual({ CAP: '10000000', LIST: '1,000' });
  expect(changesOf(numbers, { CAP: '5,000' })).toEqual({});
  expect(startText({ secret: true, value: '***' })).toBe('');
});

test('the data of an event are fields: lists of plain values are one line, ids lead somewhere, nothing is named', () => {
  const shown = fieldsOf({
    ...{ clientOrderId: 'B01-1', stop: null, symbols: ['A', 'B'], legs: [{ account: '1' }], none: [], ok: false },
    sourceEventId: '01419327-2c40-77c4-8d0f-9453e7acc334',
  }).map(({ name, kind, text }) => `${name} ${kind} ${text}`.trim());
  expect(shown).toEqual([
    ...['clientOrderId order B01-1', 'stop none null', 'symbols text A, B', 'legs parts', 'none none empty list'],
    ...['ok text false', 'sourceEventId event 01419327-2c40-77c4-8d0f-9453e7acc334'],
  ]);
  expect(fieldsOf([{ a: 1 }, { a: 2 }]).map(({ name }) => name)).toEqual(['1', '2']);
});

test('what a process reports leaves out what is empty and lags of zero, and shows times and positions as pages do', () => {
  expect(reportsText({ at: 'following', 'lag.ledger': '0', 'lag.coa': '3', session: '' })).toBe(
    'at following, lag.coa 3',
  );
  expect(reportsText({ next: '2013-10-07T20:00:00.000Z', position: '0000000000000419' })).toBe(
    'next 2013-10-07 20:00:00 UTC, position 419',
  );
});

test('an edited list of inverse ETFs says what it changes for each symbol', () => {
  const before = { SPY: 'SH', QQQ: 'PSQ', DIA: 'DOG' };
  expect(entriesOf(linesOf(before))).toEqual(before);
  expect(changesOfList(before, entriesOf('spy = sds\nQQQ=PSQ\n\niwm=RWM'))).toEqual([
    ...['DIA loses DOG', 'IWM becomes RWM', 'SPY changes from SH to SDS'],
  ]);
  expect(entriesOf('SPY')).toEqual({ SPY: '' });
});
