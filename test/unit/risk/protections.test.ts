import { describe, expect, test } from '@jest/globals';
import { MemoryJournal } from '../../../src/adapters/journal-memory/memory-journal.js';
import { VirtualClock } from '../../../src/adapters/clock/virtual-clock.js';
import { EventAppender } from '../../../src/app/journal/event-appender.js';
import { ProtectionsJournal } from '../../../src/app/risk/protections-journal.js';
import { BOT_STATES, type BotState } from '../../../src/domain/lifecycle/bot-state.js';
import {
  manualReason,
  PROTECTIONS,
  resetDraft,
  resetRefusal,
  startRefusal,
  type ProtectionsNow,
} from '../../../src/domain/risk/protections.js';
import type { Draft } from '../../../src/events/draft.js';
import { STREAMS } from '../../../src/events/streams.js';
import { composeBotIdentity } from '../../../src/kernel/identity.js';
import { parseUtcText } from '../../../src/kernel/time.js';

const ON = { since: '2026-01-06T15:04:00.000Z', cause: 'DAILY_LOSS_LIMIT' };
const now = (botState: BotState, more: Partial<ProtectionsNow> = {}): ProtectionsNow => ({
  botState,
  on: { 'kill-switch': ON, 'defense-mode': ON },
  closingIsDue: false,
  ...more,
});

describe('the rules of a reset (TRD-41, TRD-42)', () => {
  const CLOSING: readonly BotState[] = ['graceful_closing_positions', 'emergency_closing_positions'];

  test.each(Object.keys(BOT_STATES) as readonly BotState[])(
    'in %s only a closing that is under way refuses it',
    (state) => {
      expect(resetRefusal(now(state), 'kill-switch')?.code).toBe(
        CLOSING.includes(state) ? 'CLOSING_UNDER_WAY' : undefined,
      );
      expect(resetRefusal(now(state), 'defense-mode')).toBe(undefined);
      expect(resetRefusal(now(state, { closingIsDue: true }), 'kill-switch')?.code).toBe('CLOSING_UNDER_WAY');
      for (const what of PROTECTIONS) expect(resetRefusal(now(state, { on: {} }), what)?.code).toBe('NOTHING_TO_RESET');
    },
  );

  test('the reason is required before anything else and is kept without blanks around it', () => {
    for (const reason of ['', '  ', 'ab', 'ab\u200b', ` ${'x'.repeat(301)}`]) {
      expect(() => resetDraft(now('stopped', { on: {} }), { what: 'kill-switch', reason })).toThrow(
        /requires a reason/,
      );
      expect(manualReason(reason)).toBe(undefined);
    }
    expect(() => resetDraft(now('stopped'), { what: 'kill-switch', reason: '\u0000\u0001\u0002' })).toThrow(/U\+0000/);
    expect(resetDraft(now('stopped'), { what: 'kill-switch', reason: ' seen ' })).toMatchObject({
      type: 'KillSwitchReset',
      data: { reason: 'seen' },
    });
    expect(resetDraft(now('idle'), { what: 'defense-mode', reason: 'seen' }).type).toBe('DefenseModeReset');
  });

  test('a start is obeyed at rest with the kill switch armed, and names what is in its way', () => {
    for (const state of ['stopped', 'error'] as const) {
      expect(startRefusal(state, false)).toBe(undefined);
      expect(startRefusal(state, true)).toContain('reset it first');
    }
    expect(startRefusal('idle', true)).toContain('only a stopped bot');
  });
});

describe('the journal of resets', () => {
  const clock = new VirtualClock(parseUtcText('2026-01-06T15:00:00.000Z'));
  const identity = composeBotIdentity({ entityCode: 'DEMO', jurisdictionCode: 'US', brokerCode: 'SIM', botId: 'B01' });
  const TRIP: Draft = {
    ...{ type: 'KillSwitchTripped', data: { code: 'DAILY_LOSS_LIMIT', figures: {} } },
    ...{ correlationId: 'risk', causationId: null },
  };
  const NOISE: Draft = {
    ...{ type: 'BrokerResumed', data: { fetched: 0, outageSeconds: 1 } },
    ...{ correlationId: 'risk', causationId: null },
  };

  function opened() {
    const journal = new MemoryJournal({ clock });
    const appender = (): EventAppender => new EventAppender({ journal, clock, identity, actor: 'system:test' });
    return { journal, appender, protections: new ProtectionsJournal(journal) };
  }

  test('of two resets at once, from two processes, one is recorded', async () => {
    const { journal, appender, protections } = opened();
    await appender().append(STREAMS.risk, [TRIP]);
    await appender().changeBotState('error', 'test');
    const ask = (reason: string, by: 'user:anna' | 'user:bert') =>
      protections.reset(appender(), { what: 'kill-switch', reason }, by);
    const ends = await Promise.allSettled([ask('first', 'user:anna'), ask('second', 'user:bert')]);
    expect(ends.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(ends.find((end) => end.status === 'rejected')?.reason).toMatchObject({ code: 'NOTHING_TO_RESET' });
    expect(await journal.readAll({ filter: { types: ['KillSwitchReset'] } })).toHaveLength(1);
  });

  test('what is on is found behind many other events, and a new trip after a reset counts', async () => {
    const { appender, protections } = opened();
    const scribe = appender();
    expect(await protections.now()).toEqual({ botState: 'initialize', on: {}, closingIsDue: false });
    await scribe.append(STREAMS.risk, [TRIP]);
    for (let n = 0; n < 5; n += 1)
      await scribe.append(
        STREAMS.risk,
        Array.from({ length: 100 }, () => NOISE),
      );
    expect((await protections.now()).on).toEqual({
      'kill-switch': { since: '2026-01-06T15:00:00.000Z', cause: 'DAILY_LOSS_LIMIT' },
    });
    await scribe.changeBotState('error', 'test');
    await protections.reset(scribe, { what: 'kill-switch', reason: 'looked into it' }, 'user:anna');
    expect((await protections.now()).on).toEqual({});
    await scribe.append(STREAMS.risk, [TRIP]);
    expect((await protections.now()).on).toMatchObject({ 'kill-switch': { cause: 'DAILY_LOSS_LIMIT' } });
  });

  test('a trip that the bot has not acted on yet is no time for a reset', async () => {
    const { appender, protections } = opened();
    const scribe = appender();
    for (const state of ['provisioning', 'bootstrapping', 'started', 'idle'] as const) {
      await scribe.changeBotState(state, 'test');
    }
    await scribe.append(STREAMS.risk, [TRIP]);
    const reset = protections.reset(scribe, { what: 'kill-switch', reason: 'too fast' }, 'user:anna');
    await expect(reset).rejects.toMatchObject({ code: 'CLOSING_UNDER_WAY' });
  });
});
