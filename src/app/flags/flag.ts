import type { ControlCommand } from '../../domain/lifecycle/bot-state.js';
import type { EventData } from '../../events/event.js';
import { PROTECTIONS, type Protection } from '../../domain/risk/protections.js';
import { naturalKeyId, type Uuid } from '../../kernel/hash.js';
import type { EpochMs } from '../../kernel/time.js';

/** The command of a flag (RUN-15). */
export type FlagOrder =
  | { readonly command: 'reset'; readonly what: Protection }
  | { readonly command: 'start' }
  | { readonly command: 'stop' | 'kill' }
  /** `all`, or the name of one check. */
  | { readonly command: 'test'; readonly test: string };

/** The file for each command; the first name is the one that programs write. */
export const CONTROL_FLAGS = {
  start: ['control_start.flag', 'control_start.txt'],
  stop: ['control_stop.flag'],
  kill: ['control_kill.flag'],
} as const satisfies Readonly<Record<ControlCommand, readonly [string, ...string[]]>>;

/** The flag of a reset; its content has the reason. */
const RESET_FLAGS = {
  'kill-switch': 'control_reset_kill_switch.flag',
  'defense-mode': 'control_reset_defense_mode.flag',
  clock: 'control_reset_clock.flag',
  'bot-copy': 'control_reset_bot_copy.flag',
} as const satisfies Readonly<Record<Protection, string>>;

const TEST_FLAG = 'test_mode.flag';

/** Checks that a flag can run individually (RUN-36). */
export const FLAG_TESTS = [
  'main_bot',
  'env_bot',
  'backtest_engine',
  'strategy_selfcheck',
  'logging_format',
  'broker_trade_stub',
  'screener_random',
  'screener_integration',
  'ledger_schema',
  'coa_web_endpoints',
  'coa_consistency',
  'integration',
] as const;
export type FlagTest = (typeof FLAG_TESTS)[number];

/** A flag of test mode. */
export interface TestFlag {
  /** `all`, or the name of one check. */
  readonly test: string;
  /** Its file name. */
  readonly name: string;
  /** User id; null when a person touched the file. */
  readonly by: string | null;
  readonly madeAt: EpochMs;
  /** It lay there before this start of the program. */
  readonly isOld: boolean;
}

export function testFlag(test: FlagTest | 'all'): string {
  return test === 'all' ? TEST_FLAG : `test_mode_${test}.flag`;
}

const ORDERS: ReadonlyMap<string, FlagOrder> = new Map<string, FlagOrder>([
  ...Object.entries(CONTROL_FLAGS).flatMap(([command, names]) =>
    names.map((name): [string, FlagOrder] => [name, { command } as FlagOrder]),
  ),
  ...PROTECTIONS.map((what): [string, FlagOrder] => [RESET_FLAGS[what], { command: 'reset', what }]),
  ...(['all', ...FLAG_TESTS] as const).map((test): [string, FlagOrder] => [testFlag(test), { command: 'test', test }]),
]);

/** Names of all flags, the most important first. */
export const FLAG_NAMES: readonly string[] = [
  ...CONTROL_FLAGS.kill,
  ...CONTROL_FLAGS.stop,
  ...CONTROL_FLAGS.start,
  ...Object.values(RESET_FLAGS),
  ...[...ORDERS.keys()].filter((name) => name.startsWith('test_mode')),
];

/** The command of a file of this name; undefined when the name is not a flag. */
export function flagOrder(name: string): FlagOrder | undefined {
  return ORDERS.get(name);
}

/** A file in the flag folder, as it was found. */
export interface FlagFile {
  readonly name: string;
  /** Inode and times: another file of the same name has a different one. */
  readonly identity: string;
  readonly madeAt: EpochMs;
  readonly content: { readonly text: string } | { readonly fault: string };
  /** The user of the web who is proven to have asked for it; null for a flag of the command line, or set by hand. */
  readonly provenBy: string | null;
}

/** The outcome of a flag: the data of its ControlFlagConsumed. */
export type FlagOutcome = EventData<'ControlFlagConsumed'>;

/** The folder of the flags; never throws for its contents. */
export interface ControlFolder {
  /** The current flag files, bounded; unreadable ones with their fault. */
  look(): readonly FlagFile[];
  /**
   * False when another file has taken that name: it stays, and is found at the next scan. Shows the outcome to scripts.
   */
  remove(flag: FlagFile, outcome?: FlagOutcome): boolean;
  /** Shows an outcome to people and scripts while its flag stays. Never throws. */
  show(outcome: FlagOutcome): void;
}

/** The largest flag that is read, in bytes: a reason of 300 characters with every one escaped fits. */
export const LONGEST_FLAG = 4_096;

const USER_ID = /^[A-Za-z0-9][A-Za-z0-9._:/-]{0,99}$/;

/** Who the flag says it is of: empty (a person touched it), a user's id, or the `{"by", "at"}` of programs. A claim is no proof. */
export function flagAuthor(text: string): { readonly by: string | null } | { readonly fault: string } {
  const plain = text.trim();
  if (plain === '') return { by: null };
  if (USER_ID.test(plain)) return { by: plain };
  const fault = { fault: 'its content is neither empty nor a user id' };
  let value: unknown;
  try {
    value = JSON.parse(plain);
  } catch {
    return fault;
  }
  if (typeof value !== 'object' || value === null || !('by' in value)) return fault;
  const { by } = value;
  if (by === null) return { by: null };
  return typeof by === 'string' && USER_ID.test(by) ? { by } : fault;
}

/** The reason that a program wrote into a flag; empty when it has none. */
export function flagReason(text: string): string {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || !('reason' in value)) return '';
    return typeof value.reason === 'string' ? value.reason : '';
  } catch {
    return '';
  }
}

/**
 * The event id of a flag: it is executed once, also by a main that starts after a crash between command and deletion
 * (RUN-15).
 */
export function flagEventId(flag: FlagFile): Uuid {
  return naturalKeyId('control-flag', flag.name, flag.identity);
}

/** A file name as it may be shown and journaled. */
export function shownName(name: string): string {
  const printable = name.replace(/[^\x20-\x7e]/g, '?');
  return printable.length > 80 ? `${printable.slice(0, 77)}...` : printable;
}
