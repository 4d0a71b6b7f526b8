import { afterAll, describe, expect, test } from '@jest/globals';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createRequire } from 'node:module';
import type { OptionFaults } from '../../../src/processes/cli/context.js';
import { feedChoiceOf as choiceBy, feedNotes, type FeedFlags } from '../../../src/processes/cli/feed-choice.js';
import { parseUtcText } from '../../../src/kernel/time.js';
import { failureOf } from '../support/failure.js';
import { removeTemporaryHomes, temporaryHome } from '../support/home.js';

afterAll(removeTemporaryHomes);

interface EarlyOptions {
  readonly marketFault: OptionFaults['run'];
  earlyRefusal(args: readonly string[]): { readonly code: string; readonly message: string } | undefined;
}

const early = createRequire(import.meta.url)(
  join(process.cwd(), 'src/processes/cli/early-options.cjs'),
) as EarlyOptions;
const feedChoiceOf = (flags: FeedFlags) => choiceBy(flags, { run: early.marketFault });

/** A folder of CSV minute bars: the first minutes of each day of each symbol. */
function folderOf(days: Readonly<Record<string, readonly string[]>>): string {
  const dir = join(temporaryHome(), 'data');
  mkdirSync(dir, { recursive: true });
  for (const [symbol, dates] of Object.entries(days)) {
    const rows = dates.flatMap((date) =>
      ['14:30', '14:31', '14:32'].map((time) => `${date}T${time}:00Z,10.00,10.10,9.90,10.05,5000`),
    );
    writeFileSync(join(dir, `${symbol}.csv`), `timestamp,open,high,low,close,volume\n${rows.join('\n')}\n`);
  }
  return dir;
}

const at = (text: string) => parseUtcText(`${text}T12:00:00.000Z`);

describe('the market of tradebot run', () => {
  test('without options there is no choice, and a seed alone chooses an invented market', () => {
    expect(feedChoiceOf({})).toBeUndefined();
    expect(feedChoiceOf({ seed: '7' })).toEqual({ feed: 'synthetic', dir: null, symbols: [], vix: null, seed: 7 });
  });

  test('files become absolute, since every process of the bot reads them', () => {
    const choice = feedChoiceOf({ feed: 'lean', data: 'some/days', symbols: 'SPY, AIG', vix: 'vix.csv' });
    expect(choice).toEqual({
      feed: 'lean',
      dir: join(process.cwd(), 'some/days'),
      symbols: ['SPY', 'AIG'],
      vix: join(process.cwd(), 'vix.csv'),
      seed: null,
    });
    expect(feedChoiceOf({ feed: 'csv', data: '/d', symbols: 'SPY', vix: '17.5' })?.vix).toBe('17.5');
  });

  test.each<[string, FeedFlags, string]>([
    ['an unknown feed', { feed: 'alpaca' }, '--feed "alpaca" is not known'],
    ['recorded days without a folder', { feed: 'lean', symbols: 'SPY' }, '--feed lean needs --data'],
    ['a folder for an invented market', { data: '/d' }, '--data needs --feed'],
    ['a VIX for an invented market', { feed: 'synthetic', vix: '17' }, '--vix needs recorded days'],
    ['a VIX in another notation', { feed: 'csv', data: '/d', vix: '0x11' }, '--vix 0x11 is not a VIX figure'],
    ['a VIX without end', { feed: 'lean', data: '/d', vix: 'Infinity' }, '--vix Infinity is not a VIX figure'],
    ['a VIX below zero', { feed: 'lean', data: '/d', vix: '-3' }, '--vix -3 is not a VIX figure'],
    ['an empty VIX', { feed: 'lean', data: '/d', vix: '' }, '--vix is empty'],
    ['a seed that is none', { seed: '-1' }, '--seed'],
    ['a symbol that is none', { symbols: 'a b' }, 'symbol'],
  ])('%s is refused', (_, flags, message) => {
    const failure = failureOf(() => feedChoiceOf(flags));
    expect(failure.message).toContain(message);
    expect(failure.remedy.length).toBeGreaterThan(10);
  });
});

