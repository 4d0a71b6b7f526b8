import { describe, expect, test } from '@jest/globals';
import { parseEnvBot, renderEnvBot } from '../../../src/domain/config/env-bot.js';
import { noTradingReasons } from '../../../src/domain/config/no-trading.js';
import type { OwnStrategyInfo } from '../../../src/domain/config/own-settings.js';
import { planSettings } from '../../../src/domain/config/settings-change.js';
import { settingsPage } from '../../../src/domain/config/settings-page.js';
import { describeSettings, parseSettings, settingsSha256 } from '../../../src/domain/config/settings.js';
import { parseDateText, parseUtcText, toUtcText } from '../../../src/kernel/time.js';

const OWN: readonly OwnStrategyInfo[] = [
  {
    name: 'gap-fade',
    description: 'Fades a gap.',
    settings: [
      {
        key: 'OWN_GAP_FADE_BUFFER',
        kind: 'number',
        label: 'Buffer',
        help: 'Distance.',
        unit: 'fraction',
        default: '0.01',
        min: '0',
        max: '0.2',
        choices: [],
      },
    ],
  },
];
const since = toUtcText(parseUtcText('2026-01-05T12:00:00.000Z'));
const REQUEST = {
  withdraw: [],
  open: undefined,
  versionTag: '0.2.0',
  float: undefined,
  facts: { own: OWN, inverseEtfs: false },
  by: { since, actor: 'user:a', reason: 'test' },
} as const;
const plan = (changes: Readonly<Record<string, string>>, open?: string) =>
  planSettings(
    { texts: { VERSION_TAG: '0.2.0' }, pending: [] },
    { ...REQUEST, changes, open: open === undefined ? undefined : parseDateText(open) },
  );

describe('settings of own strategies', () => {
  test('they are kept as written, described, part of the digest, and survive a rewrite of the file', () => {
    const settings = parseSettings({ OWN_GAP_FADE_BUFFER: ' 0.02 ', OWN_GONE_X: 'a "b"' });
    expect(describeSettings(settings)).toMatchObject({ OWN_GAP_FADE_BUFFER: '0.02', OWN_GONE_X: 'a "b"' });
    expect(settingsSha256(settings)).not.toBe(settingsSha256(parseSettings({})));
    expect(settingsSha256(parseSettings({ OWN_GAP_FADE_BUFFER: '' }))).toBe(settingsSha256(parseSettings({})));
    const rendered = renderEnvBot({ OWN_GAP_FADE_BUFFER: '0.02', OWN_GONE_X: 'a "b"' });
    expect(parseEnvBot(rendered)).toMatchObject({ OWN_GAP_FADE_BUFFER: '0.02', OWN_GONE_X: 'a "b"' });
    expect(() => parseSettings({ OWN_GAP_FADE_BUFFER: 'a\u0007b' })).toThrow('must be one line');
    expect(() => parseSettings({ OWN_: '1' })).toThrow('is an unknown setting');
  });

  test('the page has them last, by strategy, and offers the name in the sequence', () => {
    const page = settingsPage({ OWN_GAP_FADE_BUFFER: '0.02' }, OWN);
    expect(page.at(-1)).toMatchObject({
      key: 'OWN_GAP_FADE_BUFFER',
      group: 'strategy gap-fade',
      value: '0.02',
      default: '0.01',
      mustBe: 'a number from 0 to 0.2',
    });
    expect(page.find(({ key }) => key === 'STRATEGY_SEQUENCE')?.choices).toEqual(['open', 'mid', 'close', 'gap-fade']);
  });

  test.each([
    [{ OWN_GAP_FADE_BUFFER: '0.3' }, 'OWN_GAP_FADE_BUFFER must be a number from 0 to 0.2, not "0.3"'],
    [
      { OWN_GAP_FADE_BUFER: '0.1' },
      'OWN_GAP_FADE_BUFER is a setting of no strategy of this bot: known are OWN_GAP_FADE_BUFFER',
    ],
    [{ STRATEGY_SEQUENCE: 'open,gap-fades' }, 'STRATEGY_SEQUENCE names gap-fades, which is no strategy of this bot'],
    [{ STRATEGY_OVERRIDE: 'opne' }, 'STRATEGY_OVERRIDE names opne, which is no strategy of this bot'],
  ])('a save of %j is refused', (changes, expected) => {
    const { faults } = plan(changes);
    expect(faults.map(({ key, problem }) => `${key} ${problem}`).join()).toContain(expected);
  });

  test('a save takes a name that was found, and a setting waits for the next session', () => {
    const changes = { STRATEGY_SEQUENCE: 'gap-fade,open', OWN_GAP_FADE_BUFFER: '0.1' };
    expect(plan(changes)).toMatchObject({
      faults: [],
      now: expect.arrayContaining(Object.keys(changes)),
      deferred: [],
    });
    expect(plan(changes, '2026-01-05')).toMatchObject({
      faults: [],
      deferred: expect.arrayContaining(Object.keys(changes)),
    });
  });

  test('a bot with an own strategy alone can trade', () => {
    const off = { STRAT_OPEN_ENABLED: 'false', STRAT_MID_ENABLED: 'false', STRAT_CLOSE_ENABLED: 'false' };
    expect(noTradingReasons(off).map(({ code }) => code)).toEqual(['NO_STRATEGY']);
    expect(noTradingReasons({ ...off, STRATEGY_SEQUENCE: 'gap-fade' })).toEqual([]);
  });
});
