import { configError, TradeBotError } from '../../kernel/errors.js';
import { causeText, systemErrorCode } from '../files/system-error.js';

const RESTORE = 'Restore storage/vault from a backup of the home; nothing was changed.';

export function vaultMissing(current: string): TradeBotError {
  return configError({
    code: 'VAULT_MISSING',
    message: `${current} is missing: this home has no keys and secrets yet`,
    remedy: 'Set up the bot first: start it with src/processes/cli/tradebot run and open the page that it shows.',
  });
}

/** `why` says what is wrong with the file, never its content. */
export function unreadable(file: string, why: string): TradeBotError {
  return configError({ code: 'VAULT_UNREADABLE', message: `${file} cannot be used: ${why}`, remedy: RESTORE });
}

/** The file opens, but it is a copy of another one. */
export function otherRecord(file: string): TradeBotError {
  return unreadable(file, 'its content belongs to another file');
}

export function wrongKey(file: string, keyFile: string): TradeBotError {
  return configError({
    code: 'VAULT_WRONG_KEY',
    message: `${file} does not open with ${keyFile}: one of them is damaged or from elsewhere`,
    remedy: RESTORE,
  });
}

export function masterKeyNeeded(keyFile: string): TradeBotError {
  return configError({
    code: 'MASTER_KEY_NEEDED',
    message: `${keyFile} is wrapped by a master key, but none was given`,
    remedy: 'Give the file of the master key that was used when the keys were made.',
  });
}

export function masterKeyWrong(keyFile: string, masterKeyFile: string): TradeBotError {
  return configError({
    code: 'MASTER_KEY_WRONG',
    message: `${keyFile} is not unwrapped by the master key in ${masterKeyFile}`,
    remedy: 'Use the master key that the keys were made with; after a change, put the new one above the old one.',
  });
}

/**
 * Converts a disk error during a change of the vault; the generation in use is unchanged. Other errors are returned as
 * they are.
 */
export function notWritten(cause: unknown): unknown {
  if (cause instanceof TradeBotError || systemErrorCode(cause) === undefined) return cause;
  const path = typeof cause === 'object' && cause !== null && 'path' in cause ? String(cause.path) : 'the vault';
  return configError({
    code: 'VAULT_NOT_WRITTEN',
    message: `${path} cannot be written: ${causeText(cause)}`,
    remedy: 'Free disk space and make it writable for this user; the keys and secrets in use are unchanged.',
    cause,
  });
}

/** Why a read failed, in plain words. */
export function readFault(error: unknown): string {
  const code = systemErrorCode(error);
  if (code === 'ENOENT') return 'it is missing';
  if (code === 'EISDIR') return 'it is a folder';
  if (code === 'ELOOP') return 'it is a link that points to itself';
  return causeText(error);
}

export function isMissing(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR'].includes(systemErrorCode(error) ?? '');
}
