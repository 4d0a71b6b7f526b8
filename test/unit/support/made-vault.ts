import { readFileSync } from 'node:fs';
import { FileVault } from '../../../src/adapters/vault/file-vault.js';
import { basePaths, type BasePaths } from '../../../src/domain/home/home-paths.js';
import { secret } from '../../../src/kernel/secret.js';
import { epochMs } from '../../../src/kernel/time.js';
import { KEY_CATEGORIES } from '../../../src/ports/vault.js';
import { temporaryHome } from './home.js';

/** A password in the first generation: it may show nowhere. */
export const CANARY = 'canary-7c1f-password';
export const FIRST = {
  envBot: secret(`MAX_TRADES=4\n# ${CANARY}\n`),
  secrets: { smtp: { SMTP_HOST: secret('mail.example.com'), SMTP_PASSWORD: secret(CANARY) } },
};

export interface Made {
  readonly home: string;
  readonly paths: BasePaths['storage'];
  readonly vault: FileVault;
  readonly reopened: (masterKeyFile?: string | null) => FileVault;
}

export function vaultAt(home: string, masterKeyFile: string | null = null): FileVault {
  let now = 1_700_000_000_000;
  const clock = { now: () => epochMs((now += 1_000)) };
  return new FileVault({ paths: basePaths(home).storage, clock, masterKeyFile });
}

/** A vault with its first generation, in a temporary home. */
export function made(masterKeyFile: string | null = null): Made {
  const home = temporaryHome();
  const vault = vaultAt(home, masterKeyFile);
  vault.create(FIRST);
  return {
    home,
    paths: basePaths(home).storage,
    vault,
    reopened: (file = masterKeyFile) => vaultAt(home, file),
  };
}

export const keysOf = ({ paths }: Made): readonly string[] =>
  KEY_CATEGORIES.map((name) => readFileSync(`${paths.keys}/${name}.key`, 'utf8').trim());
