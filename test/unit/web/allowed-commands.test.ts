import { describe, expect, test } from '@jest/globals';
import { allowedCommands } from '../../../src/app/web-queries/allowed-commands.js';
import { BOT_STATES, type BotState } from '../../../src/domain/lifecycle/bot-state.js';

const ROWS: readonly (readonly [BotState, string])[] = [
  ['initialize', ''],
  ['provisioning', ''],
  ['bootstrapping', ''],
  ['registration', ''],
  ['started', 'kill'],
  ['idle', 'stop kill'],
  ['analyzing', 'stop kill'],
  ['trading', 'stop kill'],
  ['monitoring', 'stop kill'],
  ['updating', 'stop kill'],
  ['graceful_closing_positions', 'kill'],
  ['emergency_closing_positions', 'kill'],
  ['stopped', 'start kill'],
  ['shutdown_triggered', 'kill'],
  ['shutdown', 'kill'],
  ['error', 'start kill'],
];

describe('commands available to a person (RUN-11)', () => {
  test.each(ROWS)('%s: %s', (state, wanted) => {
    const commands = Object.entries(allowedCommands(state));
    const allowed = commands.filter(([, one]) => one.allowed).map(([name]) => name);
    expect(allowed.join(' ')).toBe(wanted);
    for (const [, one] of commands) expect(one.reason === '').toBe(one.allowed);
  });

  test('every state is in the table', () => {
    expect(ROWS.map(([state]) => state).sort()).toEqual(Object.keys(BOT_STATES).sort());
  });
});