describe('what a start says of recorded days', () => {
  const recorded = (dir: string, symbols: string) => feedChoiceOf({ feed: 'csv', data: dir, symbols })!;

  test('the days that all symbols have, and the next that can be traded', () => {
    const dir = folderOf({ ABC: ['2026-01-05', '2026-01-06', '2026-01-08'], DEF: ['2026-01-06', '2026-01-08'] });
    expect(feedNotes(recorded(dir, 'ABC,DEF'), at('2026-01-07'))).toEqual([
      'Recorded days (csv) of ABC, DEF: 2026-01-06, 2026-01-08.',
      'The next session that can be traded is that of 2026-01-08.',
    ]);
  });

  test('that none of them is ahead of the clock', () => {
    const dir = folderOf({ ABC: ['2026-01-05'] });
    expect(feedNotes(recorded(dir, 'ABC'), at('2026-02-01'))[1]).toBe(
      "None of them is ahead of the bot's clock: nothing will be traded. Try --clock-start 2026-01-05T13:00:00Z.",
    );
  });

  test.each([
    ['a missing folder', '/no/such/folder', 'ABC', 'DATA_FOLDER_MISSING'],
    ['an unknown symbol', undefined, 'XYZ', 'DATA_UNKNOWN_SYMBOL'],
    ['no symbol', undefined, '', 'SYMBOLS_MISSING'],
    ['symbols without a common day', undefined, 'ABC,DEF', 'DATA_NO_COMMON_DAY'],
  ])('%s is refused before anything is started', (_, dir, symbols, code) => {
    const data = dir ?? folderOf({ ABC: ['2026-01-05'], DEF: ['2026-01-06'] });
    expect(failureOf(() => feedNotes(recorded(data, symbols), at('2026-01-01'))).code).toBe(code);
  });

  test('a file in place of the folder is refused with its folder and symbol', () => {
    const dir = folderOf({ ABC: ['2026-01-05'] });
    const refusal = (data: string) => {
      const { code, message, remedy } = failureOf(() => feedNotes(recorded(data, 'ABC'), at('2026-01-01')));
      return [code, message.replaceAll(dir, 'DIR'), remedy.replaceAll(dir, 'DIR')];
    };
    const code = 'DATA_FOLDER_MISSING';
    const folder = 'Give --data DIR, the folder of that file';
    expect(refusal(join(dir, 'ABC.csv'))).toEqual([
      code,
      'DIR/ABC.csv is a file, not a folder',
      `${folder}, and name its symbol: --symbols ABC.`,
    ]);
    writeFileSync(join(dir, 'my bars.CSV'), '');
    expect(refusal(join(dir, 'my bars.CSV'))).toEqual([code, 'DIR/my bars.CSV is a file, not a folder', `${folder}.`]);
    const zip = join(dir, 'equity/usa/minute/abc/20260105_trade.zip');
    mkdirSync(join(zip, '..'), { recursive: true });
    writeFileSync(zip, '');
    expect(refusal(zip)).toEqual([
      code,
      'DIR/equity/usa/minute/abc/20260105_trade.zip is a file, not a folder',
      'Give --data DIR, the folder that contains equity/usa.',
    ]);
    expect(refusal(join(dir, 'ABC.csv', 'x'))[1]).toBe('DIR/ABC.csv/x does not exist');
  });

  test('a file of the next day that cannot be read', () => {
    const dir = folderOf({ ABC: ['2026-01-05'] });
    const choice = feedChoiceOf({ feed: 'csv', data: dir, symbols: 'ABC', vix: '/no/vix.csv' })!;
    expect(failureOf(() => feedNotes(choice, at('2026-01-01'))).message).toContain('vix');
  });
});

describe('options that contradict each other are refused before the program is built', () => {
  test.each([
    ['run --vix 17', 'BAD_OPTION', '--vix needs recorded days'],
    ['--json run --vix=17', 'BAD_OPTION', '--vix needs recorded days'],
    ['--home run run --feed synthetic --vix 17', 'BAD_OPTION', '--vix needs recorded days'],
    ['run --data /d', 'BAD_OPTION', '--data needs --feed'],
    ['run --feed csv --data', 'BAD_OPTION', '--feed csv needs --data'],
    ['run --feed lean', 'BAD_OPTION', '--feed lean needs --data'],
    ['run --feed alpaca --data /d', 'BAD_OPTION', '--feed "alpaca" is not known'],
    ['day', 'MARKET_DATA_SOURCE', 'no market data was chosen'],
    ['day --synthetic --vix 17', 'MARKET_DATA_SOURCE', '--vix and --synthetic cannot be combined'],
    ['day --synthetic --data /d', 'MARKET_DATA_SOURCE', '--data and --synthetic cannot be combined'],
  ])('%s', (line, code, message) => {
    const refused = early.earlyRefusal(line.split(' '));
    expect([refused?.code, refused?.message]).toEqual([code, expect.stringContaining(message)]);
  });

  test.each([
    'run',
    'run --feed csv --data /d --vix 17',
    'run --help --vix 17',
    'day --synthetic',
    'day --data /d --date 2013-10-07 --vix 17',
    'status --vix 17',
    'constructor',
    '',
  ])('the program judges: %s', (line) => {
    expect(early.earlyRefusal(line.split(' ').filter((word) => word !== ''))).toBeUndefined();
  });
});
