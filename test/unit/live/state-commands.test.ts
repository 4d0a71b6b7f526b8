import { describe, expect, test } from '@jest/globals';
import { BOT_STATES, type BotState, type ControlCommand } from '../../../src/domain/lifecycle/bot-state.js';
import { LoopWorld } from './support.js';

/** A Saturday: the exchange is closed, and the bot holds nothing. */
const START = '2026-01-10T12:00';
const END = '2026-01-10T13:00';

type Outcome = 'refused' | BotState;

/** Given a state, when each command is the first that the engine finds, then the state it leads to, or a refusal. */
const TABLE: readonly (readonly [BotState, Readonly<Record<ControlCommand, Outcome>>])[] = [
  ['initialize', { start: 'refused', stop: 'refused', kill: 'refused' }],
  ['provisioning', { start: 'refused', stop: 'refused', kill: 'refused' }],
  ['bootstrapping', { start: 'refused', stop: 'refused', kill: 'refused' }],
  ['registration', { start: 'refused', stop: 'refused', kill: 'refused' }],
  ['started', { start: 'refused', stop: 'stopped', kill: 'stopped' }],
  ['idle', { start: 'refused', stop: 'stopped', kill: 'stopped' }],
  ['analyzing', { start: 'refused', stop: 'stopped', kill: 'stopped' }],
  ['trading', { start: 'refused', stop: 'stopped', kill: 'stopped' }],
  ['monitoring', { start: 'refused', stop: 'stopped', kill: 'stopped' }],
  ['updating', { start: 'refused', stop: 'stopped', kill: 'stopped' }],
  ['graceful_closing_positions', { start: 'refused', stop: 'graceful_closing_positions', kill: 'stopped' }],
  ['emergency_closing_positions', { start: 'refused', stop: 'refused', kill: 'emergency_closing_positions' }],
  ['stopped', { start: 'started', stop: 'refused', kill: 'refused' }],
  ['shutdown_triggered', { start: 'refused', stop: 'stopped', kill: 'stopped' }],
  ['shutdown', { start: 'refused', stop: 'stopped', kill: 'stopped' }],
  ['error', { start: 'started', stop: 'refused', kill: 'refused' }],
];

const ROWS = TABLE.flatMap(([state, outcomes]) =>
  (['start', 'stop', 'kill'] as const).map((command) => ({ state, command, wanted: outcomes[command] })),
);

async function outcomeOf(state: BotState, kind: ControlCommand): Promise<Outcome> {
  const world = await new LoopWorld(START).stand(...(state === 'initialize' ? [] : [state]));
  const asked = world.loop
    .command({ kind, reason: 'asked by a test', actor: 'user:u1' })
    .then(({ outcome }) => (outcome === 'refused' ? outcome : world.state.botState));
  await world.runUntil(END);
  return asked;
}

describe('each command in each state, flat and without a session (RUN-11)', () => {
  test.each(ROWS)('given $state, when $command, then $wanted', async ({ state, command, wanted }) => {
    expect(await outcomeOf(state, command)).toBe(wanted);
  });

  test('every state has a row', () => {
    expect(TABLE.map(([state]) => state).sort()).toEqual(Object.keys(BOT_STATES).sort());
  });
});
