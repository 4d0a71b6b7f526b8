import { KEY_REFUSED } from '../risk/key-refused.js';

/** How bad a condition is. */
export type Severity = 'Warning' | 'Critical';

/** Something that keeps the bot from being OK: what is the case, and what a person can do about it. */
export interface Condition {
  /** For programs, such as POSITIONS_UNMANAGED. */
  readonly code: string;
  readonly severity: Severity;
  readonly text: string;
  readonly remedy: string;
}

/** The state of a bot with these conditions. */
export function overallOf(conditions: readonly Condition[]): 'OK' | Severity {
  if (conditions.some(({ severity }) => severity === 'Critical')) return 'Critical';
  return conditions.length > 0 ? 'Warning' : 'OK';
}

/** How the text of a failed check begins. */
export const SELF_CHECK = 'self-check: ';
const BROKER_WATCHED = 'watchdog: broker is ';

/**
 * Each fault once: a bot in error names the checks that failed in its reason, a broker that is away says why where the watchdog says
 * that requests fail, and a broker that refuses the key refuses the orders too. The one that stays is as bad as the one that goes.
 */
export function withoutRepeats(conditions: readonly Condition[]): readonly Condition[] {
  const isSaid = (code: string, text: string): boolean =>
    conditions.some((one) => one.code === code && one.text.includes(text));
  const watched = conditions.find(({ text }) => text.startsWith(BROKER_WATCHED));
  return conditions.flatMap((one) => {
    const { code, text } = one;
    if (code === 'SELF_CHECK_FAILED') return isSaid('BOT_IN_ERROR', text.replace(SELF_CHECK, '')) ? [] : [one];
    if (code === 'ORDERS_REFUSED') return isSaid('BROKER_AWAY', `${KEY_REFUSED}:`) ? [] : [one];
    if (one === watched) return isSaid('BROKER_AWAY', '') ? [] : [one];
    return [code === 'BROKER_AWAY' && watched?.severity === 'Critical' ? { ...one, severity: 'Critical' } : one];
  });
}
