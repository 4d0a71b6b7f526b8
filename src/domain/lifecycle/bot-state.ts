import { TradeBotError } from '../../kernel/errors.js';
import type { EventData } from '../../events/event.js';

export type BotState = EventData<'BotStateChanged'>['to'];

/** Command of a user to the bot. */
export type ControlCommand = 'start' | 'stop' | 'kill';

/** Command that halts the bot and closes its positions. */
export type HaltCommand = Exclude<ControlCommand, 'start'>;

/** Stage of the bot's lifecycle that a state belongs to. */
export type BotStage = 'setup' | 'registration' | 'starting' | 'active' | 'closing' | 'resting' | 'goingDown';

/** Traits shared by all states of a stage. */
export interface BotStageTraits {
  /** The part of the web that is open (RUN-12, WEB-4). */
  readonly serves: 'setup' | 'registration' | 'dashboard';
  /**
   * Commands that the pages offer. Kill is available as soon as there is an engine: it must work even when the displayed
   * state is out of date (P7), and is harmless when everything is closed.
   */
  readonly commands: readonly ControlCommand[];
}

/** Traits of each stage. */
export const BOT_STAGES: Readonly<Record<BotStage, BotStageTraits>> = {
  setup: { serves: 'setup', commands: [] },
  registration: { serves: 'registration', commands: [] },
  starting: { serves: 'dashboard', commands: ['kill'] },
  active: { serves: 'dashboard', commands: ['stop', 'kill'] },
  closing: { serves: 'dashboard', commands: ['kill'] },
  resting: { serves: 'dashboard', commands: ['start', 'kill'] },
  goingDown: { serves: 'dashboard', commands: ['kill'] },
};

/** Traits of one state (RUN-10, RUN-11). */
export interface BotStateTraits {
  readonly stage: BotStage;
  /** Allowed next states, next to `error` and `shutdown_triggered`, which every other state may change to. */
  readonly next: readonly BotState[];
  /** Next state on the path to `idle` that needs no session; null when there is none. */
  readonly towardsIdle: BotState | null;
  /** Whether new positions may be opened. */
  readonly allowsEntries?: true;
}

const TO_CLOSING = ['graceful_closing_positions', 'emergency_closing_positions'] as const;
const ACTIVE = { stage: 'active', towardsIdle: null } as const;

/**
 * The table of bot states. `updating` returns to the state before it, which only the caller knows, so it lists all
 * active states.
 */
export const BOT_STATES: Readonly<Record<BotState, BotStateTraits>> = {
  initialize: { stage: 'setup', next: ['provisioning'], towardsIdle: 'provisioning' },
  provisioning: { stage: 'setup', next: ['bootstrapping'], towardsIdle: 'bootstrapping' },
  // registration only while there is no user; a home without users (the simulated day) skips it
  bootstrapping: { stage: 'setup', next: ['registration', 'started'], towardsIdle: 'started' },
  registration: { stage: 'registration', next: ['started'], towardsIdle: 'started' },
  // a kill is accepted wherever an engine may hold positions
  started: { stage: 'starting', next: ['idle', 'emergency_closing_positions'], towardsIdle: 'idle' },
  idle: { ...ACTIVE, next: ['analyzing', 'updating', ...TO_CLOSING] },
  analyzing: { ...ACTIVE, next: ['trading', 'updating', ...TO_CLOSING], allowsEntries: true },
  trading: { ...ACTIVE, next: ['monitoring', 'updating', ...TO_CLOSING], allowsEntries: true },
  monitoring: { ...ACTIVE, next: ['idle', 'updating', ...TO_CLOSING], allowsEntries: true },
  updating: { ...ACTIVE, next: ['idle', 'analyzing', 'trading', 'monitoring', ...TO_CLOSING] },
  graceful_closing_positions: {
    stage: 'closing',
    next: ['stopped', 'emergency_closing_positions'],
    towardsIdle: null,
  },
  emergency_closing_positions: { stage: 'closing', next: ['stopped'], towardsIdle: null },
  stopped: { stage: 'resting', next: ['started', 'emergency_closing_positions'], towardsIdle: 'started' },
  shutdown_triggered: { stage: 'goingDown', next: ['shutdown'], towardsIdle: 'shutdown' },
  shutdown: { stage: 'goingDown', next: ['started'], towardsIdle: 'started' },
  // a stop or kill that the close of the market interrupted continues at the next open
  error: { stage: 'resting', next: ['started', ...TO_CLOSING], towardsIdle: 'started' },
};

