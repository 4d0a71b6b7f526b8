import {
  CLOSING_STATE,
  hasEngine,
  isActive,
  isAtRest,
  isClosing,
  mayChange,
  pathToIdle,
} from '../../domain/lifecycle/bot-state.js';
import type { KnownExchange } from '../../domain/calendar/broker-day.js';
import { startRefusal } from '../../domain/risk/protections.js';
import type { EngineState } from '../../domain/session/engine-state.js';
import { toUtcText, type EpochMs } from '../../kernel/time.js';
import type { Actor } from '../../events/event.js';
import { isFlat } from '../../domain/session/trading-permissions.js';
import { obeyed, refused, type CommandOutcome, type EngineCommand } from './commands.js';
import type { EngineAppender } from '../journal/engine-appender.js';
import { plainReason } from './plain-reason.js';

/** The answer to a kill in a session that has nothing to close; the session takes the kill in any case. */
export function needlessKill(state: EngineState): CommandOutcome | undefined {
  if (!isAtRest(state.botState) || !isFlat(state)) return undefined;
  return refused(`the bot is already in ${state.botState} and holds nothing`);
}

/** Symbols with a position or an open order, sorted. */
export function openRemainder(state: EngineState): readonly string[] {
  const held = [...state.positions.values()].filter(({ quantity }) => !quantity.isZero());
  const ordered = [...state.liveOrders.values()].map(({ intent }) => intent.symbol);
  return [...new Set([...held.map(({ symbol }) => symbol), ...ordered])].sort();
}

/**
 * `kill` and `stop` while no session runs: positions are closed at once when the exchange is open at `now`, else at its
 * next open; the bot stays in the closing state until then.
 */
export async function haltOutsideSession(
  appender: EngineAppender,
  command: Extract<EngineCommand, { kind: 'kill' | 'stop' }>,
  { now, exchange }: { readonly now: EpochMs; readonly exchange: KnownExchange },
): Promise<CommandOutcome> {
  await appender.follow();
  const { state } = appender;
  const { reason, actor } = command;
  const remainder = (): string => remainderText(appender.state, now, exchange);
  const closing = CLOSING_STATE[command.kind];
  if (isAtRest(state.botState) && (isFlat(state) || command.kind === 'stop')) {
    return refused(`the bot is already in ${state.botState}${isFlat(state) ? ' and holds nothing' : ''}`);
  }
  if (state.botState === closing) return obeyed(`already in ${closing}${remainder()}`);
  // A kill or stop found at boot takes the path of RUN-11: idle, closing, stopped; one at rest closes what is held.
  const path = hasEngine(state.botState) && !isAtRest(state.botState) ? pathToIdle(state.botState) : [];
  for (const step of path) await appender.changeBotState(step, reason, actor);
  if (!mayChange(appender.state.botState, closing)) {
    return refused(`the bot cannot go from ${appender.state.botState} to ${closing}`);
  }
  await appender.changeBotState(closing, reason, actor);
  await restWhenFlat(appender, actor);
  return obeyed(`${appender.state.botState}${remainder()}`);
}

function remainderText(state: EngineState, now: EpochMs, exchange: KnownExchange): string {
  const open = openRemainder(state);
  if (open.length === 0) return '';
  if (exchange.openAt(now) !== undefined) return `; closing: ${open.join(', ')}`;
  const opensAt = exchange.nextOpenAfter(now);
  const when = opensAt === undefined ? '' : ` (${toUtcText(opensAt)})`;
  return `; the market is closed, to be closed at the open${when}: ${open.join(', ')}`;
}

/** Stops a bot that was closing and has nothing left. */
export async function restWhenFlat(appender: EngineAppender, actor?: Actor): Promise<void> {
  const { state } = appender;
  if (isClosing(state.botState) && isFlat(state)) await appender.changeBotState('stopped', 'nothing is open', actor);
}

/** A manual start: only from `stopped` or `error`. The checks follow `started`. */
export async function startByHand(
  appender: EngineAppender,
  command: Extract<EngineCommand, { kind: 'start' }>,
): Promise<CommandOutcome> {
  await appender.follow();
  const { botState, killTripped } = appender.state;
  const why = startRefusal(botState, killTripped !== undefined);
  if (why !== undefined) return refused(why);
  await appender.changeBotState('started', command.reason, command.actor);
  return obeyed('started; checks follow');
}

/** idle -> updating -> idle around `work`, which may refuse; in other states only the work. */
export async function whileUpdating(appender: EngineAppender, work: () => void): Promise<CommandOutcome> {
  await appender.follow();
  const from = appender.state.botState;
  const shows = isActive(from) && from !== 'updating';
  if (shows) await appender.changeBotState('updating', 'the configuration has changed');
  try {
    work();
    return obeyed('the configuration is applied');
  } catch (error) {
    return refused(plainReason(error));
  } finally {
    if (shows) await appender.changeBotState(from, 'the configuration is applied');
  }
}

/** The shutdown of an active bot, with what is still open. */
export async function sayShutdown(appender: EngineAppender): Promise<void> {
  const open = openRemainder(appender.state);
  const reason = open.length === 0 ? 'shutdown requested' : `shutdown requested with open: ${open.join(', ')}`;
  await appender.changeBotState('shutdown_triggered', reason);
}
