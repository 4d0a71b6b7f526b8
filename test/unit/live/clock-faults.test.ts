import { describe, expect, test } from '@jest/globals';
import { MemoryJournal } from '../../../src/adapters/journal-memory/memory-journal.js';
import { ClockFaults } from '../../../src/app/live/clock-faults.js';
import type { EngineState } from '../../../src/domain/session/engine-state.js';
import { entriesHeld } from '../../../src/domain/session/trading-permissions.js';
import { STREAMS } from '../../../src/events/streams.js';
import { Decimal } from '../../../src/kernel/decimal.js';
import { plusMs } from '../../../src/kernel/time.js';
import { at, LoopWorld } from './support.js';

const STARTED = ['provisioning', 'bootstrapping', 'registration', 'started'] as const;
const HOUR = 3_600_000;

async function faultsOf({ journal }: LoopWorld): Promise<readonly unknown[]> {
  const events = await journal.readAll({ filter: { types: ['ClockFaultDetected', 'ClockFaultCleared'] } });
  return events.map((event) => {
    if (event.type === 'ClockFaultDetected') return `${event.data.cause}: ${event.data.shown} for ${event.data.used}`;
    return event.type === 'ClockFaultCleared' ? `cleared by the ${event.data.by}` : '';
  });
}

describe('a clock that cannot be right', () => {
  test('a year outside the calendar is a fault of the clock: the engine waits, holds entries and obeys a kill', async () => {
    const world = await new LoopWorld('2040-01-03T12:00').stand(...STARTED);
    world.order('2040-01-04T09:00', 'kill');
    expect(await world.runUntil('2040-01-06T12:00')).toEqual(['kill obeyed: stopped']);
    expect(await faultsOf(world)).toEqual(['calendar: 2040-01-03T12:00:00.000Z for 2040-01-03T12:00:00.000Z']);
    expect(entriesHeld(world.state)).toBe(true);
  });

  test('a jump is reported once, and over when the clock shows the right time again', async () => {
    const world = await new LoopWorld('2013-10-05T08:00').stand(...STARTED);
    const from = world.pacer.now();
    const jump = (to: number) => void world.loop.jumped({ kind: 'forwards', from, to: plusMs(from, to) });
    world.pacer.plan(at('2013-10-05T09:00'), () => {
      world.wrongTime = at('2027-10-05T09:00');
      jump(HOUR);
    });
    world.pacer.plan(at('2013-10-05T10:00'), () => {
      world.wrongTime = at('2031-10-05T09:00');
      jump(2 * HOUR);
    });
    world.pacer.plan(at('2013-10-05T11:00'), () => {
      world.wrongTime = undefined;
      jump(3 * HOUR);
    });
    await world.runUntil('2013-10-05T12:00');
    expect(await faultsOf(world)).toEqual([
      'jump: 2027-10-05T09:00:00.000Z for 2013-10-05T09:00:00.000Z',
      'cleared by the clock',
    ]);
    expect(entriesHeld(world.state)).toBe(false);
  });

  test('a clock behind the journal by hours holds entries until a user accepts it', async () => {
    let recordedAt = at('2013-10-05T08:00');
    const journal = new MemoryJournal({ clock: { now: () => recordedAt } });
    const before = await new LoopWorld('2013-10-05T08:00', journal).stand(...STARTED);
    before.pacer.plan(at('2013-10-05T19:00'), () => void (recordedAt = at('2013-10-05T20:00')));
    await before.runUntil('2013-10-05T20:00');
    const after = new LoopWorld('2013-10-05T10:00', journal);
    recordedAt = at('2013-10-05T11:00');
    await after.runUntil('2013-10-05T11:00');
    expect(await faultsOf(after)).toEqual(['journal: 2013-10-05T10:00:00.000Z for 2013-10-05T10:00:00.000Z']);
    const data = { by: 'user', reason: 'the time service was down' } as const;
    await after.appender.append(STREAMS.risk, [
      { type: 'ClockFaultCleared', data, correlationId: 'clock', causationId: null },
    ]);
    const later = new LoopWorld('2013-10-05T11:01', journal);
    await later.runUntil('2013-10-05T12:00');
    expect(await faultsOf(later)).toHaveLength(2);
    expect(entriesHeld(later.state)).toBe(false);
  });

  test('a user accepts an earlier time: the session of the other time is left, and resumed at this one', async () => {
    const world = await new LoopWorld('2013-10-07T16:00').stand(...STARTED);
    world.pacer.plan(at('2013-10-07T17:00'), () => {
      world.pacer.set(at('2013-10-07T14:00'));
      world.loop.clockAccepted();
    });
    expect(await world.runUntil('2013-10-07T18:00')).toEqual([
      'session 2013-10-07 from 16:00',
      'session left',
      'session 2013-10-07 from 14:00',
      'shutdown in the session',
    ]);
    expect((await world.states()).at(-1)).toBe('10-07T18:00 shutdown_triggered');
  });
});

describe('a stop or kill under a clock that cannot be right', () => {
  const FAULT = { cause: 'jump', shown: '', used: '' };
  const HELD = new Map([['AIG', { quantity: Decimal.ONE }]]);

  async function accepted(used: string, shown: string | undefined, state: object = {}): Promise<readonly string[]> {
    const types: string[] = [];
    const faults = new ClockFaults({
      appender: {
        append: (_stream, drafts) => {
          types.push(...drafts.map(({ type }) => type));
          return Promise.resolve([]);
        },
      },
      clock: { now: () => at(used) },
      machine: { wrongTime: () => (shown === undefined ? undefined : at(shown)) },
      state: {
        ...{ clockFault: FAULT, openHalt: 'kill', botState: 'emergency_closing_positions' },
        ...{ liveOrders: new Map(), positions: HELD, ...state },
      } as unknown as EngineState,
    });
    expect(await faults.acceptToClose()).toBe(types.length > 0);
    return types;
  }

  test('the time that the machine shows is accepted when the exchange is open only then', async () => {
    expect(await accepted('2013-10-08T02:00', '2013-10-07T15:00')).toEqual(['ClockFaultCleared']);
    expect(await accepted('2013-10-07T16:00', '2013-10-07T15:00')).toEqual([]);
    expect(await accepted('2013-10-08T02:00', '2013-10-08T03:00')).toEqual([]);
    expect(await accepted('2013-10-08T02:00', undefined)).toEqual([]);
  });

  test('nothing is accepted without a position to close, or without a stop or kill', async () => {
    const times = ['2013-10-08T02:00', '2013-10-07T15:00'] as const;
    expect(await accepted(...times, { positions: new Map() })).toEqual([]);
    expect(await accepted(...times, { openHalt: undefined, botState: 'idle' })).toEqual([]);
  });
});
