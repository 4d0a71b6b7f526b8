import { describe, expect, test } from '@jest/globals';
import { botSession, tradingHoursFrom } from '../../../src/domain/schedule/trading-hours.js';
import { briefingOf, type Briefing, type BriefingFacts } from '../../../src/domain/conditions/briefing.js';
import { sessionWords } from '../../../src/domain/conditions/session-words.js';
import { statusFileOf } from '../../../src/domain/conditions/status-file.js';
import { BOT_STATES, type BotState } from '../../../src/domain/lifecycle/bot-state.js';
import { parseDateText, parseUtcText } from '../../../src/kernel/time.js';

const EVERY_DAY = { TRADING_DAYS: null, MARKET_OPEN: null, MARKET_CLOSE: null };

function words(date: string, now: string, hours = {}): string {
  const session = botSession(parseDateText(date), tradingHoursFrom({ ...EVERY_DAY, ...hours }));
  if (session === undefined) throw new Error(`no session on ${date}`);
  return sessionWords(session, parseUtcText(now));
}

describe('a session in the words of a trader', () => {
  test.each([
    // a Saturday, and the same days in summer time
    ['2025-12-01', '2025-11-29T15:00:00.000Z', 'Monday 1 December, 09:30 New York (14:30 UTC), in 2 days'],
    ['2026-07-06', '2026-07-05T23:00:00.000Z', 'Monday 6 July, 09:30 New York (13:30 UTC), in 14 hours 30 minutes'],
    ['2026-01-06', '2026-01-05T21:05:00.000Z', 'Tuesday 6 January, 09:30 New York (14:30 UTC), in 17 hours 25 minutes'],
    ['2026-01-06', '2026-01-06T13:30:00.000Z', 'Tuesday 6 January, 09:30 New York (14:30 UTC), in 1 hour'],
    ['2026-01-06', '2026-01-06T14:29:00.000Z', 'Tuesday 6 January, 09:30 New York (14:30 UTC), in 1 minute'],
    ['2026-01-06', '2026-01-06T14:29:59.000Z', 'Tuesday 6 January, 09:30 New York (14:30 UTC), in less than a minute'],
    // over the end of a year, and late in the evening of New York, whose date is not that of UTC
    ['2026-01-02', '2025-12-31T22:00:00.000Z', 'Friday 2 January 2026, 09:30 New York (14:30 UTC), in 2 days'],
    ['2026-01-06', '2026-01-05T03:00:00.000Z', 'Tuesday 6 January, 09:30 New York (14:30 UTC), in 2 days'],
    [
      '2026-11-27',
      '2026-11-26T22:00:00.000Z',
      'Friday 27 November, 09:30 New York (14:30 UTC), a half day until 13:00 New York, in 16 hours 30 minutes',
    ],
    [
      '2026-11-27',
      '2026-11-27T17:30:00.000Z',
      'open now, a half day until 13:00 New York (18:00 UTC), 30 minutes left',
    ],
    ['2026-01-06', '2026-01-06T15:00:00.000Z', 'open now until 16:00 New York (21:00 UTC), 6 hours left'],
  ])('%s seen at %s: %s', (date, now, expected) => {
    expect(words(date, now)).toBe(expected);
  });

  test('the hours of the settings are those of the words', () => {
    const hours = { MARKET_OPEN: '10:00@America/New_York', MARKET_CLOSE: '15:00@America/New_York' };
    expect(words('2026-01-06', '2026-01-06T14:30:00.000Z', hours)).toBe(
      'Tuesday 6 January, 10:00 New York (15:00 UTC), in 30 minutes',
    );
  });
});

const TUESDAY = '2026-01-06T15:30:00.000Z';

function briefing(at: string, more: Partial<BriefingFacts> = {}, file: object = {}): Briefing {
  return briefingOf({
    ...{ at: parseUtcText(at), machineAt: parseUtcText(TUESDAY), speed: 1 },
    ...{ identity: 'DEMO_US_SIM_B01', simulated: true, botState: 'idle', stateReason: '', engine: undefined },
    conditions: [],
    file: statusFileOf(file),
    ...more,
  });
}

const codes = ({ notTrading }: Briefing): string => notTrading.map(({ code }) => code).join(' ');
const condition = (code: string) => ({ code, severity: 'Warning', text: `text of ${code}`, remedy: 'Do it.' }) as const;

