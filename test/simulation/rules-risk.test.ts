import { describe, expect, test } from '@jest/globals';
import { marketOf } from './support/market.js';
import { parseSymbol } from '../../src/events/names.js';
import { streamName, type NewEvent } from '../../src/events/event.js';
import { naturalKeyId } from '../../src/kernel/hash.js';
import { composeBotIdentity } from '../../src/kernel/identity.js';
import { parseDateText, parseUtcText, toUtcText } from '../../src/kernel/time.js';
import { PARTS, type DayHarness } from './support/day-harness.js';
import { after, DAY, home, NEXT_DAY, played, timeOf } from './support/days.js';
import { disturbedFeed, halted } from './support/disturbed-feed.js';
import { expectGoodBooks } from './support/oracle.js';

/** Ten dollars of a float of 100,000. */
const TIGHT = { DAILY_LOSS_LIMIT: '0.0001' };
const THIRD_DAY = parseDateText('2026-01-08');

async function count(day: DayHarness, type: Parameters<DayHarness['eventsOf']>[0]): Promise<number> {
  return (await day.eventsOf(type)).length;
}

async function states(day: DayHarness): Promise<readonly string[]> {
  return (await day.eventsOf('BotStateChanged')).map(({ data }) => data.to);
}

/** The admin's action, with a reason. */
async function resetByHand(day: DayHarness): Promise<void> {
  const at = toUtcText(parseUtcText('2026-01-07T22:00:00.000Z'));
  const event: NewEvent<'KillSwitchReset'> = {
    id: naturalKeyId('reset', at),
    type: 'KillSwitchReset',
    schemaVersion: 1,
    occurredAt: at,
    data: { reason: 'looked into it' },
    meta: {
      correlationId: 'reset',
      causationId: null,
      actor: 'user:admin',
      botIdentity: composeBotIdentity(PARTS),
      sessionDate: null,
    },
  };
  await day.journal.append(streamName('risk'), [event], { expectedRevision: 'any' });
}

describe('kill switch (TRD-41, RUN-16)', () => {
  test('it trips once, closes everything, blocks all entries and stops', async () => {
    const day = await played({ seed: 8, settings: TIGHT });
    await expectGoodBooks(day, { trades: 4 });
    expect(await count(day, 'RiskLimitBreached')).toBe(1);
    const [tripped] = await day.eventsOf('KillSwitchTripped');
    expect(await count(day, 'KillSwitchTripped')).toBe(1);
    expect(tripped?.data).toMatchObject({ code: 'DAILY_LOSS_LIMIT', figures: { limit: '10.00' } });
    const later = (await day.events()).filter(({ position }) => position > (tripped?.position ?? ''));
    const intents = later.filter((event) => event.type === 'OrderIntended');
    expect(intents.length).toBeGreaterThan(0);
    expect(intents.every(({ data }) => data.exitReason === 'kill')).toBe(true);
    const ends = later.filter((event) => event.type === 'PositionClosed').map(({ data }) => data.exitReason);
    expect(ends).toEqual(intents.map(() => 'kill'));
    expect((await states(day)).slice(-2)).toEqual(['emergency_closing_positions', 'stopped']);
    expect((await day.eventsOf('SessionClosed'))[0]?.data).toMatchObject({ outcome: 'halted', openPositions: [] });
  });

  test('it cancels working entries, and their fills are closed too', async () => {
    const settings = { ...TIGHT, TOTAL_ALLOCATION: '0.5', MAX_RISK_PER_TRADE: '0.5' };
    const day = await played({ seed: 11, settings, profile: { maxParticipation: 0.0005, partialFillProbability: 0 } });
    await expectGoodBooks(day, { trades: 1 });
    const asked = (await day.eventsOf('OrderCancelRequested')).filter(({ data }) =>
      data.reason.includes('kill switch'),
    );
    expect(asked.length).toBeGreaterThan(0);
    const [tripped] = await day.eventsOf('KillSwitchTripped');
    expect(asked.map(timeOf)).toEqual(asked.map(() => timeOf(tripped ?? (asked[0] as never))));
  });

  test('it stays tripped overnight: every candidate is blocked until a person resets it', async () => {
    const day = await played({ seed: 11, settings: TIGHT });
    await day.run(NEXT_DAY);
    const intended = async (date: string): Promise<number> =>
      (await day.eventsOf('OrderIntended')).filter(({ meta }) => meta.sessionDate === date).length;
    expect(await intended(NEXT_DAY)).toBe(0);
    const blocks = (await day.eventsOf('TradeBlocked')).filter(({ meta }) => meta.sessionDate === NEXT_DAY);
    expect(blocks.length).toBeGreaterThan(0);
    expect(new Set(blocks.map(({ data }) => data.limit))).toEqual(new Set(['KILL_SWITCH']));
    expect(await count(day, 'KillSwitchTripped')).toBe(1);
    await resetByHand(day);
    await day.run(THIRD_DAY);
    expect(await intended(THIRD_DAY)).toBeGreaterThan(0);
    await expectGoodBooks(day, { trades: 3 });
  });

  test('positions that cannot be closed are listed, and the bot ends in error, not in stopped', async () => {
    const symbol = parseSymbol('ZYNK');
    const feed = disturbedFeed(marketOf(11), DAY, halted(symbol, '15:05', '21:00'));
    const reject = {
      kind: 'reject',
      code: 'NO',
      message: 'no',
      match: { symbol, purpose: 'exit' },
      times: 1_000,
    } as const;
    const day = home({ feed, settings: TIGHT, faults: [reject] });
    await day.run(DAY);
    const [last] = (await day.eventsOf('BotStateChanged')).slice(-1);
    expect(last?.data).toMatchObject({ from: 'emergency_closing_positions', to: 'error' });
    expect(last?.data.reason).toContain('ZYNK');
  });
});

