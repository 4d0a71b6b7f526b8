import { expect, test } from '@jest/globals';
import type { EngineCommand } from '../../../src/app/live/commands.js';
import { parseUtcText, toUtcText } from '../../../src/kernel/time.js';
import { OutageLimit, outageRulesOf } from '../../../src/processes/engine/outage-limit.js';

const AWAY = { since: toUtcText(parseUtcText('2026-11-20T15:00:00.000Z')), cause: 'no answer' };

interface World {
  away: boolean;
  flat: boolean;
  waitsForPerson: boolean;
  isLost: boolean;
  action: 'close' | 'hold';
  readonly commands: EngineCommand[];
}

function world(more: Partial<World> = {}): { readonly now: World; readonly pass: (seconds: number) => void } {
  const found = { away: true, flat: false, waitsForPerson: false, isLost: false };
  const now: World = { ...found, action: 'close', commands: [], ...more };
  const limit = new OutageLimit({
    away: () => (now.away ? { ...AWAY, waitsForPerson: now.waitsForPerson, isLost: now.isLost } : undefined),
    isFlat: () => now.flat,
    rules: () => ({ limitSeconds: 30, action: now.action }),
    command: (command) => {
      now.commands.push(command);
      return Promise.reject(new Error('refused'));
    },
  });
  return {
    now,
    pass: (seconds) => {
      for (let second = 0; second < seconds; second += 1) limit.tick();
    },
  };
}

test('after the limit the bot is stopped, once for each outage', () => {
  const { now, pass } = world();
  pass(29);
  expect(now.commands).toEqual([]);
  pass(100);
  expect(now.commands).toEqual([
    {
      kind: 'stop',
      actor: 'system:watchdog',
      reason: expect.stringContaining('longer than JOURNAL_OUTAGE_LIMIT (30 s)'),
    },
  ]);
  now.away = false;
  pass(1);
  now.away = true;
  pass(29);
  expect(now.commands).toHaveLength(1);
  pass(1);
  expect(now.commands).toHaveLength(2);
});

test('two short outages are not a long one', () => {
  const { now, pass } = world();
  for (let outage = 0; outage < 5; outage += 1) {
    now.away = true;
    pass(20);
    now.away = false;
    pass(1);
  }
  expect(now.commands).toEqual([]);
});

test.each([{ action: 'hold' as const }, { flat: true }])('nothing is closed with %o, until that changes', (kept) => {
  const { now, pass } = world(kept);
  pass(1_000);
  expect(now.commands).toEqual([]);
  Object.assign(now, { action: 'close', flat: false });
  pass(1);
  expect(now.commands).toHaveLength(1);
});

test('what others did to the streams closes nothing: a person has to undo or acknowledge it', () => {
  const { now, pass } = world({ waitsForPerson: true });
  pass(1_000);
  expect(now.commands).toEqual([]);
  now.waitsForPerson = false;
  pass(30);
  expect(now.commands).toHaveLength(1);
});

test('a journal whose events are gone stops the bot after the limit, also with nothing to close; with hold it does not', () => {
  const { now, pass } = world({ isLost: true, flat: true, action: 'hold' });
  pass(1_000);
  expect(now.commands).toEqual([]);
  now.action = 'close';
  pass(1);
  expect(now.commands).toMatchObject([{ kind: 'stop', reason: expect.stringContaining('are gone (no answer)') }]);
});

test('the rules are those of the settings, and the defaults before there are any', () => {
  expect(outageRulesOf(undefined)).toEqual({ limitSeconds: 120, action: 'close' });
});