describe('why the bot does not trade now', () => {
  test.each([
    ['in an open session', TUESDAY, {}, ''],
    ['before the open', '2026-01-06T14:00:00.000Z', {}, 'BEFORE_OPEN'],
    ['after the close', '2026-01-06T21:00:00.000Z', {}, 'AFTER_CLOSE'],
    ['after a half day', '2026-11-27T18:00:00.000Z', {}, 'AFTER_CLOSE'],
    ['on a weekend', '2026-01-10T15:30:00.000Z', {}, 'EXCHANGE_CLOSED'],
    ['on a holiday', '2026-11-26T15:30:00.000Z', {}, 'EXCHANGE_CLOSED'],
    ['on a day that is not traded', TUESDAY, { TRADING_DAYS: 'mon,wed' }, 'NO_TRADING_DAY'],
    ['before MARKET_OPEN', TUESDAY, { MARKET_OPEN: '12:00@America/New_York' }, 'BEFORE_OPEN'],
    ['after MARKET_CLOSE', TUESDAY, { MARKET_CLOSE: '10:00@America/New_York' }, 'AFTER_CLOSE'],
    ['in a year without a calendar', '2050-01-06T15:30:00.000Z', {}, 'NO_CALENDAR'],
  ])('%s (%s)', (_, at, hours, expected) => {
    const seen = briefing(at, {}, { trading_hours: { ...EVERY_DAY, ...hours } });
    expect(codes(seen)).toBe(expected);
    for (const { text, remedy } of seen.notTrading) expect([text, remedy]).not.toContain('');
  });

  test('the name of the holiday is shown', () => {
    expect(briefing('2026-11-26T15:30:00.000Z').notTrading[0]?.text).toBe(
      'the exchange is closed today (Thanksgiving Day)',
    );
  });

  test('what a person must do something about comes before the calendar, the kill switch first', () => {
    const conditions = ['TRADES_DISABLED', 'ROLES_OFF', 'CLOCK_FAULT', 'KILL_SWITCH'].map(condition);
    const seen = briefing('2026-01-10T15:30:00.000Z', { conditions });
    expect(codes(seen)).toBe('KILL_SWITCH CLOCK_FAULT TRADES_DISABLED EXCHANGE_CLOSED');
    expect(seen.notTrading[0]).toEqual({ code: 'KILL_SWITCH', text: 'text of KILL_SWITCH', remedy: 'Do it.' });
  });

  test('a difference from the broker and a part that is down count only while they hold entries', () => {
    const conditions = ['BOOKS_DIFFER', 'WATCH_DOWN'].map(condition);
    expect(codes(briefing(TUESDAY, { conditions }))).toBe('');
    expect(codes(briefing(TUESDAY, { conditions }, { books_comparison: { entries_held: true } }))).toBe('BOOKS_DIFFER');
    const down = (part: string) => ({ watchdog: { [part]: { state: 'down' } } });
    expect(codes(briefing(TUESDAY, { conditions }, down('disk')))).toBe('WATCH_DOWN');
    expect(codes(briefing(TUESDAY, { conditions }, down('broker')))).toBe('');
  });

  test('every state in which no position is opened is a reason with a remedy', () => {
    for (const botState of Object.keys(BOT_STATES) as readonly BotState[]) {
      const seen = briefing(TUESDAY, { botState, stateReason: 'a test' });
      expect([botState, seen.notTrading.length]).toEqual([botState, BOT_STATES[botState].stage === 'active' ? 0 : 1]);
      for (const { text, remedy } of seen.notTrading) expect([text, remedy]).not.toContain('');
    }
  });

  test('a check that failed says what a starting bot waits for, and nothing else does', () => {
    const conditions = [{ ...condition('SELF_CHECK_FAILED'), severity: 'Critical' } as const];
    const inSession = [...conditions, condition('NOT_READY_IN_SESSION')];
    expect(codes(briefing(TUESDAY, { botState: 'started', conditions }))).toBe('SELF_CHECK_FAILED');
    expect(codes(briefing(TUESDAY, { botState: 'started', conditions: inSession }))).toBe('SELF_CHECK_FAILED');
    expect(codes(briefing(TUESDAY, { botState: 'stopped', conditions }))).toBe('SELF_CHECK_FAILED STOPPED');
  });

  test('a state that a condition names is not named twice', () => {
    const seen = briefing(TUESDAY, { botState: 'stopped', conditions: [condition('HALTED_IN_SESSION')] });
    expect(codes(seen)).toBe('HALTED_IN_SESSION');
  });
});

