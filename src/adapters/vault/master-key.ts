import { statSync } from 'node:fs';
import { configError } from '../../kernel/errors.js';
import type { Clock } from '../../kernel/time.js';
import { MultiFernet } from '../fernet/fernet.js';
import { FernetKey } from '../fernet/key.js';
import { readVaultFile } from './vault-files.js';
import type { Wrapping } from './wrapped-key.js';

/**
 * The key that wraps the key files (SEC-4): a Fernet key in a file of its own, such as a systemd credential. Several
 * lines are several keys: the first wraps, each may unwrap, so that a new one is added on top and the next rotation
 * stops using the old one. Throws VAULT_UNREADABLE or MASTER_KEY_BAD.
 */
function readMasterKey(file: string, clock: Clock): MultiFernet {
  const lines = readVaultFile(file)
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  return new MultiFernet(
    lines.map((line, index) => masterKeyOf(line, file, index + 1)),
    clock,
  );
}

/** The master key in a file, read at each call; undefined without a file. Throws as `readMasterKey` does. */
export function masterWrapping(file: string | null, clock: Clock): Wrapping | undefined {
  return file === null ? undefined : { file, fernet: readMasterKey(file, clock) };
}

/**
 * Checks before the start that the file has a valid key that is not readable by everyone on the machine. Throws as
 * above.
 */
export function checkMasterKey(file: string, clock: Clock): void {
  readMasterKey(file, clock);
  // The group is not checked: a systemd credential may be readable through an access list, which shows there.
  if ((statSync(file).mode & 0o007) === 0) return;
  throw configError({
    code: 'MASTER_KEY_OPEN',
    message: `everyone on this machine can read ${file}`,
    remedy: `Remove that permission: chmod o= ${file}; nothing was started.`,
  });
}

function masterKeyOf(text: string, file: string, line: number): FernetKey {
  try {
    return FernetKey.parse(text);
  } catch {
    throw configError({
      code: 'MASTER_KEY_BAD',
      message: `${file} line ${line} is not a master key`,
      remedy: 'A master key is a Fernet key: 32 random bytes as base64url with padding, 44 characters that end in "=".',
    });
  }
}
