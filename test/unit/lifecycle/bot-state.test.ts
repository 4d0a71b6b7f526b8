import { describe, expect, test } from '@jest/globals';
import {
  BOT_STATES,
  changeState,
  isActive,
  mayChange,
  stepTowards,
  type BotState,
} from '../../../src/domain/lifecycle/bot-state.js';

const STATES = Object.keys(BOT_STATES) as BotState[];

/** RUN-11, written out once more, in the words of the requirement. */
const ALLOWED: Readonly<Record<string, readonly BotState[]>> = {
  initialize: ['provisioning'],
  provisioning: ['bootstrapping'],
  bootstrapping: ['registration', 'started'],
  registration: ['started'],
  started: ['idle', 'emergency_closing_positions'],
  idle: ['analyzing', 'updating', 'graceful_closing_positions', 'emergency_closing_positions'],
  analyzing: ['trading', 'updating', 'graceful_closing_positions', 'emergency_closing_positions'],
  trading: ['monitoring', 'updating', 'graceful_closing_positions', 'emergency_closing_positions'],
  monitoring: ['idle', 'updating', 'graceful_closing_positions', 'emergency_closing_positions'],
  updating: ['idle', 'analyzing', 'trading', 'monitoring', 'graceful_closing_positions', 'emergency_closing_positions'],
  graceful_closing_positions: ['stopped', 'emergency_closing_positions'],
  emergency_closing_positions: ['stopped'],
  stopped: ['started', 'emergency_closing_positions'],
  shutdown_triggered: ['shutdown'],
  shutdown: ['started'],
  error: ['started', 'graceful_closing_positions', 'emergency_closing_positions'],
};

describe('bot states (RUN-11)', () => {
  test('there are the sixteen states of RUN-10', () => {
    expect(STATES.sort()).toEqual(Object.keys(ALLOWED).sort());
    expect(STATES).toHaveLength(16);
  });

  test.each(STATES.flatMap((from) => STATES.map((to) => ({ from, to }))))('$from > $to', ({ from, to }) => {
    const forced = to === 'error' || to === 'shutdown_triggered';
    const allowed = from !== to && (forced || (ALLOWED[from] ?? []).includes(to));
    expect(mayChange(from, to)).toBe(allowed);
    if (allowed) expect(changeState(from, to, 'why')).toEqual({ from, to, reason: 'why' });
    else {
      expect(() => changeState(from, to, 'why')).toThrow(
        expect.objectContaining({ code: 'BOT_STATE_TRANSITION', callerMust: 'refuse' }),
      );
    }
  });

  test('a target state of the cycle is reached only by its transitions', () => {
    const cycle = ['idle', 'analyzing', 'trading', 'monitoring'] as const;
    for (const from of cycle) {
      for (const wanted of cycle) {
        let state: BotState = from;
        for (let steps = 0; steps < 4; steps += 1) {
          const next = stepTowards(state, wanted);
          if (next === undefined) break;
          expect(mayChange(state, next)).toBe(true);
          state = next;
        }
        expect(state).toBe(wanted);
      }
    }
    expect(stepTowards('stopped', 'idle')).toBeUndefined();
    expect(stepTowards('idle', 'stopped')).toBeUndefined();
  });

  test('active are the states of the cycle and updating', () => {
    expect(STATES.filter(isActive).sort()).toEqual(['analyzing', 'idle', 'monitoring', 'trading', 'updating']);
  });
});
