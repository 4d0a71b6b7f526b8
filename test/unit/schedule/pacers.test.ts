import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { SteadyClock } from '../../../src/adapters/clock/steady-clock.js';
import { SystemPacer, type ClockJump } from '../../../src/adapters/clock/system-pacer.js';
import { VirtualPacer } from '../../support/virtual-pacer.js';
import type { ClockReading } from '../../../src/domain/schedule/clock-jump.js';
import { epochMs, plusMs } from '../../../src/kernel/time.js';

const START = epochMs(1_000_000);

/** A machine whose clocks a test moves. */
function machine() {
  const at = { wall: 5_000_000, monotonic: 1_000, sinceBoot: 9_000 };
  return {
    read: (): ClockReading => ({ ...at }),
    pass(ms: number): void {
      at.wall += ms;
      at.monotonic += ms;
      at.sinceBoot += ms;
    },
    at,
  };
}

/** Timers that were set here and have neither ended nor been taken back; those of the test runner do not count. */
const openTimers = new Set<unknown>();

beforeEach(() => {
  openTimers.clear();
  const { setTimeout: set, clearTimeout: clear } = globalThis;
  jest.spyOn(globalThis, 'setTimeout').mockImplementation(((work: () => void, ms: number) => {
    const timer = set(() => {
      openTimers.delete(timer);
      work();
    }, ms);
    openTimers.add(timer);
    return timer;
  }) as typeof setTimeout);
  jest.spyOn(globalThis, 'clearTimeout').mockImplementation((timer) => {
    openTimers.delete(timer);
    clear(timer);
  });
});
afterEach(() => {
  jest.restoreAllMocks();
});

describe('the system pacer', () => {
  test('a wait ends at its time and leaves no timer', async () => {
    const pacer = new SystemPacer();
    const before = pacer.now();
    expect(await pacer.until(plusMs(before, 30))).toBe('reached');
    expect(pacer.now()).toBeGreaterThanOrEqual(before + 30);
    expect(openTimers.size).toBe(0);
  });

  test('a wait for a past time lets the event loop run', async () => {
    const pacer = new SystemPacer();
    let turned = false;
    setImmediate(() => (turned = true));
    expect(await pacer.until(plusMs(pacer.now(), -1))).toBe('reached');
    expect(turned).toBe(true);
  });

  test('wake ends the current or the next wait only', async () => {
    const pacer = new SystemPacer();
    const far = plusMs(pacer.now(), 3_600_000);
    const waiting = pacer.until(far);
    pacer.wake();
    pacer.wake();
    expect(await waiting).toBe('woken');
    expect(await pacer.until(plusMs(pacer.now(), 5))).toBe('reached');
    pacer.wake();
    expect(await pacer.until(far)).toBe('woken');
    expect(openTimers.size).toBe(0);
  });

  test('another speed: an hour of the world in a few milliseconds', async () => {
    const { read } = machine();
    const fixed = new SystemPacer({ read, scale: { virtualStart: START, wallStart: 5_000_000, speed: 60 } });
    expect(fixed.now()).toBe(START);
    const wallStart = Date.now();
    const fast = new SystemPacer({ scale: { virtualStart: START, wallStart, speed: 360_000 } });
    expect(await fast.until(plusMs(START, 3_600_000))).toBe('reached');
    expect(fast.now()).toBeGreaterThanOrEqual(START + 3_600_000);
  });

  test('jumps are reported once, in the time of the world', async () => {
    const clocks = machine();
    const jumps: ClockJump[] = [];
    const pacer = new SystemPacer({ read: clocks.read, onJump: (jump) => jumps.push(jump) });
    for (const busyMs of [5_000, 5_000]) {
      clocks.pass(busyMs);
      await pacer.until(epochMs(0));
    }
    expect(jumps).toEqual([]);
    clocks.at.wall += 3_600_000;
    await pacer.until(epochMs(0));
    await pacer.until(epochMs(0));
    clocks.at.wall -= 7_200_000;
    await pacer.until(epochMs(0));
    clocks.at.wall += 60_000;
    clocks.at.sinceBoot += 60_000;
    await pacer.until(epochMs(0));
    expect(jumps).toEqual([
      { kind: 'forwards', from: 5_010_000, to: 8_610_000 },
      { kind: 'backwards', from: 8_610_000, to: 1_410_000 },
      { kind: 'slept', from: 1_410_000, to: 1_470_000 },
    ]);
  });

  test('a clock set beyond the end of a wait ends it within a second', async () => {
    const clocks = machine();
    const jumps: ClockJump[] = [];
    const pacer = new SystemPacer({ read: clocks.read, onJump: (jump) => jumps.push(jump) });
    const waiting = pacer.until(plusMs(pacer.now(), 300_000));
    clocks.at.wall += 600_000;
    expect(await waiting).toBe('reached');
    expect(jumps).toHaveLength(1);
  });

  test('a clock that is set by hours moves neither the time nor the end of a wait', async () => {
    const clocks = machine();
    const steady = new SteadyClock({ read: clocks.read });
    const pacer = new SystemPacer({ steady });
    const before = pacer.now();
    clocks.at.wall += 14 * 365 * 24 * 3_600_000;
    steady.look();
    clocks.pass(1_000);
    expect([pacer.now() - before, steady.awayMs]).toEqual([1_000, 14 * 365 * 24 * 3_600_000]);
    // a process that starts now works with the same time, and finds the same fault
    const other = new SteadyClock({ read: clocks.read, anchor: steady.anchor });
    expect([other.now(), other.awayMs]).toEqual([pacer.now(), steady.awayMs]);
    steady.adopt();
    expect([pacer.now(), steady.awayMs]).toEqual([clocks.at.wall, 0]);
  });
});

describe('the simulation pacer', () => {
  test('waits end immediately at their time, and scheduled actions run on the way', async () => {
    const pacer = new VirtualPacer(START);
    const seen: string[] = [];
    pacer.plan(plusMs(START, 50), () => seen.push(`b at ${pacer.now() - START}`));
    pacer.plan(plusMs(START, 10), () => {
      seen.push(`a at ${pacer.now() - START}`);
      pacer.wake();
    });
    expect(await pacer.until(plusMs(START, 100))).toBe('woken');
    expect(pacer.now()).toBe(START + 10);
    expect(await pacer.until(plusMs(START, 100))).toBe('reached');
    expect(pacer.now()).toBe(START + 100);
    expect(await pacer.until(START)).toBe('reached');
    expect(pacer.now()).toBe(START + 100);
    expect(seen).toEqual(['a at 10', 'b at 50']);
  });
});
