import { readFileSync } from 'node:fs';
import { systemErrorCode, causeText } from '../../adapters/files/system-error.js';
import { configError } from '../../kernel/errors.js';

/** Keys that `.env` may hold (CFG-4): paths, ports and the home. */
const DOT_ENV_KEYS = [
  'TRADEBOT_HOME',
  'TRADEBOT_HOST',
  'TRADEBOT_PORT',
  'TRADEBOT_TLS_CERT',
  'TRADEBOT_TLS_KEY',
  'TRADEBOT_ALLOW_PLAIN_REMOTE',
  'TRADEBOT_MASTER_KEY_FILE',
  'TRADEBOT_TERMINAL_LOST',
] as const;
export type DotEnvKey = (typeof DOT_ENV_KEYS)[number];
export type DotEnv = Readonly<Partial<Record<DotEnvKey, string>>>;

const CREDENTIAL = /pass|secret|token|api_?key|credential|private|_key$|user_?name|account/i;
const LINE = /^(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(?:"([^"]*)"|'([^']*)'|(.*?))\s*$/;
const MOST_BYTES = 64_000;

/**
 * Reads the `.env` at `path`; empty when there is none. Throws ConfigError DOT_ENV_INVALID with all faults by line, never
 * with a value: a key that looks like a credential is refused, because this file is not encrypted.
 */
export function readDotEnv(path: string): DotEnv {
  const text = textOf(path);
  const found: Partial<Record<DotEnvKey, string>> = {};
  const faults = text.split(/\r?\n/).flatMap((raw, at): readonly string[] => {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) return [];
    const [, key = '', double, single, plain = ''] = LINE.exec(line) ?? [];
    if (key === '') return [`line ${at + 1} is not KEY=value`];
    if (!isKey(key)) {
      return [
        CREDENTIAL.test(key)
          ? `line ${at + 1}: ${key} looks like a credential; store it in the settings or secrets of the bot`
          : `line ${at + 1}: unknown key ${key}`,
      ];
    }
    if (found[key] !== undefined) return [`line ${at + 1} sets ${key} again`];
    found[key] = double ?? single ?? plain;
    return [];
  });
  if (faults.length === 0) return found;
  throw configError({
    code: 'DOT_ENV_INVALID',
    message: `${path}: ${faults.slice(0, 20).join('; ')}`,
    remedy: `Allowed keys: ${DOT_ENV_KEYS.join(', ')}.`,
    details: { faults: faults.length },
  });
}

function isKey(key: string): key is DotEnvKey {
  return (DOT_ENV_KEYS as readonly string[]).includes(key);
}

function textOf(path: string): string {
  try {
    const text = readFileSync(path, 'utf8');
    if (text.length <= MOST_BYTES) return text;
  } catch (cause) {
    if (systemErrorCode(cause) === 'ENOENT') return '';
    throw unreadable(path, causeText(cause), systemErrorCode(cause) === 'EACCES' ? DENIED : undefined);
  }
  throw unreadable(path, `it is larger than ${MOST_BYTES} bytes`);
}

const DENIED = 'Run as the user who owns the folder, or give --home a folder of your own.';

function unreadable(path: string, why: string, remedy = 'Correct or remove the file.'): Error {
  return configError({
    code: 'DOT_ENV_UNREADABLE',
    message: `${path} cannot be read: ${why}`,
    remedy,
  });
}
