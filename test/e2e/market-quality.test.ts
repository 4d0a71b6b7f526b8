import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import * as program from './support/program.js';
import { pathsOf, tradebot } from './support/program.js';

const OPEN = Date.parse('2013-10-07T13:30:00.000Z');
const row = (index: number, volume = '5000'): string =>
  `${new Date(OPEN + index * 60_000).toISOString()},100.05,100.10,99.90,99.95,${volume}\n`;
const FOUND = { BAR_BAD_VOLUME: 1, BAR_DUPLICATE: 3, QUOTE_DERIVED: 60 };
const WORDS = 'BAR_BAD_VOLUME 1, BAR_DUPLICATE 3, QUOTE_DERIVED 60';

let data: string;
let home: string;

beforeAll(async () => {
  await program.buildOnce();
  data = join(program.scratchFolder(), 'data');
  home = join(program.scratchFolder(), 'home');
  mkdirSync(data, { recursive: true });
  const rows = Array.from({ length: 60 }, (_, index) => row(index)).join('');
  const csv = `timestamp,open,high,low,close,volume\n${rows}${row(3)}${row(4)}${row(5)}${row(70, '')}`;
  writeFileSync(join(data, 'abc.csv'), csv);
});
afterAll(program.removeScratch);

const day = (...more: readonly string[]) =>
  tradebot('day', '--data', data, '--date', '2013-10-07', '--symbols', 'ABC', '--home', home, ...more);
const readJson = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'));

describe('rows of a file that were left out are shown (TRD-2, case trading/16)', () => {
  test('by day, in its JSON, the summary, the status file and the status command', async () => {
    const { code, out } = await day();
    expect(code).toBe(0);
    expect(out).toContain('market data: 60 bars, 60 quotes; 4 rows dropped');
    expect(out).toMatch(/ 3 BAR_DUPLICATE \(drop\): repeats a minute: the first row is kept/);
    expect(out).toMatch(/ 1 BAR_BAD_VOLUME \(drop\): the volume is missing/);
    const again = JSON.parse((await day('--json')).out) as {
      readonly days: readonly [{ readonly marketData: object }];
    };
    expect(again.days[0].marketData).toMatchObject({ bars: 60, quotes: 60, droppedRows: 4 });
    const quality = { date: '2013-10-07', bars: 60, quotes: 60, dropped_rows: 4, findings: FOUND };
    const { output } = pathsOf(home);
    expect(readJson(output.dailySummary)).toMatchObject({ market_data: quality });
    expect(readJson(output.statusJson)).toMatchObject({ market_quality: quality });
    const status = await tradebot('status', '--home', home);
    expect(status.out).toContain(`4 rows dropped in session 2013-10-07 (${WORDS})`);
  });
});
