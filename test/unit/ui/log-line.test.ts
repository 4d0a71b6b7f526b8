import { expect, test } from '@jest/globals';
import { logLine, sizeText } from '../../../src/ui/pages/logs/line.js';

test('a line of a strategy has the position of its event, and only the columns that have a value', () => {
  const line = {
    ...{ timestamp: '2026-01-05T14:40:00.000Z', event: 'OrderFilled', message: 'bought 2 AIG', ticker: 'AIG' },
    ...{ exit_price: null, figures: {}, journal_position: '0000000000000147' },
  };
  expect(logLine(JSON.stringify(line))).toEqual({
    ...{ at: line.timestamp, botTime: null, level: '', event: 'OrderFilled', message: 'bought 2 AIG' },
    ...{ position: '0000000000000147', details: 'ticker AIG' },
  });
});

test('a line of a process has its level; text that is no record stays as it is', () => {
  const line = '{"level":"warn","time":"2026-01-05T14:40:00.000Z","process":"main","msg":"web is ready"}';
  expect(logLine(line)).toMatchObject({
    level: 'warn',
    message: 'web is ready',
    details: 'process main',
    position: null,
  });
  for (const text of ['', '{"cut of', '[1]', '7']) expect(logLine(text)).toMatchObject({ at: null, message: text });
});

test('a line that a process wrote in a simulated world has both times', () => {
  const times = { time: '2026-01-05T14:40:00.000Z', world: '2013-10-07T13:36:00.000Z' };
  expect(logLine(JSON.stringify({ ...times, msg: 'web is ready' }))).toMatchObject({
    ...{ at: times.time, botTime: times.world, details: '' },
  });
});

test('the size of a log is short', () => {
  expect([0, 999, 1_000, 12_345_678].map(sizeText)).toEqual(['0 B', '999 B', '1.0 kB', '12.3 MB']);
});