describe('the next session', () => {
  const SATURDAY = '2026-01-10T15:30:00.000Z';
  const MONDAY = 'Monday 12 January, 09:30 New York (14:30 UTC), in 2 days';

  test.each<readonly [string, Partial<BriefingFacts>, string]>([
    ['of a bot that waits', {}, MONDAY],
    ['of a stopped bot', { botState: 'stopped' }, `none until you start the bot; then: ${MONDAY}`],
    ['of a bot in error', { botState: 'error' }, `none until you start the bot; then: ${MONDAY}`],
    [
      'after a daily loss',
      { botState: 'stopped', conditions: [condition('KILL_SWITCH')] },
      `entries off until you reset the kill switch and start the bot; then: ${MONDAY}`,
    ],
    [
      'while positions are closed',
      { botState: 'graceful_closing_positions' },
      `none until positions are closed and you start the bot; then: ${MONDAY}`,
    ],
    ['before the set-up', { botState: 'initialize' }, 'none until the bot is set up'],
    ['before the first user', { botState: 'registration' }, 'none until the first user is registered'],
    ['while the program ends', { botState: 'shutdown_triggered' }, 'none: the program is ending'],
    [
      'without data ahead',
      { engine: { nextDate: undefined } },
      'none in sight: no day ahead is a trading day with market data',
    ],
    [
      'by the engine, which knows the recorded days',
      { engine: { nextDate: parseDateText('2026-01-14') } },
      'Wednesday 14 January, 09:30 New York (14:30 UTC), in 4 days',
    ],
  ])('%s', (_, more, expected) => {
    expect(briefing(SATURDAY, more).nextSession.text).toBe(expected);
  });

  test('a session that is closed is not the next one, also while its hours last', () => {
    const file = { session: { date: '2026-01-06', outcome: 'completed' } };
    const seen = briefing(TUESDAY, {}, file);
    expect(seen.nextSession).toEqual({
      text: 'Wednesday 7 January, 09:30 New York (14:30 UTC), in 23 hours',
      date: '2026-01-07',
      opensAt: '2026-01-07T14:30:00.000Z',
      closesAt: '2026-01-07T21:00:00.000Z',
    });
    expect(codes(seen)).toBe('NO_SESSION_TODAY');
  });
});

test('the clock is that of the bot, with its speed, next to that of the machine', () => {
  const at = '2013-10-07T14:00:00.000Z';
  expect(briefing(at, { speed: 60 }).clock).toEqual({
    ...{ utc: at, text: 'Monday 7 October 2013, 10:00 New York (14:00 UTC)', speed: '60', machine: TUESDAY },
  });
});

describe('broker, market data and the way to flat', () => {
  const engine = {
    nextDate: undefined,
    feed: { state: 'lost', reason: 'the line is down', lastDataAt: parseUtcText('2026-01-06T15:29:15.000Z') },
    closing: { orders: 3, positions: 2, seconds: 40, left: 'AIG 16 long, order B01-7 working', calls: 5 },
  };

  test('what the engine and the status file say, in figures and in words', () => {
    const account = {
      broker: 'ALPACA',
      kind: 'live',
      host: 'h',
      text: 'Alpaca LIVE account (h): orders move real money.',
    };
    const file = {
      ...{ broker_account: account, bot_state: 'emergency_closing_positions' },
      bot_state_since: '2026-01-06T15:29:00.000Z',
    };
    const found = briefing(TUESDAY, { engine, botState: 'emergency_closing_positions' }, file);
    expect(found.account).toEqual({ kind: 'live', text: account.text });
    expect(found.marketData).toEqual({
      ...{ state: 'lost', reason: 'the line is down', ageSeconds: 45 },
      text: 'lost, last data 45 s ago: the line is down',
    });
    expect(found.closing).toEqual({
      ...{ since: '2026-01-06T15:29:00.000Z', ordersLeft: 3, positionsLeft: 2, expectedSeconds: 40 },
      text:
        '2 positions and 3 orders left 60 s after 2026-01-06T15:29:00.000Z, about 40 s by the limit of the broker, ' +
        '5 order calls free: AIG 16 long, order B01-7 working',
    });
  });

  test('nothing is said that is not known', () => {
    const found = briefing(
      TUESDAY,
      { engine: { nextDate: undefined } },
      { broker_account: { kind: null, text: null } },
    );
    expect([found.account, found.marketData, found.closing]).toEqual([null, null, null]);
    const quiet = { nextDate: undefined, feed: { state: 'connected', reason: '', lastDataAt: undefined } };
    expect(briefing(TUESDAY, { engine: quiet }).marketData?.text).toBe('connected, no data yet');
  });
});
