import { refuseCredential } from '../../kernel/credentials.js';
import { readableLength, refuseHiddenCharacters } from '../../kernel/plain-text.js';
import { configError, type TradeBotError } from '../../kernel/errors.js';
import { isWellFormed } from '../../kernel/well-formed.js';
import type { Draft } from '../../events/draft.js';
import { isAtRest, isClosing, type BotState } from '../lifecycle/bot-state.js';

/** What restricts trading until a person resets it, with a reason (TRD-41, TRD-42, RUN-27). */
export const PROTECTIONS = ['kill-switch', 'defense-mode', 'clock', 'bot-copy'] as const;
export type Protection = (typeof PROTECTIONS)[number];

/** Their names in sentences. */
const PROTECTION_NAMES: Readonly<Record<Protection, string>> = {
  'kill-switch': 'the kill switch',
  'defense-mode': 'defense mode',
  clock: 'the hold for the clock',
  'bot-copy': 'the hold for another copy of the bot',
};

/** A protection that is on. */
export interface ProtectionOn {
  /** Time of the event, UTC. */
  readonly since: string;
  readonly cause: string;
}

/** What a reset and a start depend on, as the journal has it. */
export interface ProtectionsNow {
  readonly botState: BotState;
  readonly on: Readonly<Partial<Record<Protection, ProtectionOn>>>;
  /** The kill switch has tripped and the bot has not begun to close yet. */
  readonly closingIsDue: boolean;
}

/** A reset by a person. */
export interface ResetRequest {
  readonly what: Protection;
  /** 3 to 300 characters; kept in the journal. */
  readonly reason: string;
}

const SHORTEST_REASON = 3;
/** Characters of the reason of a manual action. */
export const LONGEST_REASON = 300;

/** The reason of a manual action, without blanks around it; undefined when too few characters can be read, or too many. */
export function manualReason(text: string): string | undefined {
  const reason = text.trim();
  refuseCredential(reason);
  refuseHiddenCharacters(reason, 'reason');
  return readableLength(reason) >= SHORTEST_REASON && reason.length <= LONGEST_REASON && isWellFormed(reason)
    ? reason
    : undefined;
}

/** Why a protection cannot be reset now; undefined when it can. */
export function resetRefusal(now: ProtectionsNow, what: Protection): TradeBotError | undefined {
  if (now.on[what] === undefined) {
    return refusal('NOTHING_TO_RESET', `${PROTECTION_NAMES[what]} is not on`, 'There is nothing to reset.');
  }
  // Entries stay blocked until everything is closed; defense mode restricts entries alone.
  if (what === 'kill-switch' && (isClosing(now.botState) || now.closingIsDue)) {
    return refusal(
      'CLOSING_UNDER_WAY',
      `the bot is still closing its positions (${now.botState.replaceAll('_', ' ')})`,
      'Wait until it is stopped, then reset the kill switch.',
    );
  }
  return undefined;
}

/** The event of a reset. Throws REASON_MISSING, and what `resetRefusal` returns. */
export function resetDraft(now: ProtectionsNow, { what, reason: text }: ResetRequest): Draft {
  const reason = manualReason(text);
  if (reason === undefined) {
    throw refusal(
      'REASON_MISSING',
      `a reset of ${PROTECTION_NAMES[what]} requires a reason`,
      `Give a reason of ${SHORTEST_REASON} to ${LONGEST_REASON} characters; it is kept in the journal.`,
    );
  }
  const refused = resetRefusal(now, what);
  if (refused !== undefined) throw refused;
  const cause = { correlationId: what, causationId: null };
  switch (what) {
    case 'kill-switch':
      return { type: 'KillSwitchReset', data: { reason }, ...cause };
    case 'defense-mode':
      return { type: 'DefenseModeReset', data: { reason }, ...cause };
    case 'clock':
      return { type: 'ClockFaultCleared', data: { by: 'user', reason }, ...cause };
    case 'bot-copy':
      return { type: 'BotCopyAcknowledged', data: { reason }, ...cause };
  }
}

/** What a reset does, for the person who asked for it. */
export function resetEffect(what: Protection, botState: BotState): string {
  if (what === 'defense-mode') {
    return (
      'Defense mode was reset: the normal limits apply from the next entry on. ' +
      'While DEFENSE_MODE_ACTIVE is true, the next session enters it again.'
    );
  }
  if (what === 'clock') {
    return 'The clock of this machine was accepted: the bot works with its time, and entries are allowed again.';
  }
  if (what === 'bot-copy') {
    return 'The other copy was acknowledged: entries are allowed again. An order of it that is seen from now on holds them again.';
  }
  return isAtRest(botState)
    ? 'The kill switch was reset. The bot trades again after a start.'
    : 'The kill switch was reset: entries are allowed again from the next one on.';
}

/** Why a start by hand is refused, with the remedy; undefined when the bot would obey it. */
export function startRefusal(botState: BotState, killTripped: boolean): string | undefined {
  if (!isAtRest(botState)) {
    return `the bot is ${botState.replaceAll('_', ' ')}; only a stopped bot or one in error can be started`;
  }
  if (!killTripped) return undefined;
  return 'the kill switch has tripped: reset it first, with a reason, on the page or by "tradebot reset kill-switch"';
}

function refusal(code: string, message: string, remedy: string): TradeBotError {
  return configError({ code, message, remedy });
}
