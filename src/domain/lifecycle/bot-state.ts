import { TradeBotError } from '../../kernel/errors.js';
import type { EventData } from '../../events/event.js';

export type BotState = EventData<'BotStateChanged'>['to'];

/** What a person may ask of the bot. */
export type ControlCommand = 'start' | 'stop' | 'kill';

/** Part of the bot's life that a state belongs to. */
export type BotStage = 'setup' | 'registration' | 'starting' | 'active' | 'closing' | 'resting' | 'goingDown';

/** What all states of a stage have in common. */
export interface BotStageTraits {
  /** The part of the web that is open (RUN-12, WEB-4). */
  readonly serves: 'setup' | 'registration' | 'dashboard';
  /**
   * Commands that the pages offer. A kill is offered as soon as there is an engine: it must work when the state shown is
   * out of date (P7), and does no harm when everything is closed.
   */
  readonly commands: readonly ControlCommand[];
}

/** Traits of the stages: what is open on the web, and which commands are offered. */
export const BOT_STAGES: Readonly<Record<BotStage, BotStageTraits>> = {
  setup: { serves: 'setup', commands: [] },
  registration: { serves: 'registration', commands: [] },
  starting: { serves: 'dashboard', commands: ['kill'] },
  active: { serves: 'dashboard', commands: ['stop', 'kill'] },
  closing: { serves: 'dashboard', commands: ['kill'] },
  resting: { serves: 'dashboard', commands: ['start', 'kill'] },
  goingDown: { serves: 'dashboard', commands: ['kill'] },
};

/** What is particular to one state (RUN-10, RUN-11). */
export interface BotStateTraits {
  readonly stage: BotStage;
  /** Allowed next states, next to `error` and `shutdown_triggered`, which every other state may change to. */
  readonly next: readonly BotState[];
  /** The next step to `idle` on the way that needs no session; null when there is no such way. */
  readonly towardsIdle: BotState | null;
  /** New positions may be entered. */
  readonly allowsEntries?: true;
}

const TO_CLOSING = ['graceful_closing_positions', 'emergency_closing_positions'] as const;
const ACTIVE = { stage: 'active', towardsIdle: null } as const;

/**
 * The one table of bot states. `updating` returns to the state before it, which the caller knows; the active states are
 * all listed for it.
 */
export const BOT_STATES: Readonly<Record<BotState, BotStateTraits>> = {
  initialize: { stage: 'setup', next: ['provisioning'], towardsIdle: 'provisioning' },
  provisioning: { stage: 'setup', next: ['bootstrapping'], towardsIdle: 'bootstrapping' },
  // registration only while there is no user; a home without users (the simulated day) skips it
  bootstrapping: { stage: 'setup', next: ['registration', 'started'], towardsIdle: 'started' },
  registration: { stage: 'registration', next: ['started'], towardsIdle: 'started' },
  started: { stage: 'starting', next: ['idle'], towardsIdle: 'idle' },
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
  stopped: { stage: 'resting', next: ['started'], towardsIdle: 'started' },
  shutdown_triggered: { stage: 'goingDown', next: ['shutdown'], towardsIdle: 'shutdown' },
  shutdown: { stage: 'goingDown', next: ['started'], towardsIdle: 'started' },
  error: { stage: 'resting', next: ['started'], towardsIdle: 'started' },
};

/** The state in which positions are closed after each command that halts. */
export const CLOSING_STATE = {
  stop: 'graceful_closing_positions',
  kill: 'emergency_closing_positions',
} as const satisfies Partial<Record<ControlCommand, BotState>>;

/** True when the table allows the change, or `to` is open from every state. */
export function mayChange(from: BotState, to: BotState): boolean {
  if (from === to) return false;
  return to === 'error' || to === 'shutdown_triggered' || BOT_STATES[from].next.includes(to);
}

/** The data of BotStateChanged. Throws BOT_STATE_TRANSITION for a change that the table does not allow. */
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

/** The bot waits for its schedule or trades. */
export function isActive(state: BotState): boolean {
  return BOT_STATES[state].stage === 'active';
}

/** A stop or kill is under way: positions are being closed. */
export function isClosing(state: BotState): boolean {
  return BOT_STATES[state].stage === 'closing';
}

/** The bot was halted, or is in error: only a person starts it again. */
export function isAtRest(state: BotState): boolean {
  return BOT_STATES[state].stage === 'resting';
}

/** The set-up is not finished; registration of the first user comes after it. */
export function isSettingUp(state: BotState): boolean {
  return BOT_STATES[state].stage === 'setup';
}

/** Set-up and registration are finished: an engine runs, or should. */
export function hasEngine(state: BotState): boolean {
  return stageOf(state).serves === 'dashboard';
}

/**
 * SIGTERM changes this state to shutdown_triggered. The others stay, and the next start finds what a person left: a bot
 * at rest rests, one that was closing continues to close.
 */
export function shutsDown(state: BotState): boolean {
  return hasEngine(state) && !isClosing(state) && !isAtRest(state);
}

/** Traits of the stage that a state belongs to. */
export function stageOf(state: BotState): BotStageTraits {
  return BOT_STAGES[BOT_STATES[state].stage];
}

/** Positions may be entered in this state. */
export function allowsEntries(state: BotState): boolean {
  return BOT_STATES[state].allowsEntries ?? false;
}

/** The states after this one up to `idle`, on the way that needs no session; empty when there is none. */
export function pathToIdle(state: BotState): readonly BotState[] {
  const next = BOT_STATES[state].towardsIdle;
  return next === null ? [] : [next, ...pathToIdle(next)];
}

/** The next step to `wanted` in the cycle idle -> analyzing -> trading -> monitoring -> idle. */
export function stepTowards(state: BotState, wanted: BotState): BotState | undefined {
  if (state === wanted) return undefined;
  const cycle: readonly BotState[] = ['idle', 'analyzing', 'trading', 'monitoring'];
  const at = cycle.indexOf(state);
  if (at < 0 || !cycle.includes(wanted)) return undefined;
  return cycle[(at + 1) % cycle.length];
}
