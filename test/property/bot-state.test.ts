import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  BOT_STATES,
  changeState,
  isActive,
  mayChange,
  stepTowards,
  type BotState,
} from '../../src/domain/lifecycle/bot-state.js';
import { TradeBotError } from '../../src/kernel/errors.js';

const STATES = Object.keys(BOT_STATES) as BotState[];
const states = fc.constantFrom(...STATES);
const commands = fc.array(fc.tuple(fc.constantFrom('go' as const, 'towards' as const), states), { maxLength: 60 });

/** One command: go there at once, or the next step of the cycle in that direction; refused ones change nothing. */
function obey(state: BotState, [how, wanted]: readonly ['go' | 'towards', BotState]): BotState {
  const to = how === 'go' ? wanted : stepTowards(state, wanted);
  if (to === undefined) return state;
  try {
    return changeState(state, to, 'requested').to;
  } catch (error) {
    if (error instanceof TradeBotError && error.code === 'BOT_STATE_TRANSITION') return state;
    throw error;
  }
}

describe('the table of bot states (RUN-11)', () => {
  test('random commands never leave the table, from any state', () => {
    fc.assert(
      fc.property(states, commands, (from, reported) => {
        let state = from;
        for (const command of reported) {
          const next = obey(state, command);
          if (next !== state) expect(mayChange(state, next)).toBe(true);
          state = next;
        }
      }),
      { numRuns: 1_000 },
    );
  });

  test('after a stop only a manual start leads back to trading; a kill closes what is left', () => {
    fc.assert(
      fc.property(commands, (reported) => {
        let state: BotState = 'stopped';
        let started = false;
        for (const command of reported) {
          state = obey(state, command);
          started ||= state === 'started';
          if (!started) expect(isActive(state)).toBe(false);
        }
      }),
      { numRuns: 500 },
    );
  });
});
