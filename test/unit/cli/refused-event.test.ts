import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { VirtualClock } from '../../../src/adapters/clock/virtual-clock.js';
import { openHome } from '../../../src/adapters/home/home.js';
import { SqliteJournal } from '../../../src/adapters/journal-sqlite/sqlite-journal.js';
import { EventAppender } from '../../../src/app/journal/event-appender.js';
import { streamName, type RecordedEvent } from '../../../src/events/event.js';
import { parseUtcText } from '../../../src/kernel/time.js';
import { endCommands, scratchFolder, tradebot } from './support.js';

const DAY = ['day', '--synthetic', '--seed', '1'];
let scratch: string;
let home: string;
/** The bust of an execution that nobody booked, and the fill of an order that was never intended. */
let positions: readonly string[];

beforeAll(async () => {
  scratch = scratchFolder();
  home = join(scratch, 'home');
  expect(await tradebot([...DAY, '--home', home])).toMatchObject({ code: 0, err: '' });
  const opened = openHome({ dir: home, create: false, version: '0' });
  const path = opened.paths.storage.journalDb;
  const last = (await read(path)).at(-1)!;
  const clock = new VirtualClock(parseUtcText(last.recordedAt));
  const fill = (await read(path)).findLast((event) => event.type === 'OrderFilled') as RecordedEvent<'OrderFilled'>;
  const journal = SqliteJournal.open({ path, clock });
  const appender = new EventAppender({ journal, clock, identity: opened.identity, actor: 'system:test' });
  const { clientOrderId, symbol } = fill.data;
  const cause = { correlationId: 'test', causationId: null };
  const bust = { executionId: 'E-nobody', clientOrderId, symbol, reason: 'made by another program' };
  await appender.append(streamName('order', clientOrderId), [{ type: 'OrderFillBusted', data: bust, ...cause }]);
  const nobodys = { ...fill.data, clientOrderId: `${clientOrderId}-9` as typeof clientOrderId, executionId: 'E-9' };
  await appender.append(streamName('order', nobodys.clientOrderId), [{ type: 'OrderFilled', data: nobodys, ...cause }]);
  await journal.close();
  positions = (await read(path)).slice(-2).map(({ position }) => position);
});
afterAll(async () => {
  await endCommands();
  rmSync(scratch, { recursive: true, force: true });
});

async function read(path: string): Promise<readonly RecordedEvent[]> {
  const journal = SqliteJournal.open({ path, clock: new VirtualClock(parseUtcText('2026-01-05T00:00:00.000Z')) });
  try {
    return await journal.readAll({ limit: 100_000 });
  } finally {
    await journal.close();
  }
}

const conditions = (): string =>
  JSON.stringify(
    (JSON.parse(readFileSync(join(home, 'output/status.json'), 'utf8')) as Record<string, unknown>)['conditions'],
  );

test('events of another program that need a history nobody has are left out, shown, traded past and settled', async () => {
  const [bust, fill] = positions;
  const rebuilt = await tradebot(['rebuild', 'all', '--home', home]);
  expect([rebuilt.code, rebuilt.err]).toEqual([0, '']);
  expect(rebuilt.out).toContain(`REFUSED by ledger: the OrderFillBusted at position ${bust ?? ''} is left out`);
  const verified = await tradebot(['verify', '--home', home]);
  expect(verified.code).toBe(3);
  expect(verified.out).toMatch(
    new RegExp(`NOT IN THE BOOKS: .*position ${bust ?? ''}.*EXECUTION_UNKNOWN.*RE-${bust ?? ''}`),
  );

  // the engine folds both, trades the next day, and reports them
  await tradebot([...DAY, '--date', '2026-01-06', '--home', home]);
  const { out } = await tradebot(['events', '--type', 'ErrorRecorded', '--home', home]);
  for (const position of [bust, fill]) expect(out).toContain(`"position":"${position ?? ''}"`);
  for (const position of [bust, fill]) expect(conditions()).toContain(`RE-${position ?? ''}`);
  // the bust is in no books; the fill is in them, so an entry with an amount would count it twice
  expect(conditions()).toContain(`the OrderFillBusted at position ${bust ?? ''} is left out`);
  expect(conditions()).toContain(`book what is right, and settle it: tradebot adjust --settles RE-${bust ?? ''}`);
  expect(conditions()).toContain(`the OrderFilled at position ${fill ?? ''} is in the books, but left out of orders`);
  expect(conditions()).toContain(`without an amount, for it is booked: tradebot adjust --settles RE-${fill ?? ''}`);
  expect((await tradebot(['rebuild', 'all', '--check', '--home', home])).code).toBe(0);

  for (const position of [bust, fill]) {
    const settles = ['adjust', '--settles', `RE-${position ?? ''}`, '--reason', 'nothing moved'];
    expect(await tradebot([...settles, '--home', home])).toMatchObject({ code: 0, err: '' });
  }
  expect(conditions()).not.toContain('EVENT_REFUSED');
  expect((await tradebot(['verify', '--home', home])).code).toBe(0);
  const unknown = await tradebot(['adjust', '--settles', 'RE-0000000000000001', '--reason', 'a slip', '--home', home]);
  expect([unknown.code, unknown.err]).toEqual([1, expect.stringContaining('(REFUSED_FACT_UNKNOWN)')]);
});
