import type { Clock } from '../../kernel/time.js';
import { TradeBotError } from '../../kernel/errors.js';
import { Fernet } from '../fernet/fernet.js';
import { FernetKey } from '../fernet/key.js';
import { BACKUP_KEY } from './generation.js';
import { namesIn, readVaultFile } from './vault-files.js';
import { unwrapKey, type Wrapping } from './wrapped-key.js';

/** Earlier generations that are kept; each rotation destroys those before them. */
export const KEPT_GENERATIONS = 5;

const BACKUP = /^vault_gen-(\d{1,9})_[0-9TZ]+\.json\.enc$/;
/** Only in backups of versions up to 0.2.0: the key of the backup before it. */
const CHAINED_KEY = `keys/${BACKUP_KEY}.key`;

/** The backup of an earlier generation. */
export interface VaultBackup {
  readonly generation: number;
  readonly name: string;
  readonly path: string;
}

/** The content of a backup. */
export interface BackupRecord {
  readonly _record: string;
  readonly madeAt: string;
  readonly files: Readonly<Record<string, string>>;
}

export function backupName(generation: number, madeAt: string): string {
  return `vault_gen-${generation}_${madeAt.replaceAll(/[-:.]/g, '')}.json.enc`;
}

/**
 * Backups of the generations before `current`, newest first. Those of later ones, which a restored older vault finds, are
 * not its own: they count when it has come so far.
 */
export function backupsBefore(current: number, folder: string): readonly VaultBackup[] {
  return allBackups(folder)
    .filter(({ generation }) => generation < current)
    .sort((a, b) => b.generation - a.generation || (a.name < b.name ? 1 : -1));
}

export function allBackups(folder: string): readonly VaultBackup[] {
  return namesIn(folder).flatMap((name) => {
    const digits = BACKUP.exec(name)?.[1];
    return digits === undefined ? [] : [{ generation: Number(digits), name, path: `${folder}/${name}` }];
  });
}

/** A backup without its key to the one before it: what was destroyed must not open from what is kept. */
export function unchained(record: BackupRecord): BackupRecord {
  const files = Object.entries(record.files).filter(([name]) => name !== CHAINED_KEY);
  return { ...record, files: Object.fromEntries(files) };
}

/** Opens backups from the newest to the oldest: each with the key of the generation in use, or with one in a newer backup. */
export class BackupOpener {
  readonly #keys: FernetKey[];

  constructor(
    key: FernetKey,
    private readonly master: Wrapping | undefined,
    private readonly clock: Clock,
  ) {
    this.#keys = [key];
  }

  /** Undefined when nothing at hand opens it: it is damaged, or its keys are under a master key that is gone. */
  open({ path, generation }: VaultBackup): BackupRecord | undefined {
    const token = readVaultFile(path);
    for (const key of this.#keys) {
      const record = this.#openWith(key, token);
      if (record?._record !== `gen-${generation}`) continue;
      this.#remember(path, record.files[CHAINED_KEY]);
      return record;
    }
    return undefined;
  }

  #openWith(key: FernetKey, token: string): BackupRecord | undefined {
    try {
      return JSON.parse(new Fernet(key, this.clock).decryptText(token)) as BackupRecord;
    } catch (error) {
      if (error instanceof TradeBotError || error instanceof SyntaxError) return undefined;
      throw error;
    }
  }

  #remember(file: string, text: string | undefined): void {
    if (text === undefined) return;
    try {
      this.#keys.push(FernetKey.parse(unwrapKey({ file, name: BACKUP_KEY, text }, this.master)));
    } catch (error) {
      if (!(error instanceof TradeBotError)) throw error;
    }
  }
}
