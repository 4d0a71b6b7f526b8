import { afterAll, describe, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { haltSpans, RecordedBars } from '../../src/adapters/market-recorder/recorded-bars.js';
import { chartMarks } from '../../src/app/web-queries/chart-marks.js';
import type { EventType, RecordedEvent } from '../../src/events/event.js';
import { epochMs } from '../../src/kernel/time.js';
import { markRows, stopLines } from '../../src/ui/pages/chart/lines.js';
import { fillData } from './support/fills.js';

const dir = mkdtempSync(join(tmpdir(), 'chart-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const START = Date.parse('2026-01-05T14:30:00.000Z');
const at = (minute: number): string => new Date(START + minute * 60_000).toISOString();
const bar = (symbol: string, minute: number, close = 10_000): string =>
  `bar,${symbol},${START + minute * 60_000},10000,10000,10000,${close},100`;

describe('bars of a recording', () => {
  const files = { recording: join(dir, 'day.csv.gz'), part: join(dir, 'day.part.csv') };
  const bars = new RecordedBars();

  test('nothing recorded is nothing; of a part only whole minutes count', async () => {
    expect(await bars.read(files)).toBeUndefined();
    const whole = [bar('AIG', 0), `halt,IBM,${START}`, `minute,${START},`, bar('AIG', 1), `minute,${START + 60_000},`];
    writeFileSync(files.part, `tradebot-market-part,1\n${whole.join('\n')}\n${bar('AIG', 2)}\nbar,AIG,17`);
    const read = await bars.read(files);
    expect(read?.get('AIG')?.bars.map(({ start }) => start)).toEqual([START, START + 60_000]);
    expect(read?.get('IBM')?.halted).toEqual([START]);
  });

  test('the recording comes before a part; a changed file is read again', async () => {
    writeFileSync(files.recording, gzipSync(['tradebot-market,1', bar('IBM', 0, 12_345), 'end,1,0', ''].join('\n')));
    expect([...((await bars.read(files))?.keys() ?? [])]).toEqual(['IBM']);
    writeFileSync(files.recording, gzipSync(['tradebot-market,1', bar('IBM', 0), bar('KO', 0), ''].join('\n')));
    expect([...((await bars.read(files))?.keys() ?? [])]).toEqual(['IBM', 'KO']);
  });

  test('a damaged recording is refused by its name', async () => {
    const refused = expect.objectContaining({ code: 'DATA_RECORDING_UNUSABLE' }) as unknown;
    const cut = gzipSync(Array.from({ length: 500 }, (_, n) => bar('IBM', n, 10_000 + n * 7)).join('\n'));
    writeFileSync(files.recording, cut.subarray(0, cut.length - 40));
    await expect(bars.read(files)).rejects.toEqual(refused);
    writeFileSync(files.recording, gzipSync('bar,IBM,here,1,1,1,1,1\n'));
    await expect(bars.read(files)).rejects.toEqual(refused);
  });

  test('minutes of a halt that follow each other are one span', () => {
    const minutes = [0, 1, 2, 5].map((minute) => epochMs(START + minute * 60_000));
    expect(haltSpans(minutes).map(({ from, to }) => (to - from) / 60_000)).toEqual([3, 1]);
  });
});

describe('marks of a symbol', () => {
  let position = 0;
  const event = (type: EventType, data: object, minute = 0): RecordedEvent => {
    position += 1;
    const place = String(position).padStart(16, '0');
    return { type, data, id: `event ${position}`, position: place, occurredAt: at(minute) } as unknown as RecordedEvent;
  };
  const of = { strategy: 'open', symbol: 'AIG' };
  const fill = (does: 'open_long' | 'close_long', symbol = 'AIG') =>
    fillData({ id: `E${position}`, does, shares: '5', price: '10.00', symbol, at: at(12) });
  const events: readonly RecordedEvent[] = [
    event('SessionOpened', { date: '2026-01-05' }),
    event('StrategyStarted', { strategy: 'open', analysisFrom: at(0), breakoutFrom: at(10) }),
    event(
      'SignalTriggered',
      { ...of, price: '10.10', side: 'long', figures: { rangeHigh: '10.05', rangeLow: '9.95' } },
      11,
    ),
    event('OrderFilled', fill('open_long'), 12),
    event('OrderFilled', fill('open_long', 'IBM'), 12),
    event('TrailingStopMoved', { ...of, stop: '9.80' }, 12),
    event('TrailingStopMoved', { ...of, stop: '9.90' }, 14),
    event('OrderFilled', fill('close_long'), 16),
    event('PositionClosed', { ...of, exitAt: at(16) }, 16),
    event('SessionOpened', { date: '2026-01-06' }, 2_000),
    event('SignalTriggered', { ...of, price: '11.00', side: 'long', figures: {} }, 2_001),
  ];
  const journal = {
    readStream: () => Promise.resolve(events.slice(0, 1)),
    readAll: ({ after }: { readonly after?: string } = {}) =>
      Promise.resolve(events.filter((one) => after === undefined || one.position > after)),
  };

  test('signals, fills and stops of the session alone, with the range that a decision names', async () => {
    const found = await chartMarks(journal, { date: '2026-01-05' as never, symbol: 'AIG', upTo: undefined });
    expect(found.marks.map(({ kind, price }) => [kind, price])).toEqual([
      ['signal', '10.10'],
      ['entry', '10.00'],
      ['exit', '10.00'],
    ]);
    expect(found.stops.map(({ stop }) => stop)).toEqual(['9.80', '9.90', null]);
    expect(found.range).toMatchObject({ from: at(0), to: at(10), high: '10.05', low: '9.95' });
    const minutes = Array.from({ length: 20 }, (_, minute) => ({ at: at(minute) }));
    const [line = []] = stopLines({ stops: found.stops, bars: minutes } as never);
    expect(line.map(({ value }) => value ?? null).slice(11, 18)).toEqual([null, 9.8, 9.8, 9.9, 9.9, null, null]);
    expect(markRows({ ...found, halts: [{ from: at(13), to: at(14) }] } as never).map(({ kind }) => kind)).toEqual([
      ...['signal', 'entry', 'exit', 'stop', 'halt', 'stop', 'end'],
    ]);
  });

  test('as of a position there is nothing later', async () => {
    const upTo = events[3]?.position;
    const found = await chartMarks(journal, { date: '2026-01-05' as never, symbol: 'AIG', upTo });
    expect([found.marks.length, found.stops]).toEqual([2, []]);
  });
});
