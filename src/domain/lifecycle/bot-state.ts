import { TradeBotError } from '../../kernel/errors.js';
import type { EventData } from '../../events/event.js';

export type BotState = EventData<'BotStateChanged'>['to'];

const ACTIVE = ['idle', 'analyzing', 'trading', 'monitoring', 'updating'] as const satisfies readonly BotState[];
const FORCED = ['shutdown_triggered', 'error'] as const satisfies readonly BotState[];

/**
 * Every allowed transition (RUN-11), beside the two that are always open: any -> error, any -> shutdown_triggered.
 * `updating` goes back to where it came from, which the caller knows; the active states are all listed for it.
 */
export const BOT_TRANSITIONS: Readonly<Record<BotState, readonly BotState[]>> = {
  initialize: ['provisioning'],
  provisioning: ['bootstrapping'],
  // registration only while there is no user; a home that knows no users (the simulated day) goes on
  bootstrapping: ['registration', 'started'],
  registration: ['started'],
  started: ['idle'],
  idle: ['analyzing', 'updating', 'graceful_closing_positions', 'emergency_closing_positions'],
  analyzing: ['trading', 'updating', 'graceful_closing_positions', 'emergency_closing_positions'],
  trading: ['monitoring', 'updating', 'graceful_closing_positions', 'emergency_closing_positions'],
  monitoring: ['idle', 'updating', 'graceful_closing_positions', 'emergency_closing_positions'],
  updating: ['idle', 'analyzing', 'trading', 'monitoring', 'graceful_closing_positions', 'emergency_closing_positions'],
  graceful_closing_positions: ['stopped', 'emergency_closing_positions'],
  emergency_closing_positions: ['stopped'],
  stopped: ['started'],
  shutdown_triggered: ['shutdown'],
  shutdown: ['started'],
  error: ['started'],
};

export function mayChange(from: BotState, to: BotState): boolean {
  if (from === to) return false;
  return (FORCED as readonly BotState[]).includes(to) || BOT_TRANSITIONS[from].includes(to);
}

export function changeState(from: BotState, to: BotState, reason: string): EventData<'BotStateChanged'> {
  if (!mayChange(from, to)) {
    throw new TradeBotError('LogicError', 'refuse', {
      code: 'BOT_STATE_TRANSITION',
      message: `the bot cannot go from ${from} to ${to}`,
      remedy: 'Nothing was changed; RUN-11 lists the transitions.',
    });
  }
  return { from, to, reason };
}

export function isActive(state: BotState): boolean {
  return (ACTIVE as readonly BotState[]).includes(state);
}

/** The active cycle idle -> analyzing -> trading -> monitoring -> idle: the next step towards `wanted`. */
export function stepTowards(state: BotState, wanted: BotState): BotState | undefined {
  if (state === wanted) return undefined;
  const cycle: readonly BotState[] = ['idle', 'analyzing', 'trading', 'monitoring'];
  const at = cycle.indexOf(state);
  if (at < 0 || !cycle.includes(wanted)) return undefined;
  return cycle[(at + 1) % cycle.length];
}
