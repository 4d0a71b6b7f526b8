import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { EMBEDDED } from '../../src/domain/config/journal-address.js';
import { createHash } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { gunzipSync, gzipSync } from 'node:zlib';
import { SystemClock } from '../../src/adapters/clock/system-clock.js';
import { marketOf } from './support/market.js';
import { openHome, type OpenedHome } from '../../src/adapters/home/home.js';
import { SqliteJournal } from '../../src/adapters/journal-sqlite/sqlite-journal.js';
import { parseSettings } from '../../src/domain/config/settings.js';
import { STREAMS } from '../../src/events/streams.js';
import type { RecordedEvent } from '../../src/events/event.js';
import { Decimal } from '../../src/kernel/decimal.js';
import { parseDateText, type DateText } from '../../src/kernel/time.js';
import { openRuntime } from '../../src/composition/engine-runtime.js';
import { openDays } from '../../src/app/day/open-days.js';
import { runDays } from '../../src/composition/run-days.js';
import { whatIf, type WhatIf } from '../../src/composition/what-if-session.js';
import { filesUnder, removeTemporaryHomes, temporaryHome } from '../unit/support/home.js';
import { BOTH_WAYS, DAY, NEXT_DAY } from './support/days.js';

const PARTS = { entityCode: 'TEST', jurisdictionCode: 'US', brokerCode: 'SIM', botId: 'B01' };
const THIRD_DAY = parseDateText('2026-01-08');
/** Ends at 13:00 New York, by MARKET_CLOSE. */
const HALF_SESSION = parseDateText('2026-01-09');
let home: OpenedHome;

/** Four days, with cash that came in before the third, and a shorter fourth. */
async function trade(): Promise<void> {
  const { paths, identity, identityParts } = home;
  const runtime = await openRuntime({ paths, identity, identityParts, versionTag: 'test', address: EMBEDDED });
  const play = (from: DateText, days: number, more: Readonly<Record<string, string>>): Promise<unknown> => {
    const settings = parseSettings({ ...BOTH_WAYS, ...more });
    return runDays(runtime, {
      days: openDays({ feed: marketOf(1), settings, from, days }),
      settings,
      brokerSeed: 1,
      openingCash: Decimal.parse('100000.00'),
      onProgress: () => undefined,
    });
  };
  await play(DAY, 2, {});
  runtime.appender.sessionDate = null;
  const data = {
    adjustmentId: 'FA-7',
    amount: Decimal.parse('5000.00').text(),
    direction: 'inject' as const,
    source: 'acknowledged-transfer' as const,
    reason: 'more capital',
  };
  await runtime.appender.appendIfUnchanged(STREAMS.float, [
    { type: 'FloatAdjusted', data, correlationId: 'FA-7', causationId: null },
  ]);
  await play(THIRD_DAY, 1, { MAX_OPEN_POSITIONS: '2' });
  await play(HALF_SESSION, 1, { MARKET_CLOSE: '13:00@America/New_York' });
  await runtime.close();
}

async function withJournal<T>(work: (journal: SqliteJournal) => Promise<T>): Promise<T> {
  const journal = SqliteJournal.open({ path: home.paths.storage.journalDb, clock: new SystemClock() });
  try {
    return await work(journal);
  } finally {
    await journal.close();
  }
}

const ask = (date: DateText, changes: Readonly<Record<string, string>> = {}): Promise<WhatIf> =>
  withJournal((journal) => whatIf({ ...home, journal, date, changes, onProgress: () => undefined }));

async function sessionOf(date: DateText): Promise<readonly RecordedEvent[]> {
  const all = await withJournal((journal) => journal.readAll({ limit: 100_000 }));
  return all.filter((event) => event.meta.sessionDate === date && event.type !== 'JournalSealed');
}

function digests(): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(filesUnder(home.paths.home)).map(([name, bytes]) => [
      name,
      createHash('sha256').update(bytes, 'latin1').digest('hex'),
    ]),
  );
}

beforeAll(async () => {
  home = openHome({ dir: temporaryHome(), identity: PARTS, create: true, version: 'test' });
  await trade();
});
afterAll(removeTemporaryHomes);

describe('what-if without a change repeats the session (JRN-33)', () => {
  test.each([
    ['the first', DAY],
    ['one in the middle', NEXT_DAY],
    ['one with cash that came in and other settings', THIRD_DAY],
  ])('%s: every event, its id and all its data', async (_, date) => {
    const { comparison, events } = await ask(date);
    const bare = (event: RecordedEvent): unknown => ({ ...event, hash: null, prevHash: null, position: null });
    const was = await sessionOf(date);
    expect(was.length).toBeGreaterThan(100);
    expect(events.map(bare)).toEqual(was.map(bare));
    expect(comparison).toMatchObject({ identical: true, firstDifference: null, signals: [], orders: [], trades: [] });
    expect(comparison.whatIf).toEqual(comparison.recorded);
    expect(Number(comparison.recorded.netPnl)).not.toBe(0);
  });
});

