import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { configError } from '../../kernel/errors.js';

/** Options of the URL that name a file, with what each must hold. */
const HOLDS = {
  tlsCAFile: 'certificate',
  userCertFile: 'certificate',
  userKeyFile: 'private key',
} as const;

export type FileOption = keyof typeof HOLDS;
export const FILE_OPTIONS = Object.keys(HOLDS) as readonly FileOption[];

export function isFileOption(key: string): key is FileOption {
  return Object.hasOwn(HOLDS, key);
}

const LARGEST_BYTES = 1_048_576;
const BLOCK = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/**
 * Checks a file that the URL names before the client reads it, which takes a file without any certificate silently. Throws
 * ConfigError `JOURNAL_TLS_FILE_MISSING` or `JOURNAL_TLS_FILE_INVALID`.
 */
export function checkTlsFile(option: FileOption, file: string): void {
  const fault = faultOf(option, file);
  if (fault === undefined) return;
  throw configError({
    code: fault === MISSING ? 'JOURNAL_TLS_FILE_MISSING' : 'JOURNAL_TLS_FILE_INVALID',
    message: `the ${option} of the journal's URL, ${file}, ${fault}`,
    remedy: `Give the absolute path of a PEM file with a ${HOLDS[option]} that this user may read.`,
    details: { option, file },
  });
}

const MISSING = 'does not exist';

function faultOf(option: FileOption, file: string): string | undefined {
  if (!isAbsolute(file)) return 'is not an absolute path';
  const stat = statSync(file, { throwIfNoEntry: false });
  if (stat === undefined) return MISSING;
  if (!stat.isFile()) return 'is not a file';
  if (stat.size > LARGEST_BYTES) return `has more than ${LARGEST_BYTES} bytes`;
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    return `cannot be read (${(error as NodeJS.ErrnoException).code ?? 'no reason given'})`;
  }
  return isUsable(option, text) ? undefined : `holds no readable ${HOLDS[option]}`;
}

function isUsable(option: FileOption, text: string): boolean {
  try {
    if (option === 'userKeyFile') return createPrivateKey(text).type === 'private';
    const blocks = text.match(BLOCK) ?? [];
    return blocks.map((block) => new X509Certificate(block)).length > 0;
  } catch {
    return false;
  }
}
