import { describe, expect, test } from '@jest/globals';
import { allowedCommands, type CommandAllowed } from '../../../src/app/web-queries/allowed-commands.js';
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

const namesOf = (commands: readonly (readonly [string, CommandAllowed])[]): string =>
  commands
    .filter(([, one]) => one.allowed)
    .map(([name]) => name)
    .join(' ');

describe('commands available to a person (RUN-11)', () => {
  test.each(ROWS)('%s: %s', (state, wanted) => {
    const commands = Object.entries(allowedCommands(state, { killTripped: false }));
    expect(namesOf(commands)).toBe(wanted);
    for (const [, one] of commands) expect(one.reason === '').toBe(one.allowed);
  });

  test.each(ROWS)('%s with a tripped kill switch: no start, and the reset is named', (state, wanted) => {
    const commands = allowedCommands(state, { killTripped: true });
    expect(namesOf(Object.entries(commands))).toBe(wanted.replace('start ', ''));
    if (wanted.includes('start')) expect(commands.start.reason).toContain('tradebot reset kill-switch');
  });

  test('every state is in the table', () => {
    expect(ROWS.map(([state]) => state).sort()).toEqual(Object.keys(BOT_STATES).sort());
  });
});
