import { CONTROL_FLAGS, RESET_FLAGS, testFlag, type FlagTest } from '../../app/flags/flag.js';
import type { BasePaths } from '../../domain/home/home-paths.js';
import type { ResetRequest } from '../../domain/risk/protections.js';
import type { ControlCommand } from '../../domain/lifecycle/bot-state.js';
import { toUtcText, type Clock } from '../../kernel/time.js';
import { writeFileAtomic } from '../files/atomic-write.js';

export interface FlagWriterOptions {
  readonly control: BasePaths['control'];
  readonly clock: Clock;
  /** Id of the requesting user; null for a person at the command line. */
  readonly by: string | null;
}

/**
 * Sets a flag for main (WEB-3): atomically, with author and time. Returns its file name. An existing one is replaced.
 * Throws node's file system error when the disk refuses.
 */
export function writeFlag(command: ControlCommand, options: FlagWriterOptions): string {
  return write(CONTROL_FLAGS[command][0], options);
}

/** The same for a run in test mode (RUN-35); `all` is the full dry run. */
export function writeTestFlag(test: FlagTest | 'all', options: FlagWriterOptions): string {
  return write(testFlag(test), options);
}

/** The same for a reset of kill switch or defense mode, with its reason. */
export function writeResetFlag({ what, reason }: ResetRequest, options: FlagWriterOptions): string {
  return write(RESET_FLAGS[what], options, { reason });
}

function write(
  name: string,
  { control, clock, by }: FlagWriterOptions,
  more: { readonly reason?: string } = {},
): string {
  writeFileAtomic(control.flag(name), `${JSON.stringify({ by, at: toUtcText(clock.now()), ...more })}\n`);
  return name;
}