/** State in which positions are closed, by halting command. */
export const CLOSING_STATE = {
  stop: 'graceful_closing_positions',
  kill: 'emergency_closing_positions',
} as const satisfies Record<HaltCommand, BotState>;

/**
 * The halt that is open after a change to `to`. `stopped` and `started` end it: nothing is held, or a user has decided
 * otherwise. `error` does not: what the close of the market left open is closed at the next open.
 */
export function haltAfter(open: HaltCommand | undefined, to: BotState): HaltCommand | undefined {
  if (to === CLOSING_STATE.kill) return 'kill';
  if (to === CLOSING_STATE.stop) return open ?? 'stop';
  return to === 'error' ? open : undefined;
}

/** Whether the table allows the change, or `to` can follow every state. */
export function mayChange(from: BotState, to: BotState): boolean {
  if (from === to) return false;
  return to === 'error' || to === 'shutdown_triggered' || BOT_STATES[from].next.includes(to);
}

/** Builds the data of BotStateChanged. Throws BOT_STATE_TRANSITION for a change that the table does not allow. */
export function changeState(from: BotState, to: BotState, reason: string): EventData<'BotStateChanged'> {
  if (!mayChange(from, to)) {
    throw new TradeBotError('LogicError', 'refuse', {
      code: 'BOT_STATE_TRANSITION',
      message: `the bot cannot go from ${from} to ${to}`,
      remedy: 'Nothing was changed. RUN-11 lists the allowed transitions.',
    });
  }
  return { from, to, reason };
}

/** Whether the bot trades or waits for its schedule. */
export function isActive(state: BotState): boolean {
  return BOT_STATES[state].stage === 'active';
}

/** Whether a stop or kill is in progress and positions are being closed. */
export function isClosing(state: BotState): boolean {
  return BOT_STATES[state].stage === 'closing';
}

/** Whether the bot was halted or is in error: only a user can start it again. */
export function isAtRest(state: BotState): boolean {
  return BOT_STATES[state].stage === 'resting';
}

/** Whether the set-up is unfinished; registration of the first user follows it. */
export function isSettingUp(state: BotState): boolean {
  return BOT_STATES[state].stage === 'setup';
}

/** Whether set-up and registration are finished, so an engine should be running. */
export function hasEngine(state: BotState): boolean {
  return stageOf(state).serves === 'dashboard';
}

/**
 * Whether SIGTERM changes this state to shutdown_triggered. Other states persist: at the next start a halted bot stays
 * halted, and a closing bot continues to close.
 */
export function shutsDown(state: BotState): boolean {
  return hasEngine(state) && !isClosing(state) && !isAtRest(state);
}

/** Traits of the stage of a state. */
export function stageOf(state: BotState): BotStageTraits {
  return BOT_STAGES[BOT_STATES[state].stage];
}

/** Whether new positions may be opened in this state. */
export function allowsEntries(state: BotState): boolean {
  return BOT_STATES[state].allowsEntries ?? false;
}

/** States from this one (excluded) to `idle` on the path that needs no session; empty when there is none. */
export function pathToIdle(state: BotState): readonly BotState[] {
  const next = BOT_STATES[state].towardsIdle;
  return next === null ? [] : [next, ...pathToIdle(next)];
}

/** Next state towards `wanted` in the cycle idle -> analyzing -> trading -> monitoring -> idle. */
export function stepTowards(state: BotState, wanted: BotState): BotState | undefined {
  if (state === wanted) return undefined;
  const cycle: readonly BotState[] = ['idle', 'analyzing', 'trading', 'monitoring'];
  const at = cycle.indexOf(state);
  if (at < 0 || !cycle.includes(wanted)) return undefined;
  return cycle[(at + 1) % cycle.length];
}
