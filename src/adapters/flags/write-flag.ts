import { closeSync, openSync } from 'node:fs';
import { basename } from 'node:path';
import { CONTROL_FLAGS, testFlag, type FlagTest } from '../../app/flags/flag.js';
import type { BasePaths } from '../../domain/home/home-paths.js';
import type { ControlCommand } from '../../domain/lifecycle/bot-state.js';
import { toUtcText, type Clock } from '../../kernel/time.js';
import { configError, type TradeBotError } from '../../kernel/errors.js';
import { writeFileAtomic } from '../files/atomic-write.js';
import type { Secret } from '../../kernel/secret.js';
import { causeText, systemErrorCode } from '../files/system-error.js';
import { proofOfFlag } from './flag-proof.js';

export interface FlagWriterOptions {
  readonly control: BasePaths['control'];
  readonly clock: Clock;
  /** Id of the requesting user; null for a person at the command line. */
  readonly by: string | null;
  /** Key of this run of main: without it a flag names a user, and is not believed. */
  readonly key?: Secret | undefined;
}

/**
 * Sets a flag for main (WEB-3): atomically, with author and time; on a full disk as an empty file, which needs no space
 * and is obeyed too. Returns its file name. An existing one is replaced. Throws FLAG_NOT_WRITABLE when the disk refuses.
 */
export function writeFlag(command: ControlCommand, options: FlagWriterOptions): string {
  return write(CONTROL_FLAGS[command][0], options);
}

/** The same for a run in test mode (RUN-35); `all` is the full dry run. */
export function writeTestFlag(test: FlagTest | 'all', options: FlagWriterOptions): string {
  return write(testFlag(test), options);
}

const FULL: readonly (string | undefined)[] = ['ENOSPC', 'EDQUOT'];

function write(name: string, options: FlagWriterOptions): string {
  const { control } = options;
  try {
    writeFileAtomic(control.flag(name), flagText(name, options));
  } catch (cause) {
    if (!FULL.includes(systemErrorCode(cause))) throw notWritable(control, name, cause);
    writeEmpty(control, name);
  }
  return name;
}

function flagText(flag: string, { clock, by, key }: FlagWriterOptions): string {
  const at = toUtcText(clock.now());
  const proof = by === null || key === undefined ? {} : { proof: proofOfFlag({ flag, by, at }, key) };
  return `${JSON.stringify({ by, at, ...proof })}\n`;
}

function writeEmpty(control: BasePaths['control'], name: string): void {
  try {
    closeSync(openSync(control.flag(name), 'w', 0o600));
  } catch (cause) {
    throw notWritable(control, name, cause);
  }
}

/** Without the path of the home: the page shows it. */
function notWritable({ dir }: BasePaths['control'], name: string, cause: unknown): TradeBotError {
  const flag = `${basename(dir)}/${name}`;
  return configError({
    code: 'FLAG_NOT_WRITABLE',
    message: `${flag} cannot be written: ${causeText(cause)}`,
    remedy: `Set it by hand in the home of the bot: touch ${flag}. The folder must be writable for the bot.`,
    cause,
  });
}