describe('what-if with other settings', () => {
  test('fewer trades: the first refused order, and what it cost or saved', async () => {
    const { comparison, changed } = await ask(DAY, { MAX_OPEN_POSITIONS: '1' });
    const { recorded, whatIf: other, trades, blocks } = comparison;
    expect(changed).toEqual([{ key: 'MAX_OPEN_POSITIONS', from: '5', to: '1' }]);
    expect(comparison.identical).toBe(false);
    expect(comparison.firstDifference?.whatIf).toMatchObject({
      type: 'TradeBlocked',
      data: { limit: 'MAX_OPEN_POSITIONS' },
    });
    expect(blocks.some((pair) => pair.recorded === null && pair.whatIf === 'MAX_OPEN_POSITIONS')).toBe(true);
    expect(trades.some((pair) => pair.whatIf === null)).toBe(true);
    const net = (side: 'recorded' | 'whatIf'): Decimal =>
      Decimal.sum(trades.map((pair) => Decimal.parse(/net (-?[\d.]+)/.exec(pair[side] ?? 'net 0')?.[1] ?? '')));
    const differs = Decimal.parse(other.netPnl).minus(Decimal.parse(recorded.netPnl));
    expect(differs.isZero()).toBe(false);
    expect(net('whatIf').minus(net('recorded')).text()).toBe(differs.text());
  });

  test('a trade made in both runs is filled with the same random draws, whatever its order number', async () => {
    const { comparison } = await ask(DAY, { MAX_OPEN_POSITIONS: '1' });
    const made = comparison.trades.filter((pair) => pair.recorded !== null && pair.whatIf !== null);
    expect(made).toEqual([]);
    expect(comparison.whatIf.trades).toBeGreaterThan(1);
  });

  test('a disabled strategy: its signals are gone, and those of the others stay', async () => {
    const { comparison } = await ask(DAY, { STRAT_MID_ENABLED: 'false' });
    expect(comparison.signals.length).toBeGreaterThan(0);
    expect(comparison.signals.every(({ what, whatIf: other }) => what.includes('/mid/') && other === null)).toBe(true);
    const open = (side: typeof comparison.recorded): unknown =>
      side.strategies.find((line) => line.strategy === 'open');
    expect(open(comparison.whatIf)).toEqual(open(comparison.recorded));
  });

  test('a later day starts with the account of that morning', async () => {
    const { events } = await ask(THIRD_DAY, { MAX_OPEN_POSITIONS: '1' });
    const was = (await sessionOf(THIRD_DAY)).find((event) => event.type === 'SessionOpened');
    const is = events.find((event) => event.type === 'SessionOpened');
    const of = (event: RecordedEvent | undefined): unknown =>
      event?.type === 'SessionOpened' ? [event.data.openingEquity, event.data.floatAtStart] : undefined;
    expect(of(is)).toEqual(of(was));
    expect(JSON.stringify(of(is))).toContain('105000.00');
  });
});

describe('what-if with other hours', () => {
  const NARROW = { MARKET_OPEN: '11:30@America/New_York', MARKET_CLOSE: '15:45@America/New_York' };

  test('MARKET_OPEN and MARKET_CLOSE change the session and what was traded in it', async () => {
    const { comparison, events } = await ask(DAY, NARROW);
    const opened = events.find((event) => event.type === 'SessionOpened');
    expect(opened?.data).toMatchObject({
      opensAt: '2026-01-06T16:30:00.000Z',
      closesAt: '2026-01-06T20:45:00.000Z',
    });
    const first = events.find((event) => event.type === 'StrategyStarted');
    expect(first?.data).toMatchObject({ strategy: 'mid' });
    expect(comparison.trades.some(({ what, whatIf: other }) => what.includes('/open/') && other === null)).toBe(true);
  });

  test('hours that the session did not record are refused', async () => {
    const wider = ask(HALF_SESSION, { MARKET_CLOSE: '' });
    await expect(wider).rejects.toMatchObject({
      code: 'HOURS_NOT_RECORDED',
      message: expect.stringContaining('14:30 to 18:00 UTC'),
    });
    const same = await ask(HALF_SESSION);
    expect(same.comparison).toMatchObject({ identical: true, firstDifference: null });
  });

  test('a day that the settings exclude is refused', async () => {
    await expect(ask(DAY, { TRADING_DAYS: 'fri' })).rejects.toMatchObject({ code: 'EXCHANGE_CLOSED' });
  });
});

describe('what-if does not change the home', () => {
  test('no file changes or is created', async () => {
    const before = digests();
    expect(Object.keys(before).length).toBeGreaterThan(20);
    await ask(DAY, { MAX_OPEN_POSITIONS: '1', TOTAL_ALLOCATION: '0.1' });
    await ask(NEXT_DAY);
    expect(digests()).toEqual(before);
  });
});

describe('what-if refuses', () => {
  test('a day without a session, by name, with the days that have one', async () => {
    await expect(ask(parseDateText('2026-02-02'))).rejects.toMatchObject({
      code: 'SESSION_UNKNOWN',
      message: expect.stringContaining('2026-01-09'),
    });
  });

  test('settings that do not exist or are invalid', async () => {
    await expect(ask(DAY, { MAX_TRADE: '1' })).rejects.toMatchObject({ code: 'SETTINGS_INVALID' });
    await expect(ask(DAY, { MAX_TRADES: 'many' })).rejects.toMatchObject({ code: 'SETTINGS_INVALID' });
  });

  test('market data that differs from the recorded session', async () => {
    const path = home.paths.marketRecording(NEXT_DAY);
    const packed = readFileSync(path);
    const text = gunzipSync(packed).toString('utf8');
    writeFileSync(path, gzipSync(text.replace(/,(\d+)\nquote/, ',1$1\nquote')));
    await expect(ask(NEXT_DAY)).rejects.toMatchObject({ code: 'RECORDING_ALTERED' });
    writeFileSync(path, 'nothing of the kind');
    await expect(ask(NEXT_DAY)).rejects.toMatchObject({ code: 'RECORDING_ALTERED' });
    rmSync(path);
    await expect(ask(NEXT_DAY)).rejects.toMatchObject({ code: 'DATA_RECORDING_MISSING' });
    writeFileSync(path, packed);
  });
});
