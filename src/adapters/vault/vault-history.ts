import type { BasePaths } from '../../domain/home/home-paths.js';
import { toUtcText, type Clock } from '../../kernel/time.js';
import { Fernet } from '../fernet/fernet.js';
import type { FernetKey } from '../fernet/key.js';
import { syncFolder } from '../files/atomic-write.js';
import { BACKUP_KEY, GenerationReader } from './generation.js';
import {
  allBackups,
  BackupOpener,
  backupName,
  backupsBefore,
  KEPT_GENERATIONS,
  unchained,
  type BackupRecord,
} from './vault-backups.js';
import { ensureVaultFolder, namesIn, readVaultFile, removeTree, renameDurably, writeVaultFile } from './vault-files.js';
import type { Wrapping } from './wrapped-key.js';

const GENERATION = /^gen-(\d{1,9})$/;
const PENDING = /^(.+)\.pending-(\d{1,9})$/;
/** Left by a rotation that destroys all generations before this one. */
const DESTROY = /^destroy-before-(\d{1,9})$/;

/** Number in the name of a generation's folder, such as `gen-3`; undefined for any other name. */
export function generationNumber(name: string): number | undefined {
  const digits = GENERATION.exec(name)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/** The backup keys of the generation in use and of the next one. */
export interface BackupKeys {
  readonly old: FernetKey;
  readonly next: FernetKey;
  readonly master: Wrapping | undefined;
}

/**
 * The earlier generations: kept encrypted, then deleted. A backup is pending until the generation whose key opens it is
 * current, so that an interrupted rotation leaves none that nobody can open.
 */
export class VaultHistory {
  constructor(
    private readonly paths: BasePaths['storage'],
    private readonly clock: Clock,
    private readonly onStep: (step: string) => void,
  ) {}

  /**
   * Writes every file of generation `n` into one token under a key of generation `n + 1`, and the backups that are kept
   * with it again under the same key: a destroyed one opens with no key that is left, even from a copy.
   */
  keep(n: number, { old, next, master }: BackupKeys): void {
    const generation = this.paths.vaultGeneration(n);
    const madeAt = toUtcText(this.clock.now());
    const reader = new GenerationReader(generation, master, this.clock);
    const files = [
      ...reader
        .keyNames()
        .filter((name) => name !== BACKUP_KEY)
        .map((name) => generation.key(name)),
      ...reader.secretNames().map((name) => generation.secret(name)),
      generation.envBot,
    ].map((file) => [file.slice(generation.dir.length + 1), readVaultFile(file)] as const);
    const write = (name: string, record: BackupRecord): void => {
      const pending = `${this.paths.vaultBackups}/${name}.pending-${n + 1}`;
      removeTree(pending);
      writeVaultFile(pending, new Fernet(next, this.clock).encrypt(JSON.stringify(record)));
      this.onStep(`backup ${record._record}`);
    };
    ensureVaultFolder(this.paths.vaultBackups);
    write(backupName(n, madeAt), { _record: `gen-${n}`, madeAt, files: Object.fromEntries(files) });
    const opener = new BackupOpener(old, master, this.clock);
    for (const backup of backupsBefore(n, this.paths.vaultBackups).slice(0, KEPT_GENERATIONS - 1)) {
      const record = opener.open(backup);
      if (record !== undefined) write(backup.name, unchained(record));
    }
    syncFolder(this.paths.vaultBackups);
  }

  /** Says, before generation `n` is current, that everything before it is to be destroyed then. */
  condemn(n: number): void {
    ensureVaultFolder(this.paths.vaultBackups);
    const marker = `${this.paths.vaultBackups}/destroy-before-${n}`;
    removeTree(marker);
    writeVaultFile(marker, `all generations before ${n} are destroyed`);
    syncFolder(this.paths.vaultBackups);
  }

  /**
   * Completes or undoes an interrupted rotation: with `current` in use (undefined: none), backups that it opens get
   * their names; partial generations, their backups, and earlier generations with a backup are deleted. Then it deletes
   * the backups before the newest KEPT_GENERATIONS.
   */
  tidy(current: number | undefined): void {
    this.#destroyCondemned(current);
    for (const name of namesIn(this.paths.vaultBackups)) {
      const [, kept, opener] = PENDING.exec(name) ?? [];
      if (kept === undefined) continue;
      const path = `${this.paths.vaultBackups}/${name}`;
      if (Number(opener) <= (current ?? 0)) renameDurably(path, `${this.paths.vaultBackups}/${kept}`);
      else removeTree(path);
      this.onStep(`named ${kept}`);
    }
    for (const name of namesIn(this.paths.vault)) {
      if (name.startsWith('.current.') || this.isOver(name, current)) removeTree(`${this.paths.vault}/${name}`);
    }
    this.onStep('folders deleted');
    this.#prune(current ?? 0);
  }

  /** Numbers of the earlier generations that are kept, newest first. */
  kept(current: number): readonly number[] {
    return [...new Set(backupsBefore(current, this.paths.vaultBackups).map(({ generation }) => generation))];
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

  /** The oldest first, so that a crash leaves no gap. */
  #prune(current: number): void {
    const surplus = [...backupsBefore(current, this.paths.vaultBackups)].slice(KEPT_GENERATIONS).reverse();
    for (const { path, generation } of surplus) {
      removeTree(path);
      this.onStep(`pruned gen-${generation}`);
    }
    if (surplus.length > 0) syncFolder(this.paths.vaultBackups);
  }

  /** The marker goes last: what a crash left is destroyed by the next start or rotation. */
  #destroyCondemned(current: number | undefined): void {
    const folder = this.paths.vaultBackups;
    for (const name of namesIn(folder)) {
      const n = DESTROY.exec(name)?.[1];
      if (n === undefined) continue;
      if (Number(n) <= (current ?? 0)) this.#destroy(current);
      removeTree(`${folder}/${name}`);
      syncFolder(folder);
      this.onStep('destroyed');
    }
  }

  #destroy(current: number | undefined): void {
    const folder = this.paths.vaultBackups;
    const pending = namesIn(folder).filter((name) => PENDING.test(name));
    const gone = [
      ...this.leftOvers(current),
      ...allBackups(folder).map(({ path }) => path),
      ...pending.map((name) => `${folder}/${name}`),
    ];
    for (const path of gone) {
      removeTree(path);
      this.onStep(`destroyed ${path.slice(path.lastIndexOf('/') + 1)}`);
    }
    for (const place of [this.paths.vault, folder]) syncFolder(place);
  }

  private isOver(name: string, current: number | undefined): boolean {
    const n = generationNumber(name);
    if (n === undefined || n === current) return false;
    // An earlier one without a backup must not be deleted: `check` reports it.
    return n > (current ?? 0) || namesIn(this.paths.vaultBackups).some((kept) => kept.startsWith(`vault_gen-${n}_`));
  }
}
