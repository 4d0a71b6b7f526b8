import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseEnvBot, renderEnvBot } from '../../../src/domain/config/env-bot.js';
import { parseSettings, SETTING_TABLE, settingsSha256 } from '../../../src/domain/config/settings.js';
import { failureOf } from '../support/failure.js';

describe('parse', () => {
  test.each([
    ['A=1', { A: '1' }],
    ['  A =  x y  ', { A: 'x y' }],
    ['A=', { A: '' }],
    ['# A=1\n\nB=2\r\nC=3', { B: '2', C: '3' }],
    ['A=1 # why', { A: '1' }],
    ['A=#not', { A: '' }],
    ['A=a#b', { A: 'a#b' }],
    ['A="a # b" # c', { A: 'a # b' }],
    ["A=' \\n '", { A: ' \\n ' }],
    ['A="q\\"b\\\\n\\n"', { A: 'q"b\\n\n' }],
    ['A=x=y', { A: 'x=y' }],
  ])('%j', (text, values) => {
    expect(parseEnvBot(text)).toEqual(values);
  });

  test('one error lists all faults by line, without the values', () => {
    const error = failureOf(() => parseEnvBot('A=1\nhunter2\nB="open\nA=2\n=x\n1A=3\nC="a"b'));
    expect(error.code).toBe('SETTINGS_TEXT_INVALID');
    expect(error.message).toBe(
      '6 faults in .env_bot: line 2 is not KEY=value; line 3 (B) has an unclosed quote, or text after the closing quote; ' +
        'line 4 sets A again after line 1; line 5 is not KEY=value; line 6 is not KEY=value; ' +
        'line 7 (C) has an unclosed quote, or text after the closing quote',
    );
    expect(error.line).not.toContain('hunter2');
  });

  test('a huge text is refused', () => {
    expect(failureOf(() => parseEnvBot('x\n'.repeat(100_000))).message.length).toBeLessThan(3_000);
  });
});

describe('render', () => {
  test('renders every key once, by group, with its help, and parses to the same settings', () => {
    const text = renderEnvBot({ MAX_TRADES: '2', WEIGHTS: '0.5,0.5' });
    const values = parseEnvBot(text);
    expect(Object.keys(values).sort()).toEqual(Object.keys(SETTING_TABLE).sort());
    const meant = parseSettings({ MAX_TRADES: '2', WEIGHTS: '0.5,0.5' });
    expect(settingsSha256(parseSettings(values))).toBe(settingsSha256(meant));
    const groups = [...text.matchAll(/^# ==== (.+) ====$/gm)].map((match) => match[1]);
    expect(new Set(groups).size).toBe(groups.length);
    expect(groups).toEqual(expect.arrayContaining(['general', 'risk', 'universe', 'access', 'alerts', 'hub']));
    expect(text).toContain(
      '# Trades per strategy: Maximum number of entries per strategy in a session. Must be a whole number from 1 to 100.\nMAX_TRADES=2',
    );
  });

  test('an inheriting key that is not set stays empty', () => {
    const texts = parseEnvBot(renderEnvBot({}));
    expect(parseSettings({ ...texts, TRADING_TRAILING_STOP_PCT: '0.03' }).TRAIL_PCT_MID.text()).toBe('0.03');
  });

  test('any value survives render and parse', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 40 }), (value) => {
        // A carriage return ends a line in files of other systems; no setting may hold one.
        fc.pre(!value.includes('\r'));
        expect(parseEnvBot(renderEnvBot({ HUB_URL: value }))['HUB_URL']).toBe(value);
      }),
      { numRuns: 100 },
    );
  });
});
