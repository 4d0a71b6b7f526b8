import type { ControlCommand } from '../../domain/lifecycle/bot-state.js';
import type { EventData } from '../../events/event.js';
import { naturalKeyId, type Uuid } from '../../kernel/hash.js';
import type { EpochMs } from '../../kernel/time.js';

/** What a flag asks for (RUN-15). */
export type FlagOrder =
  | { readonly command: 'start' | 'stop' | 'kill' }
  /** `all`, or the name of one check. */
  | { readonly command: 'test'; readonly test: string };

/** The file that asks for it; the first name is the one that programs write. */
export const CONTROL_FLAGS = {
  start: ['control_start.flag', 'control_start.txt'],
  stop: ['control_stop.flag'],
  kill: ['control_kill.flag'],
} as const satisfies Readonly<Record<ControlCommand, readonly [string, ...string[]]>>;

const TEST_FLAG = 'test_mode.flag';

/** Checks that a flag can run by themselves (RUN-36). */
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

export function testFlag(test: FlagTest | 'all'): string {
  return test === 'all' ? TEST_FLAG : `test_mode_${test}.flag`;
}

const ORDERS: ReadonlyMap<string, FlagOrder> = new Map<string, FlagOrder>([
  ...Object.entries(CONTROL_FLAGS).flatMap(([command, names]) =>
    names.map((name): [string, FlagOrder] => [name, { command: command as ControlCommand }]),
  ),
  ...(['all', ...FLAG_TESTS] as const).map((test): [string, FlagOrder] => [testFlag(test), { command: 'test', test }]),
]);

/** Names of all flags, those that matter most first. */
export const FLAG_NAMES: readonly string[] = [
  ...CONTROL_FLAGS.kill,
  ...CONTROL_FLAGS.stop,
  ...CONTROL_FLAGS.start,
  ...[...ORDERS.keys()].filter((name) => name.startsWith('test_mode')),
];

/** What a file of this name asks for; undefined for a name that is no flag. */
export function flagOrder(name: string): FlagOrder | undefined {
  return ORDERS.get(name);
}

/** A file among the flags as it was found. */
export interface FlagFile {
  readonly name: string;
  /** Inode and times: another file of the same name has another one. */
  readonly identity: string;
  readonly madeAt: EpochMs;
  readonly content: { readonly text: string } | { readonly fault: string };
}

/** What came of a flag: the data of its ControlFlagConsumed. */
export type FlagOutcome = EventData<'ControlFlagConsumed'>;

/** The folder of the flags; never throws for what lies in it. */
export interface ControlFolder {
  /** What lies there now and is no bystander, bounded; unreadable things with their fault. */
  look(): readonly FlagFile[];
  /** False when there is another file of that name by now: it stays, and is found next. Shows the outcome to scripts. */
  remove(flag: FlagFile, outcome?: FlagOutcome): boolean;
}

/** The largest flag that is read, in bytes. */
export const LONGEST_FLAG = 1_024;

const USER_ID = /^[A-Za-z0-9][A-Za-z0-9._:/-]{0,99}$/;

/** Who set the flag: empty (a person touched it), a user's id, or the `{"by", "at"}` of programs. */
export function flagAuthor(text: string): { readonly by: string | null } | { readonly fault: string } {
  const plain = text.trim();
  if (plain === '') return { by: null };
  if (USER_ID.test(plain)) return { by: plain };
  const fault = { fault: 'its content is neither empty nor the id of a user' };
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

/** One flag is obeyed once, also by a main that starts after a crash between the deed and the deletion (RUN-15). */
export function flagEventId(flag: FlagFile): Uuid {
  return naturalKeyId('control-flag', flag.name, flag.identity);
}

/** A file name as it may be shown and journaled. */
export function shownName(name: string): string {
  const printable = name.replace(/[^\x20-\x7e]/g, '?');
  return printable.length > 80 ? `${printable.slice(0, 77)}...` : printable;
}
