import { configError, journalError, type TradeBotError } from '../../kernel/errors.js';
import { SECOND_MS } from '../../kernel/time.js';
import { LEASE_MS } from './limits.js';
import { ownerText, type Ownership } from './ownership.js';

const TAKE_OVER = 'tradebot journal take-over --reason "..."';

/** Codes of the errors that say that somebody else owns the bot. */
const CODES: readonly string[] = ['OWNED_ELSEWHERE', 'OWNERSHIP_LOST'];

/** Whether an error, of this process or reported by another one, says that somebody else owns the bot. */
export function isOwnedElsewhere({ code }: { readonly code: string }): boolean {
  return CODES.includes(code);
}

/** The owner lives: this home may not trade. */
export function ownedElsewhere(ownership: Ownership): TradeBotError {
  return configError({
    code: 'OWNED_ELSEWHERE',
    message: `this bot is owned by ${ownerText(ownership)}, which has just confirmed it; nothing was sent to the broker`,
    remedy: `End the bot there first. If that is not possible, take it over from here: ${TAKE_OVER}`,
    details: { number: ownership.number },
  });
}

/** Another home may trade by the journal that this one would move. */
export function journalOfAnother(ownership: Ownership): TradeBotError {
  return configError({
    code: 'OWNED_ELSEWHERE',
    message: `this bot is owned by ${ownerText(ownership)}, which has not ended; its journal stays where it is`,
    remedy: `End the bot there first: tradebot stop. If that home is gone, take the bot over from here: ${TAKE_OVER}`,
    details: { number: ownership.number },
  });
}

/** This process owned the bot, and somebody else does now. */
export function ownershipLost(ownership: Ownership, own: number): TradeBotError {
  const isClone = ownership.number === own;
  const who = isClone ? 'a copy of this very process' : ownerText(ownership);
  return journalError('stop', {
    code: 'OWNERSHIP_LOST',
    message: `this process owned the bot by ownership ${own}, and ${who} owns it now; it has halted, and sends nothing more`,
    remedy: isClone
      ? 'This machine was copied while the bot ran. End one of the two, then start the other again.'
      : `Positions and orders are those of the new owner. To trade from here again: ${TAKE_OVER}`,
    details: { number: ownership.number, own },
  });
}

/** What a person reads while the lease of a silent owner is awaited. */
export function leaseNotice(ownership: Ownership): string {
  const seconds = LEASE_MS / SECOND_MS;
  return `This bot is owned by ${ownerText(ownership)}. It is taken over when that owner confirms nothing for ${seconds} s.`;
}

/** Nothing may be sent to the broker by a process that has not taken the ownership. */
export function notOwned(): TradeBotError {
  return journalError('stop', {
    code: 'OWNERSHIP_MISSING',
    message: 'this process does not own the bot; nothing was sent to the broker',
    remedy: 'This is a defect of TradeBot: report it.',
  });
}

/** The last confirmation is too old: nothing was sent, and the call may be repeated after another one. */
export function ownershipStale(ageMs: number): TradeBotError {
  return journalError('retry', {
    code: 'OWNERSHIP_STALE',
    message: `the ownership was last confirmed ${Math.round(ageMs)} ms ago: too long for an effect at the broker, which was not sent`,
    remedy: 'It is confirmed again and the effect repeated; see the server of the journal when this stays.',
  });
}
