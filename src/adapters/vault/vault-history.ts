import type { BasePaths } from '../../domain/home/home-paths.js';
import { toUtcText, type Clock } from '../../kernel/time.js';
import { Fernet } from '../fernet/fernet.js';
import type { FernetKey } from '../fernet/key.js';
import { KEY_NAMES, SECRET_NAMES } from './generation.js';
import { ensureVaultFolder, namesIn, readVaultFile, removeTree, renameDurably, writeVaultFile } from './vault-files.js';

const GENERATION = /^gen-(\d{1,9})$/;
const PENDING = /^(.+)\.pending-(\d{1,9})$/;

/** Number in the name of a generation's folder, such as `gen-3`; undefined for any other name. */
export function generationNumber(name: string): number | undefined {
  const digits = GENERATION.exec(name)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/**
 * The earlier generations: kept encrypted, then deleted. A backup is pending until the generation whose key opens it is
 * current, so that an interrupted rotation leaves none that nobody can open.
 */
export class VaultHistory {
  constructor(
    private readonly paths: BasePaths['storage'],
    private readonly clock: Clock,
  ) {}

  /** Writes every file of generation `n` into one token under a key of generation `n + 1`. */
  keep(n: number, key: FernetKey): void {
    const generation = this.paths.vaultGeneration(n);
    const madeAt = toUtcText(this.clock.now());
    const files = [
      ...KEY_NAMES.map((name) => generation.key(name)),
      ...SECRET_NAMES.map((name) => generation.secret(name)),
      generation.envBot,
    ].map((file) => [file.slice(generation.dir.length + 1), readVaultFile(file)] as const);
    const record = { _record: `gen-${n}`, madeAt, files: Object.fromEntries(files) };
    ensureVaultFolder(this.paths.vaultBackups);
    const name = `vault_gen-${n}_${madeAt.replaceAll(/[-:.]/g, '')}.json.enc`;
    const pending = `${this.paths.vaultBackups}/${name}.pending-${n + 1}`;
    removeTree(pending);
    writeVaultFile(pending, new Fernet(key, this.clock).encrypt(JSON.stringify(record)));
  }

  /**
   * Completes or undoes an interrupted rotation: with `current` in use (undefined: none), backups that it opens get
   * their names; partial generations, their backups, and earlier generations with a backup are deleted.
   */
  tidy(current: number | undefined): void {
    for (const name of namesIn(this.paths.vaultBackups)) {
      const [, kept, opener] = PENDING.exec(name) ?? [];
      if (kept === undefined) continue;
      const path = `${this.paths.vaultBackups}/${name}`;
      if (Number(opener) <= (current ?? 0)) renameDurably(path, `${this.paths.vaultBackups}/${kept}`);
      else removeTree(path);
    }
    for (const name of namesIn(this.paths.vault)) {
      if (name.startsWith('.current.') || this.isOver(name, current)) removeTree(`${this.paths.vault}/${name}`);
    }
  }

  /** Folders of generations that are not in use: a crash left them, and the next rotation deletes them. */
  leftOvers(current: number | undefined): readonly string[] {
    return namesIn(this.paths.vault)
      .filter((name) => generationNumber(name) !== undefined && generationNumber(name) !== current)
      .map((name) => `${this.paths.vault}/${name}`);
  }

  /** Those that the next rotation keeps: earlier ones without a backup. */
  unkept(current: number): readonly string[] {
    return this.leftOvers(current).filter((path) => !this.isOver(path.slice(this.paths.vault.length + 1), current));
  }

  private isOver(name: string, current: number | undefined): boolean {
    const n = generationNumber(name);
    if (n === undefined || n === current) return false;
    // An earlier one without a backup must not be deleted: `check` reports it.
    return n > (current ?? 0) || namesIn(this.paths.vaultBackups).some((kept) => kept.startsWith(`vault_gen-${n}_`));
  }
}
