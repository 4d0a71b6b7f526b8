import { ScaledClock } from '../adapters/clock/scaled-clock.js';
import { SystemClock } from '../adapters/clock/system-clock.js';
import { FileControlFolder } from '../adapters/flags/control-folder.js';
import { writeFileAtomic } from '../adapters/files/atomic-write.js';
import { isJournalDamage } from '../app/audit/verified-chain.js';
import { CONTROL_FLAGS, flagAuthor, flagEventId, type FlagFile } from '../app/flags/flag.js';
import { basePaths } from '../domain/home/home-paths.js';
import { isOwnedElsewhere } from '../domain/ownership/owner-errors.js';
import type { Actor } from '../events/event.js';
import { TradeBotError } from '../kernel/errors.js';
import { toUtcText } from '../kernel/time.js';
import { isJournalOutage } from '../ports/journal.js';
import { breakGlass, settingsWithoutJournal, type BreakGlassOptions, type BreakGlassResult } from './break-glass.js';

/** A journal that is gone, and a home that others may change. */
const OTHERS: readonly string[] = ['HOME_INCOMPLETE', 'HOME_UNSAFE'];

export type KillWithoutJournalOptions = Omit<BreakGlassOptions, 'kill' | 'reason' | 'cause'>;

/** An order to close everything that an engine got before it had a journal. */
export interface HaltOrder {
  readonly reason: string;
  readonly actor: Actor;
}

/** What a kill without a journal achieved. */
export interface ClosedAlone {
  /** For people. */
  readonly line: string;
  readonly flat: boolean;
}

/**
 * Obeys an order to close everything when the journal cannot be used for `error`, and nobody has set a kill flag:
 * the engine that managed the positions is gone, and no other one can start. Undefined for another error, and when
 * JOURNAL_OUTAGE_ACTION says that positions are held and only main asked for it.
 */
export async function closeWithoutJournal(
  error: unknown,
  { reason, actor }: HaltOrder,
  options: KillWithoutJournalOptions,
): Promise<ClosedAlone | undefined> {
  if (!isUnusableJournal(error)) return undefined;
  const isMains = actor === 'system:main';
  if (isMains && settingsWithoutJournal(options).JOURNAL_OUTAGE_ACTION === 'hold') return undefined;
  // repeated on the same day of the bot's world, it sends nothing twice
  const wall = new SystemClock();
  const now = (options.scale === null ? wall : new ScaledClock(options.scale, wall)).now();
  const kill = `order of ${actor} on ${toUtcText(now).slice(0, 10)}`;
  const cause = `${error.message} (${error.code})`;
  const result = await breakGlass({ ...options, kill, reason, cause });
  return { line: reasonOf(result, error.code), flat: result.flat };
}

/**
 * Obeys a kill flag when the journal cannot be used for `error`: closes everything with the broker alone. The flag stays
 * until a journal has the kill; `last_command.json` says what was closed and what is open. Resolves to a line for people;
 * undefined when there is no kill, or another error.
 */
export async function killWithoutJournal(
  error: unknown,
  options: KillWithoutJournalOptions,
): Promise<string | undefined> {
  if (!isUnusableJournal(error)) return undefined;
  const { control } = basePaths(options.home);
  const flag = new FileControlFolder(control).lookForUrgent(CONTROL_FLAGS.kill).find(isKill);
  if (flag === undefined) return undefined;
  const cause = `${error.message} (${error.code})`;
  const result = await breakGlass({ ...options, kill: flagEventId(flag), reason: `${flag.name} was set`, cause });
  const reason = reasonOf(result, error.code);
  const outcome = result.flat ? 'closed_without_journal' : 'open_without_journal';
  const last = { flag: flag.name, command: 'kill', by: null, outcome, reason, flag_at: toUtcText(flag.madeAt) };
  try {
    writeFileAtomic(control.lastCommand, `${JSON.stringify({ ...last, open: result.open })}\n`);
  } catch {
    options.stderr(`${reason}\n`);
  }
  return `kill: ${reason}`;
}

function isUnusableJournal(error: unknown): error is TradeBotError {
  // positions of a bot that somebody else owns are theirs to close
  if (!(error instanceof TradeBotError) || isOwnedElsewhere(error)) return false;
  if (isJournalDamage(error) || isJournalOutage(error) || OTHERS.includes(error.code)) return true;
  return error.kind === 'JournalError' && error.callerMust === 'stop';
}

function isKill({ content }: FlagFile): boolean {
  return 'text' in content && !('fault' in flagAuthor(content.text));
}

function reasonOf({ flat, open, sideFile }: BreakGlassResult, code: string): string {
  const where = sideFile === undefined ? 'its orders are on stderr' : `its orders are in ${sideFile}`;
  const left = flat ? 'everything is closed' : `still open: ${open.join(', ')}`;
  return `the journal cannot be used (${code}); closed with the broker alone, ${left}; ${where}`;
}