describe('defense mode (TRD-42)', () => {
  test('it halves the session cap and the trades, is reported once, and persists', async () => {
    const settings = { DEFENSE_MODE_ACTIVE: 'true', MAX_TRADES: '2', WEIGHTS: '0.5,0.5' };
    const day = await played({ seed: 11, settings });
    await day.run(NEXT_DAY);
    await expectGoodBooks(day, { trades: 1 });
    expect(await count(day, 'DefenseModeEntered')).toBe(1);
    const caps = (await day.eventsOf('SessionOpened')).map(({ data }) => data.sessionCap);
    expect(caps[0]).toBe('1000.00');
    expect(Number(caps[1])).toBeLessThan(1_010);
    const entries = (await day.eventsOf('OrderIntended')).filter(
      ({ data, meta }) => data.purpose === 'entry' && meta.sessionDate === DAY,
    );
    for (const strategy of ['open', 'mid', 'close']) {
      expect(entries.filter(({ data }) => data.strategy === strategy).length).toBeLessThanOrEqual(1);
    }
    const blocked = (await day.eventsOf('TradeBlocked')).filter(({ data }) => data.limit === 'MAX_TRADES');
    expect(blocked.map(({ data }) => data.figures)).toContainEqual({ used: '1', limit: '1' });
  });

  test('it stays on when the setting is removed: only a person ends it', async () => {
    const day = await played({ settings: { DEFENSE_MODE_ACTIVE: 'true' } });
    const { settings, ...rest } = day.options;
    day.options = { ...rest, settings: { ...settings, DEFENSE_MODE_ACTIVE: 'false' } };
    await day.run(NEXT_DAY);
    expect(Number((await day.eventsOf('SessionOpened'))[1]?.data.sessionCap)).toBeLessThan(1_010);
    expect(await count(day, 'DefenseModeEntered')).toBe(1);
    await expectGoodBooks(day, { trades: 1 });
  });
});

describe('broker outage (RUN-42)', () => {
  test('suspension and resumption are reported once each, and entries wait instead of being refused', async () => {
    const day = await played({
      faults: [{ kind: 'disconnect', from: after('14:50:30.500'), to: after('14:52:30.500'), refuses: 'everything' }],
    });
    await expectGoodBooks(day, { trades: 4 });
    expect([await count(day, 'BrokerSuspended'), await count(day, 'BrokerResumed')]).toEqual([1, 1]);
    const [entry] = await day.eventsOf('OrderIntended');
    expect(entry).toMatchObject({ data: { symbol: 'TLRX' } });
    expect(timeOf(entry as never)).toBe('14:53:00');
  });

  test('an exit due during the outage is not lost when the process dies', async () => {
    const { runThroughDeaths, deathAt } = await import('./support/crash.js');
    const day = home({ faults: [{ kind: 'disconnect', from: after('15:29:30.500'), to: after('15:40:30.500') }] });
    expect(await runThroughDeaths(day, DAY, [deathAt('OrderIntended', 3)])).toBe(1);
    await expectGoodBooks(day, { trades: 4 });
  });
});
